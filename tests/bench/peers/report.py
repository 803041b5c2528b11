#!/usr/bin/env python3
"""From the lines of a run to tables: medians with quartiles, the ratios to Flowrra, and what each system promises.

usage: report.py LINES.jsonl [FILE.md]      prints the tables as Markdown, or puts them between the marks in a file
"""

import json
import pathlib
import statistics
import sys

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent))
from goals import Goal
from systems import SYSTEMS
from tables import markdown, put_between_marks, quartiles, short, text

MARKS = ("<!-- from here: tests/bench/peers/report.py -->", "<!-- to here -->")
BY_NAME = {system.name: system for system in SYSTEMS}
RATES = {"one": "submit, one at a time /s", "bulk": "submit, bulk /s", "drain": "drain, tasks/s"}
TIMES = {"p50": "latency p50 ms", "p99": "p99 ms"}


def values(lines, system, figure):
    """By round."""
    return {line["round"]: line[figure] for line in lines if line["system"] == system and figure in line}


def cell(by_round):
    """The median, and the quartiles on both sides of it."""
    if not by_round:
        return "–"
    low, median, high = quartiles(by_round.values())
    return f"{short(median)} ({short(low)}–{short(high)})" if len(by_round) > 1 else short(median)


def ratio(lines, peer, kind, figure):
    """How many times better Flowrra is, in each round: more tasks a second, or less time."""
    flowrra = values(lines, f"flowrra-{BY_NAME[peer].beside}-{kind}", figure)
    other = values(lines, peer, figure)
    both = [(flowrra[number], other[number]) for number in flowrra if other.get(number)]
    if not both:
        return None
    return statistics.median(b / a if figure in TIMES else a / b for a, b in both)


def measured(lines):
    """The systems of these lines, in the order of the table."""
    return [name for name in BY_NAME if any(line["system"] == name for line in lines)]


def figures(lines):
    head = ["system", *RATES.values(), *TIMES.values(), "worker MiB"]
    rows = [[name, *(cell(values(lines, name, figure)) for figure in (*RATES, *TIMES, "rss"))]
            for name in measured(lines)]
    return [head, *rows]


def promises(lines):
    columns = {"acknowledged survives": "durable", "task of a killed worker": "killed", "results": "results",
               "priority": "priority", "fenced": "fenced"}
    rows = [[name, *(getattr(BY_NAME[name].promises, what) for what in columns.values())] for name in measured(lines)]
    return [["system", *columns], *rows]


# So many times better a drain is to be, of both kinds of tasks.
GOALS = {**dict.fromkeys(("celery-prefork", "celery-threads", "sidekiq", "bullmq", "bee-queue"), Goal("≥", 5)),
         "graphile-worker": Goal("≥", 2.5), "gearman": Goal(">", 1), "beanstalkd": Goal(">", 1)}


def goal(name, drains):
    return GOALS[name].text(min(drains)) if name in GOALS and None not in drains else "–"


def ratios(lines):
    columns = {"submit": ("one", "io"), "bulk": ("bulk", "io"), "drain, io": ("drain", "io"),
               "drain, cpu": ("drain", "cpu"), "latency, io": ("p50", "io"), "latency, cpu": ("p50", "cpu")}
    rows = []
    for name in measured(lines):
        if name.startswith("flowrra-"):
            continue
        found = [ratio(lines, name, kind, figure) for figure, kind in columns.values()]
        rows.append([f"flowrra-{BY_NAME[name].beside}", name, *("–" if one is None else short(one) for one in found),
                     goal(name, found[2:4])])
    return [["so many times better is", "than", *columns, "drain, to reach"], *rows] if rows else []


def tables(lines, form=text):
    if form is markdown:  # promises and figures side by side
        kept = [ours + theirs[1:] for ours, theirs in zip(promises(lines), figures(lines))]
        parts = [kept, ratios(lines)]
    else:
        parts = [table(lines) for table in (figures, ratios, promises)]
    return "\n\n".join(form(rows) for rows in parts if rows)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    page = tables([json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines()], markdown)
    if len(sys.argv) == 3:
        put_between_marks(pathlib.Path(sys.argv[2]), MARKS, page)
    else:
        print(page)


if __name__ == "__main__":
    main()
