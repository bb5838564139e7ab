"""What the benchmarks of the command share: where things are, and the case that they run."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = ROOT / "configs/systems/li-na.toml"


def write_li_na(path: Path, cells: Sequence[int], steps: int, *keys: str) -> None:
    """Li-Na with 25 at% Na at 298.15 K in cells of 0.16 nm: fixed steps of 1 ns, no snapshots on the way and no
    checkpoint; `keys` are further lines."""
    sides = ", ".join(f'"{0.16 * n:.15g} nm"' for n in cells)
    path.write_text("\n".join([
        f'system = "{SYSTEM}"', 'temperature = "298.15 K"', "initial.x = 0.25",
        f"domain = {{ length = [{sides}], cells = [{', '.join(map(str, cells))}] }}",
        'time.step = "1 ns"', f'time.end = "{steps} ns"', f'output.every = "{steps} ns"',
        'output.checkpoint_every = "0 s"', *keys]) + "\n")


def memory(spinode: str, case: Path) -> tuple[float, float]:
    """What a case needs and what is free, in bytes, as `spinode check` says."""
    text = subprocess.run([spinode, "check", str(case)], check=True, capture_output=True, text=True).stdout
    sizes = re.search(r"^  memory +([0-9.e+]+) (\w+), ([0-9.e+]+) (\w+) are free", text, re.MULTILINE).groups()
    units = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}
    return float(sizes[0]) * units[sizes[1]], float(sizes[2]) * units[sizes[3]]
