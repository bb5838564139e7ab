#!/usr/bin/env python3
"""What the manager of `spinode sweep` costs: a study against the same runs started by `xargs -P`, in turn, on all cores.

    python3 benchmarks/sweep_overhead.py --spinode build/release/spinode --seconds 10
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

BASE = """
system = "systems/li-na.toml"
temperature = "298.15 K"
domain = { length = ["10 nm", "10 nm"], cells = [64, 64] }
initial.x = 0.25
mobility = { model = "constant", D = "1e-14 m2/s", x0 = 0.25 }
planning = "estimate"
threads = 1
time = { scheme = "semi_implicit", step = "1 ns", end = "STEPS ns" }
output.every = "STEPS ns"
"""
CORES = len(os.sched_getaffinity(0))


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Elapsed time of a command, and processor time of it alone, without its children [s]."""
    start, own = time.monotonic(), 0.0
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        with suppress(OSError, IndexError):  # it may just have ended
            ticks = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
            own = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"failed: {' '.join(command)}")
    return time.monotonic() - start, own


def write(folder: Path, steps: int, cases: int) -> None:
    (folder / "base.toml").write_text(BASE.replace("STEPS", str(steps)))
    seeds = ", ".join(str(seed + 1) for seed in range(cases))
    (folder / "study.toml").write_text(f'base = "base.toml"\n[[axes]]\ninitial.seed = [{seeds}]\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spinode", type=Path, default=Path("build/release/spinode"))
    parser.add_argument("--seconds", type=float, default=10, help="how long a case takes, about")
    parser.add_argument("--cases", type=int, default=4 * CORES)
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args()
    spinode = str(options.spinode.resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trial = 2000
        write(folder, trial, 1)
        seconds, _ = timed([spinode, "run", "base.toml", "--output", "trial", "--quiet"], folder)
        write(folder, max(1, round(trial * options.seconds / seconds)), options.cases)
        subprocess.run([spinode, "sweep", "study.toml", "--output", "listed", "--scheduler", "list"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (folder / "cases").symlink_to(folder / "listed/cases")
        ratios, costs = [], []
        for repeat in range(options.repeats):
            # The same command for each case, as the manager starts it; who comes first changes by turns.
            runs = f"""seq 1 {options.cases} | xargs -P {CORES} -I@ sh -c 'n=$(printf %04d @)
                exec {spinode} run cases/$n.toml --output x{repeat}/$n --resume --threads 1 >x{repeat}_$n.log 2>&1'"""
            if repeat % 2:
                plain, _ = timed(["sh", "-c", runs], folder)
            study, own = timed([spinode, "sweep", "study.toml", "--output", f"s{repeat}"], folder)
            if repeat % 2 == 0:
                plain, _ = timed(["sh", "-c", runs], folder)
            ratios.append(study / plain - 1)
            costs.append(own / study / CORES)
            print(f"{options.cases} cases on {CORES} cores: study {study:.2f} s, xargs {plain:.2f} s, {100 * ratios[-1]:+.2f} %; "
                  f"the manager itself takes {100 * costs[-1]:.2f} % of the cores")
        print(f"median: {100 * statistics.median(ratios):+.2f} % of the time, {100 * statistics.median(costs):.2f} % of the cores")


if __name__ == "__main__":
    main()
