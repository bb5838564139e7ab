"""The case that studies under test vary: three steps, in some tens of milliseconds."""

from pathlib import Path

SYSTEMS = Path(__file__).resolve().parents[2] / "configs" / "systems"
CASE = f"""
system = "{SYSTEMS / "li-na.toml"}"
temperature = "298.15 K"
domain.length = ["10 nm", "10 nm"]
domain.cells = [16, 16]
initial.x = 0.25
planning = "estimate"
time.scheme = "semi_implicit"
time.step = "0.5 us"
time.end = "1.5 us"
output.every = "1 us"
output.checkpoint_every = "10 ms"
"""
