"""Conditions on the results of a study: in a picture, cases that do not meet them have no value."""

import argparse
import operator
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..results import ResultsError
from .labels import measure_scale, plain
from .table import Column, Study

ORDERS = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
SIGNS = [*ORDERS, "==", "!="]
PRINTED = {">=": "≥", "<=": "≤", "==": "=", "!=": "≠"}


def add_conditions(parser: argparse.ArgumentParser) -> None:
    """The option --where."""
    text = f"only cases that meet it have a value: a column of study.csv, one of {' '.join(SIGNS)}, and a number in its unit or a text; may be given again"
    parser.add_argument("--where", action="append", default=[], metavar="CONDITION", help=text)


def where(study: Study, conditions: Sequence[str]) -> Study:
    """The study whose measures are empty but for cases that meet all conditions; a case without a value of what is compared does not."""
    kept, notes = np.ones(study.case.size, bool), []
    for text in conditions:
        column, sign, value = _parse(study, text)
        kept &= column.given & _meets(column, sign, value)
        notes.append(f"{plain(column.name)} {PRINTED.get(sign, sign)} {_value_text(column, value)}")
    return replace(study, kept=kept, condition=f"where {' and '.join(notes)}") if notes else study


def _parse(study: Study, text: str) -> tuple[Column, str, float | str]:
    match = re.fullmatch(r"\s*([^\s<>=!]+)\s*(>=|<=|==|!=|>|<)\s*([^\s<>=!].*?)\s*", text)
    if match is None:
        raise ResultsError(f"--where {text}: expected NAME and VALUE with one of {', '.join(SIGNS)} between")
    column, sign, given = study.measure(match[1]), match[2], match[3]
    if column.is_text:
        if sign not in ("==", "!="):
            raise ResultsError(f"--where {text}: {column.name} holds texts: expected == or !=")
        return column, sign, given
    try:
        value = float(given.removesuffix(column.unit) if column.unit != "1" else given)
    except ValueError:
        value = np.nan
    if not np.isnan(value):
        return column, sign, value
    if not column.given.any():
        return column, sign, given  # what it will hold is not known yet
    raise ResultsError(f"--where {text}: {column.name} holds numbers: expected one{f' in {column.unit}' if column.unit != '1' else ''}")


def _meets(column: Column, sign: str, value: float | str) -> np.ndarray:
    """Which cases meet a condition; shape (cases)."""
    if isinstance(value, str):
        return (column.values == value) == (sign == "==")
    if sign in ("==", "!="):
        return np.isclose(column.values, value, rtol=1e-6, atol=0) == (sign == "==")
    return ORDERS[sign](column.values, value)


def _value_text(column: Column, value: float | str) -> str:
    if isinstance(value, str):
        return plain(value)
    scale = measure_scale(Column(column.name, column.unit, np.array([value])))
    return f"{value * scale.factor:.6g} {scale.unit}".strip().replace("-", "−")
