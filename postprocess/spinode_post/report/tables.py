"""What a report tells in words and numbers: the parameters of the run, its course, and its last measures."""

import json
import re
from html import escape

import h5py
import numpy as np

from ..measures import Table, describe_column, title, unit_scale
from ..panels import length_scale, scaled
from ..results import Results, ResultsError
from ..units import format_time
from .page import markup

NAMES = {
    "x_mean": "mean <i>x</i>",
    "x_min": "least <i>x</i>",
    "x_max": "largest <i>x</i>",
    "dt": "last step",
    "length": "length 2π/<i>k</i><sub>1</sub>",
    "x_layer": "mean <i>x</i> of the layer at the separator",
    "x_face": "<i>x</i> at the separator",
}

Rows = list[tuple[str, str]]


def number(value: float) -> str:
    """Five digits, with a power of ten where the number is very large or small; ∞, and – for NaN."""
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    whole = float(value).is_integer()
    if value == 0 or 1e-3 <= abs(value) < (1e6 if whole else 99999.5):
        text = f"{value:.0f}" if whole else f"{value:.5g}"
    else:
        mantissa, exponent = f"{value:.4e}".split("e")
        text = f"{float(mantissa):g} × 10<sup>{int(exponent)}</sup>"
    return text.replace("-", "−")


def measured(results: Results, value: float, unit: str, largest: float | None = None) -> str:
    """A measure with its unit, prefixed as suits `largest` (default: the value)."""
    if unit == "s" and np.isfinite(value):
        return escape(format_time(value, unit))
    scale = unit_scale(results, abs(value) if largest is None else largest, unit)
    return f"{number(value * scale.factor)} {markup(scale.unit)}".rstrip()


