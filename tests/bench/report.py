#!/usr/bin/python3
"""From the figures of scripts/bench --out to the table of docs/performance.md, each beside its goal, and to the plots.

usage: report.py FIGURES.jsonl… [FILE.md]      prints the table, or puts it between the marks in a file, and draws the
                                               plots into the folder beside it that is named like the file

A figure that stands in several lines counts as the last of them says.
"""

import json
import pathlib
import sys

sys.dont_write_bytecode = True
from goals import ROWS
from tables import markdown, put_between_marks, short, text

MARKS = ("<!-- from here: tests/bench/report.py -->", "<!-- to here -->")


class Figures:
    """The lines, by series, what, and place."""

    def __init__(self, lines):
        self.series = {}
        for line in lines:
            self.series.setdefault(line["series"], {}).setdefault(line["what"], {})[line.get("x")] = line

    def of(self, series, what, place=None):
        """None where there is none. Without a place: the furthest."""
        found = self.series.get(series, {}).get(what, {})
        return found.get(place) if place is not None else found[max(found, key=lambda x: x or 0)] if found else None

    def points(self, series, what, *keys):
        """Place and so on of each line, in order; places at which there is no such key are left out."""
        found = self.series.get(series, {}).get(what, {}).values()
        return [tuple(line[key] for key in ("x", *keys)) for line in found if all(key in line for key in keys)]


def cell(line, figure="figure", low="low", high="high", unit=""):
    if not line or figure not in line:
        return ""
    spread = f" ({short(line[low])}–{short(line[high])})" if short(line[low]) != short(line[high]) else ""
    return f"{short(line[figure])}{unit}{spread}"


def unit_of(line):
    return line["unit"] if line["unit"] == "/s" else f" {line['unit']}".replace(" us", " µs")


def table(figures):
    rows = [["what", "figure", "beside", "ratio", "to reach", "command"]]
    missing = []
    command = None
    for row in ROWS:
        line = figures.of(row.series, row.what, row.place)
        if not line:
            missing.append(row.label)
            continue
        unit = unit_of(line)
        beside = f"{row.beside}: {short(line['bare'])}{unit}" if row.beside and "bare" in line else row.beside
        ratio = cell(line, "ratio", "ratio_low", "ratio_high") if row.beside else ""
        goal = row.goal.text(row.goal.value(line)) if row.goal else ""
        rows.append([row.label, cell(line, unit=unit), beside, ratio, goal,
                     f"`scripts/bench {row.bench}`" if row.bench != command else ""])
        command = row.bench
    if missing:
        print("report: no figure of: " + "; ".join(missing), file=sys.stderr)
    return rows


def main():
    paths = [pathlib.Path(word) for word in sys.argv[1:]]
    page = paths.pop() if paths and paths[-1].suffix == ".md" else None
    if not paths or any(not path.is_file() for path in paths):
        sys.exit(__doc__)
    figures = Figures(json.loads(line) for path in paths for line in path.read_text().splitlines())
    if not page:
        return print(text(table(figures)))
    put_between_marks(page, MARKS, markdown(table(figures)))
    try:
        from plots import draw_all  # here, as the table alone needs no matplotlib
    except ImportError:
        sys.exit("report: the plots need python3-matplotlib: scripts/install-peers")
    draw_all(figures, page.with_suffix(""))


if __name__ == "__main__":
    main()
