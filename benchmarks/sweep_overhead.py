#!/usr/bin/env python3
"""What the manager of `spinode sweep` costs: per case, by many short ones against the same commands started by
`xargs -P`, and while it watches, by its own processor time beside cases of 10 s. Whole studies of long cases tell nothing: the same
case takes 10 % more or less from one time to the next.

    python3 benchmarks/sweep_overhead.py --spinode build/release/spinode
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
LONG = 10  # s


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Elapsed time of a command, and processor time of it alone, without its children [s]."""
    start, own = time.monotonic(), 0.0
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        with suppress(OSError, IndexError):  # it may just have ended
            ticks = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
            own = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.01)
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
    parser.add_argument("--cases", type=int, default=50 * CORES, help="short ones")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    spinode = str(options.spinode.resolve())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, 10, options.cases)
        subprocess.run([spinode, "sweep", "study.toml", "--output", "listed", "--scheduler", "list"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)
        costs = []
        for repeat in range(options.repeats):
            # Who comes first changes by turns.
            runs = f"""seq 1 {options.cases} | xargs -P {CORES} -I@ sh -c 'n=$(printf %04d @)
                exec {spinode} run listed/cases/$n.toml --output x{repeat}/$n --resume --threads 1 >x{repeat}_$n.log 2>&1'"""
            commands = [["sh", "-c", runs], [spinode, "sweep", "study.toml", "--output", f"s{repeat}"]]
            times = [timed(command, folder)[0] for command in (commands if repeat % 2 else commands[::-1])]
            plain, study = times if repeat % 2 else times[::-1]
            costs.append((study - plain) * CORES / options.cases)
            print(f"{options.cases} short cases on {CORES} cores: study {study:.2f} s, xargs {plain:.2f} s: "
                  f"{1000 * costs[-1]:+.1f} ms of a core a case")
        trial = 2000
        write(folder, trial, 1)
        seconds, _ = timed([spinode, "run", "base.toml", "--output", "trial", "--quiet"], folder)
        write(folder, round(trial * LONG / seconds), CORES)
        elapsed, own = timed([spinode, "sweep", "study.toml", "--output", "long"], folder)
        case, watching = statistics.median(costs) / LONG, own / elapsed / CORES
        print(f"of a case of {LONG} s: {100 * case:+.2f} % to start and end it (median), {100 * watching:.2f} % to watch "
              f"{CORES} at a time; together {100 * (case + watching):.2f} %")


if __name__ == "__main__":
    main()
