"""Figures as people read them, and tables of them in a page. What the reports have in common."""

import statistics


def short(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def quartiles(figures):
    """The median between the first and the third quartile."""
    return statistics.quantiles(figures, n=4, method="inclusive") if len(figures) > 1 else list(figures) * 3


def markdown(rows):
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])


def text(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() for row in rows)


def put_between_marks(path, marks, table):
    page = path.read_text()
    begin, end = page.index(marks[0]), page.index(marks[1], page.index(marks[0]))
    path.write_text(page[: begin + len(marks[0])] + "\n\n" + table + "\n\n" + page[end:])
