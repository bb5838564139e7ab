"""SI prefixes and unit labels for axes, and times as a reader says them."""

import math
import re
from dataclasses import dataclass

PREFIXES = {-24: "y", -21: "z", -18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
TIME_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
TIMES = TIME_UNITS | {"ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9, "ps": 1e-12}


@dataclass(frozen=True)
class Scale:
    """Multiply a value in the unit of the file by `factor` to get it in `unit` ("" for a plain number)."""

    factor: float
    unit: str

    def label(self, name: str) -> str:
        """Text of an axis: the name, and the unit where there is one."""
        return f"{name} ({self.unit})" if self.unit else name


def scale_for(largest: float, unit: str) -> Scale:
    """Prefix that puts `largest` [unit] between 1 and 1000; unit as in "J", "J m-1", "m", "1", or in mA or mAh."""
    if unit == "1":
        return Scale(1.0, "")
    own = -3 if unit.startswith("mA") else 0
    exponent = _exponent(largest * 10.0**own)
    return Scale(10.0 ** (own - exponent), PREFIXES[exponent] + pretty(unit.removeprefix("m") if own else unit))


def length_power(scale: Scale, unit: str) -> Scale:
    """The scale of a power of a length ("m-1", "m3") that goes with the scale of the lengths themselves."""
    if unit == "1":
        return Scale(1.0, "")
    power = int(unit.removeprefix("m") or 1)
    return Scale(scale.factor**power, f"{scale.unit}{_superscript(power)}")


def time_scale(largest: float, unit: str) -> Scale:
    """Seconds with a prefix up to a minute or two, then minutes, hours or days."""
    if unit == "1":
        return Scale(1.0, "")
    if largest < 120:
        return scale_for(largest, unit)
    name = "min" if largest < 7200 else "h" if largest < 172800 else "d"
    return Scale(1 / TIME_UNITS[name], name)


def format_time(time: float, unit: str) -> str:
    """A time in three digits: "1.5 µs", "20 h", "3000"."""
    scale = time_scale(time, unit) if time > 0 else Scale(1.0, "" if unit == "1" else unit)
    value = time * scale.factor
    return f"{value:.0f} {scale.unit}".strip() if 999.5 <= value < 1e6 else f"{value:.3g} {scale.unit}".strip()


def parse_time(text: str) -> float:
    """ "2.5us", "1 h", "3e-6" to seconds; a number alone is in the unit of the file. ValueError otherwise."""
    match = re.fullmatch(r"([-+.\deE]+?)\s*([a-zµ]*)", text.strip())
    if match is None or match[2] not in TIMES | {"": 1.0}:
        raise ValueError(f"{text!r}: expected a time such as 2.5us, 1h or 3e-6")
    return float(match[1]) * (TIMES[match[2]] if match[2] else 1.0)


def pretty(unit: str) -> str:
    """Unit with raised exponents, for Matplotlib: "J m-1" to "J m$^{-1}$"."""
    return re.sub(r"(?<=[a-zA-Z])-?\d+", lambda m: _superscript(int(m[0])), unit)


def _superscript(power: int) -> str:
    return "" if power == 1 else f"$^{{{power}}}$"


def _exponent(value: float) -> int:
    if not math.isfinite(value) or value == 0:
        return 0
    # 0.9995 counts as 1, so that a round-off below a power of a thousand takes no other prefix.
    exponent = 3 * math.floor(math.log10(abs(value) * 1.0005) / 3)
    return max(min(PREFIXES), min(max(PREFIXES), exponent))