def quantity(results: Results, value: object) -> str:
    """A value of the resolved case: "1e-14 m2 s-1", a number, a name, or a list of these."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, list):
        items = [": ".join(quantity(results, part) for part in item) if isinstance(item, list) else quantity(results, item) for item in value]
        return ("; " if any(isinstance(item, dict) for item in value) else ", ").join(items)
    if isinstance(value, dict):
        return " ".join(f"{escape(str(key))} {quantity(results, part)}" for key, part in value.items())
    text = str(value)
    match = re.fullmatch(r"([-+]?[\d.]+(?:[eE][-+]?\d+)?) (\S.*)", text)
    if match is None:
        return escape(text)
    return measured(results, float(match[1]), match[2])


def model(results: Results, table: dict) -> str:
    """A model by its name and what it is given, less what is nothing."""
    parts = [escape(str(table["model"]))] if "model" in table else []
    for key, value in table.items():
        if key == "model" or value == [] or re.fullmatch(r"[-+]?0(\.0*)?( .*)?", str(value)):
            continue
        if isinstance(value, dict):
            if value.get("model", "none") != "none":
                parts.append(f"{escape(key)}: {model(results, value)}")
        elif key != "tolerance":
            parts.append(f"{escape(key)} = {quantity(results, value)}")
    return ", ".join(parts)


def read_summary(results: Results) -> dict:
    """summary.json, empty while the run goes on."""
    path = results.folder / "summary.json"
    if not path.exists():
        return {}
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultsError(f"{path}: is not JSON: {error}") from None
    if not isinstance(summary, dict):
        raise ResultsError(f"{path}: expected an object")
    return summary


def parameters(results: Results) -> Rows:
    """What was run, from the resolved case."""
    config, scale, last = results.config, length_scale(results), results.snapshots[-1]
    rows = [] if results.dimensionless else [("System", f"{escape(results.host)}–{escape(results.solute)}")]

    def add(name: str, key: str) -> None:
        if isinstance(config.get(key), dict) and (text := model(results, config[key])):
            rows.append((name, text))

    add("Free energy", "free_energy")
    if "temperature" in config and not results.dimensionless:
        rows.append(("Temperature", quantity(results, config["temperature"])))
    rows.append(("Mean <i>x</i> at the start and end", " and ".join(number(x) for x in results.timeseries["x_mean"][[0, -1]])))
    add("Initial state", "initial")
    box = scaled(results.lengths, scale)
    rows.append(("Box", f"{' × '.join(f'{length:.4g}' for length in box)} {escape(scale.unit)}".rstrip()))
    if not np.allclose(last.lengths, results.lengths):
        rows.append(("Box at the end", f"{' × '.join(f'{length:.4g}' for length in scaled(last.lengths, scale))} {escape(scale.unit)}"))
    spacing = " × ".join(f"{length / n:.3g}" for length, n in zip(box, results.cells))
    rows.append(("Cells", f"{' × '.join(map(str, results.cells))}, of {spacing} {escape(scale.unit)}".rstrip()))
    rows.append(("Boundary", ", ".join(f"{axis}: {kind.replace('_', '-')}" for axis, kind in zip("xyz", results.boundary))))
    add("Gradient energy", "gradient")
    add("Mobility", "mobility")
    add("Elasticity", "elasticity")
    add("Noise", "noise")
    add("Electrode", "electrode")
    return rows


def course(results: Results, summary: dict) -> Rows:
    """How it was run: time, scheme, steps, and on what."""
    config, series, last = results.config.get("time", {}), results.timeseries, results.snapshots[-1]
    rows = [("Time", f"{escape(format_time(series['time'][-1], results.time_unit))}, {len(results.snapshots)} snapshots")]
    if "scheme" in config:
        tolerance = f", tolerance {number(config['tolerance'])}" if "tolerance" in config else ""
        rows.append(("Scheme", escape(str(config["scheme"]).replace("_", " ")) + tolerance))
    if steps := summary.get("steps"):
        by_scheme = ", ".join(f"{count} {escape(name.replace('_', ' '))}" for name, count in steps.get("accepted_by_scheme", {}).items())
        rejected = sum(steps.get("rejected", {}).values())
        rows.append(("Steps", f"{steps['accepted']} accepted{f' ({by_scheme})' if by_scheme else ''}, {rejected} rejected"))
    if wall := summary.get("wall_time_s"):
        parts = ", ".join(f"{escape(name)} {seconds:.3g} s" for name, seconds in wall.items())
        threads = f", {summary['threads']} thread{'s' if summary['threads'] != 1 else ''}" if "threads" in summary else ""
        rows.append(("Wall time", f"{escape(format_time(sum(wall.values()), 's'))} ({parts}){threads}"))
    with h5py.File(last.path) as file:
        marks = {name: file.attrs.get(name, b"") for name in ("spinode_version", "host", "created")}
    texts = {name: escape(mark.decode("utf-8", "replace") if isinstance(mark, bytes) else str(mark)) for name, mark in marks.items()}
    return rows + [(name, texts[key]) for name, key in (("spinode", "spinode_version"), ("Computer", "host"), ("Written", "created")) if texts[key]]


def final_measures(results: Results, tables: list[Table]) -> list[tuple[str, Rows]]:
    """The last row of the time series and of each table, with units."""

    def last(values: np.ndarray, unit: str) -> str:
        # What has gone back to nothing but round-off keeps the prefix of what it was.
        most = np.max(np.abs(values), where=np.isfinite(values), initial=0.0)
        return measured(results, values[-1], unit, None if 1e-9 * most < abs(values[-1]) <= most else most)

    series = results.timeseries
    rows = [(NAMES.get(name, escape(name.replace("_", " "))), last(values, series.units[name])) for name, values in series.columns.items()]
    return [("Time series", rows)] + [
        (title(table), [(markup(describe_column(results, table, name)), last(values, table.units[name])) for name, values in table.columns.items()])
        for table in tables
    ]


def flat(config: dict, prefix: str = "") -> list[str]:
    """Every key of the resolved case as "key = value"."""
    lines = []
    for key, value in config.items():
        lines += flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key} = {json.dumps(value, ensure_ascii=False)}"]
    return lines
