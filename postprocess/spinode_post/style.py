"""The look of all figures: fonts, colours, sizes, and how they are saved."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

COLUMN = 3.5  # inches, one journal column
PAGE = 7.2  # inches, two columns
DPI = 250

FIELD_MAP = "viridis"
# Okabe and Ito (2008): told apart with any colour vision.
PARTS = {"chemical": "#0072B2", "gradient": "#E69F00", "elastic": "#009E73", "total": "#000000"}

plt.rcParams.update(
    {
        "font.size": 8,
        "axes.titlesize": 8,
        "axes.titley": 1.0,
        "axes.labelsize": 8,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        "legend.frameon": False,
        "legend.handlelength": 1.4,
        "figure.titlesize": 8,
        "figure.constrained_layout.use": True,
        "axes.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "ytick.minor.width": 0.4,
        "lines.linewidth": 1.2,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
)


def time_colours(count: int) -> np.ndarray:
    """One colour per time, from dark to light, the lightest still clear on white."""
    return plt.get_cmap("inferno")(np.linspace(0.1, 0.78, count))


def plain_log_ticks(axis: Axis) -> None:
    """Ticks as plain numbers on a log axis; at 2 and 5 as well where it spans little."""
    low, high = axis.get_view_interval()
    wide = high / low > 50
    axis.set_major_locator(LogLocator(subs=(1.0,) if wide else (1.0, 2.0, 5.0) if high / low > 4 else (1, 1.5, 2, 3, 4, 5, 6, 7, 8)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def legend_above(axes: Axes) -> None:
    """Legend in two columns on top of a small panel, where it hides nothing."""
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=1.0, handlelength=1.2, borderaxespad=0.2)


def save(figure: plt.Figure, path: Path) -> Path:
    """Write the figure and close it."""
    figure.savefig(path, dpi=DPI, bbox_inches="tight", pad_inches=0.04)
    plt.close(figure)
    return path
