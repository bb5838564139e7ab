"""Studies of sampled parameters: where the samples lie, how a measure follows each parameter, and how it is distributed."""

import textwrap
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.cm import ScalarMappable
from matplotlib.ticker import FuncFormatter, LogFormatterSciNotation, LogLocator, MaxNLocator, NullFormatter
from scipy.stats import rankdata

from .. import style
from ..results import ResultsError
from .colours import INK, Colours, legend_below, make_colours, mark_handles, text_handles
from .grid import FAILURE, NO_VALUE, UNFINISHED, Axis, fixed_text, sampled, select, varied
from .labels import is_wide, label, plain, unit_text
from .table import FAILED, FINISHED, Column, Parameter, Study, values_of

FEW = 3  # values, below which nothing is said of their distribution
BARS = 14  # parameters that the correlations show


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's coefficient of the pairs that are both finite; NaN of fewer than FEW, or where one does not vary."""
    both = np.isfinite(a) & np.isfinite(b)
    ranks = [rankdata(values[both]) for values in (a, b)]
    if both.sum() < FEW or any(np.ptp(r) == 0 for r in ranks):
        return np.nan
    return float(np.corrcoef(ranks)[0, 1])


def correlations(study: Study, column: Column, rows: np.ndarray) -> list[tuple[Parameter, float]]:
    """Each parameter of numbers that varies with its rank correlation to the measure, the strongest first."""
    candidates = [*sampled(study), *varied(study)]
    values = column.values[rows]
    found = []
    for parameter in candidates:
        given = study.columns[parameter.name].values[rows]
        if given.dtype.kind != "U" and not np.isnan(rho := rank_correlation(given, values)):
            found.append((parameter, rho))
    return sorted(found, key=lambda pair: -abs(pair[1]))


def draw_scatter(axes: Axes, study: Study, column: Column, x: Parameter, y: Parameter | None, rows: np.ndarray) -> Colours:
    """The samples in the plane of two parameters, coloured by the measure; over one parameter, the measure itself. Crosses failed."""
    values, given = column.values[rows], column.given[rows] if column.is_text else np.isfinite(column.values[rows])
    colours = make_colours(column, list(values[given]))
    across = study.columns[x.name].values[rows]
    up = study.columns[y.name].values[rows] if y else values * colours.scale.factor
    failed = (study.state[rows] == FAILED) & ~given
    waiting = ~given & ~failed
    hues = [colours.of(value) for value in values[given]]
    size = 22 if rows.size < 100 else 12 if rows.size < 500 else 6
    axes.scatter(across[given], up[given], c=hues or None, s=size, edgecolors="0.2", linewidths=0.3, zorder=3, gid="samples")
    if y:
        axes.scatter(across[waiting], up[waiting], s=size, facecolors="none", edgecolors="0.6", linewidths=0.5, zorder=2, gid="waiting")
        axes.scatter(across[failed], up[failed], s=size + 6, marker="x", c=INK[FAILURE], linewidths=0.9, zorder=3, gid="failed")
    for line, parameter, values_on_axis in ((axes.set_xscale, x, across), (axes.set_yscale, y, up)):
        if parameter and evenly_logarithmic(parameter, values_on_axis):
            line("log")
    axes.set(xlabel=label(x), ylabel=label(y) if y else colours.label)
    for line, parameter in ((axes.xaxis, x), (axes.yaxis, y)):
        if line.get_scale() == "log":
            set_log_ticks(line, parameter)
    return colours


def evenly_logarithmic(parameter: Parameter, values: np.ndarray) -> bool:
    """Whether the samples fill a logarithmic axis more evenly than a linear one."""
    distinct = np.unique(values)
    if distinct.size < FEW:
        return False
    return Axis(parameter, np.quantile(distinct, np.linspace(0, 1, 9)).tolist()).logarithmic


def set_log_ticks(line: XAxis | YAxis, parameter: Parameter) -> None:
    """Labels that lie beside each other: within a decade at even steps, with a power of ten in the name of the axis; at 1 and 3 within two."""
    low, high = line.get_view_interval()
    if high < 10 * low:
        exponent = int(np.floor(np.log10(high)))
        exponent = exponent if abs(exponent) > 3 else 0
        line.set_major_locator(MaxNLocator(3))
        line.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 10.0**exponent:.6g}"))
        if exponent:
            line.set_label_text(f"{plain(parameter.name)} (10$^{{{exponent}}}$ {unit_text(parameter.unit)}".rstrip() + ")")
    elif high < 100 * low:
        line.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        line.set_major_formatter(LogFormatterSciNotation(minor_thresholds=(np.inf, np.inf)))
    line.set_minor_formatter(NullFormatter())


def draw_correlations(axes: Axes, found: list[tuple[Parameter, float]], count: int) -> None:
    """Bars, the strongest on top, and the range that uncorrelated values reach in 95 of 100 studies."""
    shown = found[:BARS]
    places = np.arange(len(shown))[::-1]
    rho = np.array([value for _, value in shown])
    axes.barh(places, rho, 0.62, color=np.where(rho > 0, "#0072B2", "#D55E00"), zorder=2)
    noise = min(1.0, 1.96 / np.sqrt(count - 1))
    axes.axvspan(-noise, noise, color="0.9", linewidth=0, zorder=0)
    axes.axvline(0, color="0.2", linewidth=0.6, zorder=3)
    for place, value in zip(places, rho):
        aside, away = ("left", 3) if value >= 0 else ("right", -3)
        text = f"{value:.2f}".replace("-", "−")
        axes.annotate(text, (value, place), (away, 0), textcoords="offset points", ha=aside, va="center", fontsize=6.5)
    names = ["\n".join(textwrap.wrap(parameter.name.replace(".", ". "), 18)).replace(". ", ".") for parameter, _ in shown]
    axes.set_yticks(places, [plain(name) for name in names])
    axes.set(xlim=(-1.25, 1.25), xticks=(-1, -0.5, 0, 0.5, 1), ylim=(-0.6, len(shown) - 0.4), xlabel="rank correlation (Spearman)")


