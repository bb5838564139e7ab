#!/usr/bin/env python3
"""Peak memory of runs in bytes per cell, beside that which `spinode check` predicts. What a run of a tiny box takes, the
program itself, is left out, as it is in the prediction.

    python3 benchmarks/memory.py                 # 128^3, half a minute
    python3 benchmarks/memory.py --size 256
"""

import argparse
import os
import resource
import subprocess
import tempfile
from pathlib import Path

from common import ROOT, memory, write_li_na

TOLERANCE = 0.05  # of the prediction
CONSTANT = ('mobility = { model = "constant", x0 = 0.25 }', 'time.scheme = "semi_implicit"')
# Name, lines of the case, most bytes per cell.
CASES = [
    ("constant mobility, order 1", (*CONSTANT, "time.order = 1"), 48),
    ("constant mobility", CONSTANT, 48),
    ("constant mobility, without measures", (*CONSTANT, "measures.use = []"), 48),
    ("constant mobility, float", (*CONSTANT, 'precision = "float"'), None),
    ("constant mobility, cubic elasticity", (*CONSTANT, 'elasticity.model = "cubic"'), None),
    ("degenerate mobility", ('time.scheme = "semi_implicit"',), None),
    ("degenerate mobility, float", ('time.scheme = "semi_implicit"', 'precision = "float"'), None),
    ("degenerate mobility, implicit", ('time.scheme = "implicit"',), 200),
]


def peak(command: list[str]) -> int:
    """Largest resident memory of a command in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    # The kernel counts what the process was before it became the command: this program.
    if usage.ru_maxrss <= resource.getrusage(resource.RUSAGE_SELF).ru_maxrss:
        raise SystemExit("the command takes less memory than this program, so that its own is not known")
    return 1024 * usage.ru_maxrss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spinode", type=Path, default=ROOT / "build/release/spinode")
    parser.add_argument("--size", type=int, default=128, help="cells along each side")
    options = parser.parse_args()
    spinode, cells = str(options.spinode.resolve()), options.size**3
    print(f"{'bytes per cell, ' + str(options.size) + '^3':<38} {'peak':>7} {'check':>7} {'ratio':>6} {'target':>7}")
    with tempfile.TemporaryDirectory() as name:
        case = Path(name) / "case.toml"
        run = [spinode, "run", str(case), "--output", f"{name}/run", "--overwrite", "--quiet"]
        for title, lines, target in CASES:
            bare, whole = [], []
            for size, figures in ((8, bare), (options.size, whole)):
                write_li_na(case, [size] * 3, 5, *lines)
                figures += [peak(run), memory(spinode, case)[0]]
            measured, expected = (whole[0] - bare[0] + bare[1]) / cells, whole[1] / cells
            verdict = "" if target is None else f"{target:>7} {'met' if measured <= target else 'not met'}"
            agrees = "" if abs(measured / expected - 1) <= TOLERANCE else f"  check is off by more than {TOLERANCE:.0%}"
            print(f"{title:<38} {measured:7.1f} {expected:7.1f} {measured / expected:6.3f} {verdict}{agrees}", flush=True)


if __name__ == "__main__":
    main()
