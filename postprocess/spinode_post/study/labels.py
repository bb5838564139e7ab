"""How axes, colour bars and tables of a study name its parameters and measures."""

import re

import numpy as np

from ..units import Scale, length_power, pretty, scale_for, time_scale
from .table import Column, Parameter

UNITS = {"degC": "°C", "um": "µm", "us": "µs", "1": ""}
DECADES = 2  # that a linear scale can show


def plain(text: str) -> str:
    """A text that Matplotlib draws as it is."""
    return text.replace("$", r"\$")


def file_name(text: str) -> str:
    """A text as a part of the name of a file."""
    return re.sub(r"[^\w.-]", "_", text)


def unit_text(unit: str) -> str:
    """A unit of a case file, such as "mA/cm2", with raised powers."""
    return pretty(UNITS.get(unit, unit.replace("um", "µm")))


def label(parameter: Parameter) -> str:
    """The axis of a parameter, in the unit of the user."""
    unit = unit_text(parameter.unit)
    return f"{plain(parameter.name)} ({unit})" if unit else plain(parameter.name)


def value_text(value: float | str) -> str:
    """A value of a parameter without its unit."""
    return plain(value) if isinstance(value, str) else f"{value:.6g}".replace("-", "−")


def tick_texts(values: list[float | str]) -> list[str]:
    """Values at the ticks of an axis: four digits, three of values that are not round, or as many as tell them apart."""
    round_ = all(isinstance(v, str) or np.isclose(v, float(f"{v:.6g}"), rtol=1e-9, atol=0) for v in values)
    for digits in range(4 if round_ else 3, 16):
        texts = [v if isinstance(v, str) else f"{v:.{digits}g}".replace("-", "−") for v in values]
        if len(set(texts)) == len(values):
            break
    return texts


def setting(parameter: Parameter, value: float | str) -> str:
    """ "temperature = 25 °C"."""
    return f"{plain(parameter.name)} = {value_text(value)} {unit_text(parameter.unit)}".rstrip()


def is_wide(values: np.ndarray) -> bool:
    """Whether values need a logarithmic scale: all positive, and more than DECADES between them."""
    finite = values[np.isfinite(values)]
    return finite.size > 0 and finite.min() > 0 and finite.max() > 10**DECADES * finite.min()


def measure_scale(column: Column) -> Scale:
    """The unit in which a picture shows a measure: prefixed, times as a reader says them, powers of a length with the length."""
    if column.is_text:
        return Scale(1.0, "")
    finite = column.values[np.isfinite(column.values) & (column.values != 0)]
    largest = 1.0 if not finite.size else float(np.median(finite) if is_wide(finite) else np.abs(finite).max())
    if re.fullmatch(r"m-?\d+", column.unit):
        return length_power(scale_for(abs(largest) ** (1 / int(column.unit[1:])), "m"), column.unit)
    if column.unit == "s":
        return time_scale(largest, "s")
    if column.unit == "K" or re.match(r"\w+-?\d", column.unit):
        return Scale(1.0, pretty(column.unit))
    return scale_for(largest, column.unit)
