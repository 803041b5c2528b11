"""From the lines of a run to tables: medians with their spread, the ratios to Flowrra, and what each system promises."""

import statistics

from systems import SYSTEMS

BY_NAME = {system.name: system for system in SYSTEMS}
RATES = {"one": "submit, one at a time /s", "bulk": "submit, bulk /s", "drain": "drain, tasks/s"}
TIMES = {"p50": "submit → result p50 ms", "p99": "p99 ms"}
KINDS = ("io", "cpu")


def values(lines, system, figure):
    """By round."""
    return {line["round"]: line[figure] for line in lines if line["system"] == system and figure in line}


def short(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def cell(by_round):
    """The median, and how far the rounds are apart in parts of it."""
    if not by_round:
        return "–"
    all_of_them = list(by_round.values())
    median = statistics.median(all_of_them)
    spread = (max(all_of_them) - min(all_of_them)) / 2 / median if median else 0
    return f"{short(median)} ±{spread * 100:.0f} %" if len(all_of_them) > 1 else short(median)


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
    head = ["system", "an acknowledged task survives", "results", "priority", "fenced"]
    return [head, *([name, *(getattr(BY_NAME[name], what) for what in ("durable", "results", "priority", "fenced"))]
                    for name in measured(lines))]


def ratios(lines):
    columns = [("one", "io"), ("bulk", "io"), ("drain", "io"), ("drain", "cpu"), ("p50", "io"), ("p50", "cpu")]
    names = {"one": "submit", "p50": "latency"}
    head = ["Flowrra, over", "beside", *(f"{names.get(figure, figure)} {kind}" if figure not in ("one", "bulk") else
                                         names.get(figure, figure) for figure, kind in columns)]
    rows = []
    for name in measured(lines):
        if name.startswith("flowrra-"):
            continue
        found = [ratio(lines, name, kind, figure) for figure, kind in columns]
        rows.append([BY_NAME[name].beside, name, *("–" if one is None else f"{short(one)}" for one in found)])
    return [head, *rows] if rows else []


def drawn(rows, markdown):
    if not rows:
        return ""
    if markdown:
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows)


def tables(lines, markdown=False):
    parts = [drawn(table(lines), markdown) for table in (figures, ratios, promises)]
    return "\n\n".join(part for part in parts if part)
