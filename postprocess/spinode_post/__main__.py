"""Command line: python3 -m spinode_post COMMAND DIR, comparisons, phase diagrams, parameter studies, and the PFHub commands."""

import argparse
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import matplotlib

matplotlib.use("Agg")

from . import compare, curves, electrode, image_to_field, measures, movie, pfhub, render, scaffold, slices, structure_factor, summary, virtual_sem
from .phase_diagram import diagram
from .report import report
from .results import ResultsError, open_results
from .study import commands as study

COMMANDS = {
    "slice": slices,
    "curves": curves,
    "structure-factor": structure_factor,
    "scaffold": scaffold,
    "render": render,
    "summary": summary,
    "electrode": electrode,
    "virtual-sem": virtual_sem,
    "measures": measures,
    "report": report,
    "movie": movie,
}


def build_parser() -> argparse.ArgumentParser:
    """One sub-command per module that draws a run, each with its own options, and those of compare, pfhub, phase_diagram and study."""
    parser = argparse.ArgumentParser(prog="spinode_post", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        text = module.__doc__.splitlines()[0]
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("dir", type=Path, metavar="DIR", help="results folder of a run")
        command.add_argument("--output", type=Path, help="folder for the pictures (default: DIR/figures)")
        module.add_arguments(command)
        command.set_defaults(work=partial(draw, module))
    compare.add_commands(commands)
    image_to_field.add_commands(commands)
    pfhub.add_commands(commands)
    diagram.add_commands(commands)
    study.add_commands(commands)
    return parser


def draw(module: ModuleType, options: argparse.Namespace) -> Path:
    """Draw one results folder; returns the path of the picture."""
    results = open_results(options.dir)
    folder = options.output or options.dir / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    return module.run(results, folder, options)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 1 with one line on stderr when the results cannot be used."""
    options = build_parser().parse_args(arguments)
    try:
        print(options.work(options))
    except (ResultsError, OSError) as error:
        print(f"spinode_post: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