def draw_histogram(axes: Axes, values: np.ndarray, name: str) -> None:
    """How the values are distributed: mean, a standard deviation to either side, and the quantiles at 5 and 95 %."""
    wide = is_wide(values)
    bins = int(np.clip(np.sqrt(values.size), 5, 30))
    edges = np.geomspace(values.min(), values.max(), bins + 1) if wide else np.linspace(*_span(values), bins + 1)
    axes.hist(values, edges, color="0.8", edgecolor="white", linewidth=0.4)
    mean, deviation = values.mean(), values.std(ddof=1)
    low, high = np.quantile(values, (0.05, 0.95))
    axes.axvspan(mean - deviation, mean + deviation, color="#0072B2", alpha=0.13, linewidth=0, label=f"± {deviation:.3g}")
    axes.axvline(mean, color="#0072B2", label=f"mean {mean:.4g}")
    axes.axvline(low, color="#D55E00", linestyle=(0, (4, 1.6)), linewidth=0.9, label=f"5 % {low:.3g}")
    axes.axvline(high, color="#D55E00", linestyle=(0, (1.2, 1.2)), linewidth=0.9, label=f"95 % {high:.3g}")
    if wide:
        axes.set(xscale="log", xlim=edges[[0, -1]])
    axes.set(xlabel=name, ylabel="cases")
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda i: ("m", "±", "5", "9").index(labels[i][0]))
    keys = [handles[i] for i in order], [labels[i].replace("-", "−") for i in order]
    axes.legend(*keys, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, columnspacing=1.0)


def _span(values: np.ndarray) -> tuple[float, float]:
    low, high = values.min(), values.max()
    margin = 0.5 * (abs(low) or 1.0) if high == low else 0.0
    return low - margin, high + margin


def draw_samples(study: Study, column: Column, x: str | None, y: str | None, at: Sequence[str]) -> plt.Figure:
    """Scatter, correlations and distribution; the scatter alone for a measure of texts or one that few cases have."""
    rows, _ = select(study, at)
    finite = np.array([]) if column.is_text else column.values[rows][np.isfinite(column.values[rows])]
    found = correlations(study, column, rows) if finite.size >= FEW else []
    across, up = _plane(study, x, y, found)
    for parameter in (across, up):
        if parameter and isinstance(values_of(study, parameter)[0], str):
            raise ResultsError(f"{study.table}: {parameter.name} holds texts: expected a parameter of numbers beside samples")
    whole = finite.size >= FEW
    figure, axes = plt.subplots(1, 3 if whole else 1, squeeze=False, figsize=(style.PAGE, 2.9) if whole else (4.4, 3.3))
    colours = draw_scatter(axes[0, 0], study, column, across, up, rows)
    if colours.norm is not None and finite.size and up:
        bar = ScalarMappable(colours.norm, style.FIELD_MAP)
        if whole:
            figure.colorbar(bar, cax=axes[0, 0].inset_axes([0, 1.07, 1, 0.045]), label=colours.label, orientation="horizontal", ticklocation="top")
        else:
            figure.colorbar(bar, ax=axes[0, 0], label=colours.label, pad=0.02, aspect=20)
    if whole:
        draw_correlations(axes[0, 1], found, finite.size)
        draw_histogram(axes[0, 2], finite * colours.scale.factor, colours.label)
    states = study.state[rows]
    missing = ~column.given[rows]
    handles = text_handles(colours) + (mark_handles({FAILURE}) if (states == FAILED).any() else [])
    if rest := [NO_VALUE if state == FINISHED else UNFINISHED for state in states[missing] if state != FAILED]:
        hollow = {"linestyle": "none", "marker": "o", "markersize": 4, "markerfacecolor": "none", "markeredgecolor": "0.6"}
        handles.append(plt.Line2D([], [], **hollow, label=" or ".join(sorted(set(rest)))))
    if handles and up:
        legend_below(figure, handles, 5)
    notes = [plain(f"{study.name}: {column.name}"), fixed_text(study, at), f"{rows.size - missing.sum()} of {rows.size} cases", study.condition]
    figure.suptitle(textwrap.fill(", ".join(note for note in notes if note), 110 if whole else 60))
    return figure


def _plane(study: Study, x: str | None, y: str | None, found: list[tuple[Parameter, float]]) -> tuple[Parameter, Parameter | None]:
    """The parameters of the scatter: those named, else those that the measure follows most."""
    taken = [study.parameter(name) for name in (x, y) if name]
    order = [p for p, _ in found if p.sampled] + sampled(study)
    free = [p for p in dict.fromkeys(order) if p not in taken]
    across = study.parameter(x) if x else free.pop(0)
    return across, study.parameter(y) if y else free.pop(0) if free else None
