"""The commands that draw a parameter study."""

import argparse
from functools import partial
from pathlib import Path
from types import ModuleType

from . import curves, maps, page, structures
from .table import open_study

COMMANDS = {"study-map": maps, "study-curves": curves, "study-structures": structures, "study-page": page}


def add_commands(commands: argparse._SubParsersAction) -> None:
    """One sub-command per module."""
    for name, module in COMMANDS.items():
        text = module.__doc__.splitlines()[0]
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("dir", type=Path, metavar="DIR", help="folder that spinode sweep wrote")
        command.add_argument("--output", type=Path, help="folder for what is made (default: DIR/figures)")
        module.add_arguments(command)
        command.set_defaults(work=partial(draw, module))


def draw(module: ModuleType, options: argparse.Namespace) -> Path:
    """Draw one study; returns the path of what was made."""
    study = open_study(options.dir)
    folder = options.output or options.dir / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    return module.run(study, folder, options)
