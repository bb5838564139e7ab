"""The choice of times that several commands share."""

import argparse

from .results import Results, Snapshot
from .units import parse_time


def time(text: str) -> float:
    """One time as an option."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _times(text: str) -> list[float]:
    return [time(part) for part in text.split(",")]


def add_times(parser: argparse.ArgumentParser) -> None:
    """The option --times."""
    parser.add_argument(
        "--times", type=_times, metavar="T,T,...", help="times such as 0,2.5us,1h; the nearest snapshots are taken (default: from onset to end)"
    )


def choose(results: Results, options: argparse.Namespace, count: int) -> list[Snapshot]:
    """Snapshots nearest to --times, or `count` telling ones."""
    return results.nearest(options.times) if options.times else results.telling(count)
