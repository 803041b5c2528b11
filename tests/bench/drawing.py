"""How the plots look. Needs python3-matplotlib, which scripts/install-peers installs."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "flowrra", "font.size": 9})
import matplotlib.pyplot as plt

from tables import short

OURS, THEIRS = "#1f77b4", "#b0b0b0"
LINES = ("#1f77b4", "#17becf", "#d62728", "#ff7f0e", "#2ca02c", "#9467bd")
WIDTH = 7.2  # inches


def start(title, height):
    image, axes = start_parts(title, [height])
    return image, axes[0]


def start_parts(title, heights):
    """Axes below each other."""
    image, axes = plt.subplots(len(heights), figsize=(WIDTH, sum(heights)), layout="constrained", squeeze=False,
                               gridspec_kw={"height_ratios": heights})
    axes[0][0].set_title(title, fontsize=9, loc="left")
    for each in axes[:, 0]:
        each.spines[["top", "right"]].set_visible(False)
    return image, axes[:, 0]


def save(image, path):
    image.savefig(path, metadata={"Date": None})
    plt.close(image)


def bars(axes, places, rows):
    """A bar a row, from the top down; a row is a label, a colour, and the median between two quartiles."""
    for place, (_, color, low, median, high) in zip(places, rows):
        axes.barh(place, median, color=color, height=0.72)
        axes.plot([low, high], [place, place], color="black", linewidth=0.8)
        axes.annotate(short(median), (high, place), (4, 0), textcoords="offset points", va="center")
    axes.set_yticks(places, [label for label, *_ in rows])
    axes.set_xscale("log")
    axes.set_xlim(min(row[2] for row in rows) / 2, max(row[4] for row in rows) * 4)
    axes.invert_yaxis()


def lines(axes, series, ticks=None):
    """A line for each name; a point is its place, and the median between two quartiles."""
    for color, (name, points) in zip(LINES, series.items()):
        places, low, median, high = zip(*sorted(points))
        axes.plot(places, median, marker="o", markersize=3, linewidth=1.2, color=color, label=name)
        axes.fill_between(places, low, high, color=color, alpha=0.15, linewidth=0)
    axes.set_xscale("log")
    ticks = ticks or sorted({place for points in series.values() for place, *_ in points})
    axes.set_xticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    axes.minorticks_off()
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, fontsize=8)
