"""What the benchmarks of the command share: where things are, and the case that they run."""

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM = ROOT / "configs/systems/li-na.toml"


def write_li_na(path: Path, cells: Sequence[int], steps: int, *keys: str, step: float = 1.0) -> None:
    """Li-Na with 25 at% Na at 298.15 K in cells of 0.16 nm: fixed steps of `step` ns, no snapshots on the way and no
    checkpoint; `keys` are further lines."""
    sides = ", ".join(f'"{0.16 * n:.15g} nm"' for n in cells)
    end = f'"{steps * step:.15g} ns"'
    path.write_text("\n".join([
        f'system = "{SYSTEM}"', 'temperature = "298.15 K"', "initial.x = 0.25",
        f"domain = {{ length = [{sides}], cells = [{', '.join(map(str, cells))}] }}",
        f'time.step = "{step:.15g} ns"', f"time.end = {end}", f"output.every = {end}", 'output.checkpoint_every = "0 s"',
        *keys]) + "\n")
