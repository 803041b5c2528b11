"""The plots of docs/performance.md, one a series."""

import drawing
from goals import ROWS

STORES = ("sqlite", "redis")
LINEAR = 30.0  # bars that differ by more than this have a logarithmic scale
MOST = 4.0  # times better than a goal: what is more is drawn as this


def growth(figures, folder):
    image, axes = drawing.start("cost of a push + take + settle beside so many tasks, in proportion to 1,000 of them; black: goals", 3.2)
    series = {}
    for store in STORES:
        for what, told in (("backlog", "that wait in front"), ("results", "that have ended")):
            points = figures.points("growth", f"{store}, {what}, life", "ratio_low", "ratio", "ratio_high")
            if points:
                series[f"{store}: {told}"] = points
    if not series:
        return
    drawing.lines(axes, series)
    for tasks, bound in ((1e6, 1.3), (1e7, 1.6)):
        axes.plot([tasks / 1.25, tasks * 1.25], [bound, bound], color="black", linewidth=1.2)
    axes.set_ylim(0, 2)
    drawing.save(image, folder / "growth.svg")


def rates(figures, folder, name, series, title):
    """Tasks a second by how many there are of something."""
    found = {what: figures.points(series, what, "low", "figure", "high") for what in figures.series.get(series, {})
             if figures.of(series, what)["unit"] == "/s"}
    if found:
        image, axes = drawing.start(title, 3.2)
        drawing.lines(axes, found)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        drawing.save(image, folder / f"{name}.svg")


def side_by_side(figures, folder, name, title, series, wanted=lambda what: True, place=None):
    """A bar for each figure, and one for what it is beside; those of a unit on axes of their own. Of figures at several
    places those at `place` or, where it is none of them, at the furthest."""
    units = {}
    for each in series:
        for what in figures.series.get(each, {}):
            if not wanted(what):
                continue
            line = figures.of(each, what, place) or figures.of(each, what)
            rows = units.setdefault(line["unit"], [])
            label = what.removesuffix(", beside single")
            if len(series) > 1:
                label = f"{each.removeprefix('processor time, ')}: {label}"
            rows.append((label, drawing.OURS, line["low"], line["figure"], line["high"]))
            if "bare" in line:
                rows.append(("beside", drawing.THEIRS, line["bare"], line["bare"], line["bare"]))
    if units:
        image, all_axes = drawing.start_parts(title, [0.2 * len(rows) + 0.7 for rows in units.values()])
        for axes, (unit, rows) in zip(all_axes, units.items()):
            drawing.bars(axes, range(len(rows)), rows)
            highest = max(row[4] for row in rows)
            if highest < LINEAR * min(row[3] for row in rows):
                axes.set_xscale("linear")
                axes.set_xlim(0, 1.15 * highest)
            if axes.get_xscale() == "linear":
                axes.xaxis.set_major_formatter("{x:,g}")
            axes.set_xlabel(unit.replace("us", "µs"))
        drawing.save(image, folder / f"{name}.svg")


def batches(figures, folder):
    series = {}
    for store in STORES:
        for what in ("push", "drain"):
            points = figures.points("batches", f"{store} {what}", "ratio_low", "ratio", "ratio_high")
            if points:
                series[f"{store}: {what}"] = points
    if series:
        image, axes = drawing.start("of a bare program's speed, by the size of the batches", 3.2)
        drawing.lines(axes, series)
        drawing.save(image, folder / "batches.svg")


def latency(figures, folder):
    rows, places = [], []
    for what, quantiles in figures.series.get("latency", {}).items():
        if not all("bare" in line for line in quantiles.values()):
            continue
        for quantile, line in sorted(quantiles.items()):
            label = f"{what}, p{quantile:g}"
            rows.append((label, drawing.OURS, line["low"], line["figure"], line["high"]))
            rows.append(("bare", drawing.THEIRS, line["bare"], line["bare"], line["bare"]))
            places += [1.3 * len(rows), 1.3 * len(rows) + 0.9]
    if rows:
        image, axes = drawing.start("ms from the submission to the result on an idle node, and of a bare program",
                                    0.17 * len(rows) + 0.9)
        drawing.bars(axes, places, rows)
        drawing.save(image, folder / "latency.svg")


def ratios(figures, folder):
    """How far each goal is reached: 1 is the goal, whether it bounds from above or from below."""
    rows = []
    heading = ""
    for row in ROWS:
        line = figures.of(row.series, row.what, row.place)
        heading = heading if row.label.startswith("…") else row.label
        value = row.goal.value(line) if row.goal and line else None
        if value is not None:
            label = row.label if row.label == heading else f"{heading.split(', ')[0]} {row.label}"
            reached = min(row.goal.share(value), MOST)
            color = drawing.OURS if row.goal.reached(value) else drawing.THEIRS
            rows.append((label.replace("`", ""), color, reached, reached, reached))
    if rows:
        image, axes = drawing.start("times better than the goal; grey: missed", 0.24 * len(rows) + 0.9)
        drawing.bars(axes, range(len(rows)), rows)
        axes.margins(y=0.02)
        axes.set_xscale("linear")
        axes.set_xlim(0, 1.1 * MOST)
        axes.axvline(1, color="black", linewidth=0.8)
        drawing.save(image, folder / "ratios.svg")


def draw_all(figures, folder):
    folder.mkdir(parents=True, exist_ok=True)
    growth(figures, folder)
    rates(figures, folder, "hosts", "cpu hosts", "no-op cpu tasks a second, memory store, by cpu hosts")
    rates(figures, folder, "nodes", "nodes", "no-op tasks a second of all nodes together, by nodes on two cores")
    batches(figures, folder)
    latency(figures, folder)
    side_by_side(figures, folder, "drain", "a node drains 100,000 no-op tasks", ("node", "one node"),
                 lambda what: "drain" in what or what.startswith("redis"))
    side_by_side(figures, folder, "pools", "no-op tasks through the pools, memory store, beside an echo with a system call for each",
                 ("pool",),
                 lambda what: "single" in what)
    side_by_side(figures, folder, "millisecond", "tasks of 1 ms, beside hosts and places that never wait",
                 ("tasks of 1 ms",))
    side_by_side(figures, folder, "submit", "flowrra submit", ("submit",),
                 lambda what: what != "32 processes beside bare")
    side_by_side(figures, folder, "reload", "reloads of the plugins under load, beside no reloads", ("reload",))
    side_by_side(figures, folder, "processor-time", "processor time of a no-op task",
                 tuple(f"processor time, {store}" for store in ("memory", "SQLite", "Redis")),
                 lambda what: "1 ms" not in what and not what[0].isdigit())
    side_by_side(figures, folder, "memory", "memory of a task beside 1,000,000, and of processes", ("memory", "node"),
                 lambda what: "a task" in what or "io task" in what or "resident" in what, 1e6)
    ratios(figures, folder)
