"""Lengths as options of several commands."""

import argparse
import math
import re

UNITS = {"": 1.0, "m": 1.0, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "nm": 1e-9, "angstrom": 1e-10}


def length(text: str) -> float:
    """ "2.5nm", "1 um", "3e-8" to metres; a number alone is in the unit of the file."""
    match = re.fullmatch(r"(\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)\s*([a-zµ]*)", text.strip())
    if match is None or match[2] not in UNITS:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a length such as 2.5nm, 1um or 3e-8")
    return float(match[1]) * UNITS[match[2]]


def positive(text: str) -> float:
    """A length above 0."""
    value = length(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a length above 0")
    return value


def whole_numbers(text: str) -> tuple[int, ...]:
    """ "640,480" to whole numbers."""
    if re.fullmatch(r"\d+(,\d+)*", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: expected whole numbers such as 640,480")
    return tuple(map(int, text.split(",")))
