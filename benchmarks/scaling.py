#!/usr/bin/env python3
"""Strong and weak scaling of `spinode run` over OpenMP threads, beside that of FFTW's own transforms: Li-Na, constant
mobility, semi-implicit steps of the second order. Every run is held to the stored answer of its box first; then its
rows go to the end of results.csv, and a picture of them to --output.

    cmake --preset release -DSPINODE_BENCHMARKS=ON && cmake --build --preset release
    python3 benchmarks/scaling.py            # boxes of 64^3 to 512^3 where memory allows
    python3 benchmarks/scaling.py --quick    # under three minutes on two cores

Strong: n^3 cells whatever the threads; weak: n x n x n*threads. OMP_PLACES and OMP_PROC_BIND may be set; threads are
else bound to cores that are close. --store takes what the command gives now as answers.
"""

import argparse
import csv
import datetime
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from common import ROOT, memory, write_li_na
from matplotlib.ticker import FuncFormatter, NullFormatter

FOLDER = Path(__file__).resolve().parent
STEPS = {64: 400, 128: 80, 256: 20, 512: 6}  # of a run in boxes of this width
TOLERANCE = {"double": 1e-9, "float": 1e-4}  # of an answer, relative
ANSWERS = ("energy_total", "energy_gradient", "x_min", "x_max", "x_deviation")
# Okabe & Ito (2008).
COLOURS = {64: "#E69F00", 128: "#0072B2", 256: "#009E73", 512: "#CC79A7"}
MARKERS = {64: "o", 128: "s", 256: "D", 512: "^"}

Cells = tuple[int, int, int]


@dataclass
class Result:
    """A row of results.csv."""

    commit: str
    tree: str  # clean or dirty
    date: str  # when the benchmark began, UTC
    compiler: str
    flags: str
    cpu: str
    cores: int
    threads: int
    placement: str
    cells: str
    precision: str
    seconds_per_step: float
    cells_per_second: float
    pair_seconds: float  # of FFTW's transforms forward and back, in place

    @property
    def shape(self) -> Cells:
        return tuple(map(int, self.cells.split("x")))


def text_of(cells: Cells) -> str:
    return "x".join(map(str, cells))


def surroundings(spinode: Path) -> dict:
    """What was measured, and on what."""
    version = subprocess.run([spinode, "--version"], check=True, capture_output=True, text=True).stdout
    commit, dirty = re.search(r"\+([0-9a-f]+)(-dirty)?", version).groups()
    cache = dict(re.findall(r"^(\w+):\w+=(.*)$", (spinode.parent / "CMakeCache.txt").read_text(), re.MULTILINE))
    build = cache["CMAKE_BUILD_TYPE"]
    flags = [cache["CMAKE_CXX_FLAGS"], cache[f"CMAKE_CXX_FLAGS_{build.upper()}"],
             "-march=native" if cache["SPINODE_NATIVE"] == "ON" else ""]
    compiler = subprocess.run([cache["CMAKE_CXX_COMPILER"], "--version"], check=True, capture_output=True, text=True)
    return {
        "commit": commit,
        "tree": "dirty" if dirty else "clean",
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "compiler": compiler.stdout.splitlines()[0],
        "flags": " ".join(filter(None, flags)),
        "cpu": re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)[1],
        "cores": len(os.sched_getaffinity(0)),
        "placement": f"{os.environ['OMP_PROC_BIND']} {os.environ['OMP_PLACES']}",
    }


def run(spinode: Path, folder: Path, cells: Cells, threads: int, precision: str,
        planning: str = "measure") -> tuple[float, dict[str, float]] | None:
    """Seconds per step, and the answers; None where memory does not allow the box."""
    case, steps = folder / "case.toml", STEPS[cells[0]]
    write_li_na(case, cells, steps, 'mobility = { model = "constant", x0 = 0.25 }', 'time.scheme = "semi_implicit"',
                "measures.use = []", "output.timeseries_every = 1000000", f'precision = "{precision}"', f'planning = "{planning}"')
    needed, free = memory(str(spinode), case)
    if needed > free:
        print(f"{text_of(cells)} {precision}: left out, it needs {needed / 1e9:.3g} GB of {free / 1e9:.3g}")
        return None
    command = [spinode, "run", case, "--output", folder / "run", "--overwrite", "--quiet", "--threads", str(threads)]
    subprocess.run(command, check=True)
    summary = json.loads((folder / "run/summary.json").read_text())
    if summary["steps"]["accepted"] != steps:
        raise SystemExit(f"{text_of(cells)}: {summary['steps']['accepted']} steps, not {steps}: no time of a step")
    return summary["wall_time_s"]["steps"] / steps, {name: summary["final"][name] for name in ANSWERS}


def pair_seconds(speed: Path, folder: Path, cells: Cells, threads: int, precision: str) -> float:
    """Time of FFTW's transforms, forward and back in place."""
    file = folder / "pair.json"
    command = [speed, "--pair", text_of(cells), "--threads", str(threads), "--seconds", "2", "--json", file]
    subprocess.run(command + (["--float"] if precision == "float" else []), check=True, stdout=subprocess.DEVNULL)
    return 1e-3 * json.loads(file.read_text())["rows"][0]["value"]


def read_answers() -> dict[str, dict[str, float]]:
    with open(FOLDER / "answers.csv", newline="") as file:
        return {row.pop("cells"): {name: float(value) for name, value in row.items()} for row in csv.DictReader(file)}


def verify(cells: Cells, precision: str, found: dict[str, float], answers: dict[str, dict[str, float]]) -> None:
    stored = answers.get(text_of(cells))
    if stored is None:
        raise SystemExit(f"{text_of(cells)}: answers.csv has none for it")
    if stored["steps"] != STEPS[cells[0]]:
        raise SystemExit(f"{text_of(cells)}: the answer is for {stored['steps']:g} steps, not {STEPS[cells[0]]}")
    wrong = [f"{name} is {found[name]!r}, not {stored[name]!r}" for name in ANSWERS
             if not abs(found[name] / stored[name] - 1) <= TOLERANCE[precision]]
    if wrong:
        raise SystemExit(f"{text_of(cells)} {precision}: wrong answer: " + "; ".join(wrong))


def store(spinode: Path, boxes: Sequence[Cells]) -> None:
    """Writes the answers of these boxes, in double precision, beside those that are there."""
    path = FOLDER / "answers.csv"
    rows = read_answers() if path.exists() else {}
    with tempfile.TemporaryDirectory() as name:
        for cells in boxes:
            found = run(spinode, Path(name), cells, len(os.sched_getaffinity(0)), "double", "estimate")
            if found:
                rows[text_of(cells)] = {"steps": STEPS[cells[0]]} | found[1]
                print(f"{text_of(cells)}: stored", flush=True)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["cells", "steps", *ANSWERS], lineterminator="\n")
        writer.writeheader()
        for cells in sorted(rows, key=lambda text: list(map(int, text.split("x")))):
            writer.writerow({"cells": cells} | {name: f"{value:.17g}" for name, value in rows[cells].items()})


def append(results: list[Result]) -> None:
    path = FOLDER / "results.csv"
    new = not path.exists()
    with open(path, "a", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Result)], lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(asdict(result) for result in results)


def last_results() -> list[Result]:
    """Those in results.csv that are of the commit and the machine of the latest."""
    with open(FOLDER / "results.csv", newline="") as file:
        rows = [Result(**{field.name: field.type(row[field.name]) for field in fields(Result)})
                for row in csv.DictReader(file)]
    return [row for row in rows if (row.commit, row.cpu, row.cores) == (rows[-1].commit, rows[-1].cpu, rows[-1].cores)]


def draw(results: list[Result], path: Path) -> None:
    precisions = list(dict.fromkeys(result.precision for result in results))
    most = max(result.threads for result in results)
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    figure, grid = plt.subplots(len(precisions), 2, figsize=(7, 2.9 * len(precisions)), layout="constrained",
                                squeeze=False)
    for (strong, weak), precision in zip(grid, precisions):
        for n in sorted({result.shape[0] for result in results}):
            mine = {(result.shape, result.threads): result for result in results if result.precision == precision}
            for axes, kind in ((strong, "strong"), (weak, "weak")):
                line = sorted((row.threads, row.seconds_per_step, row.pair_seconds) for (cells, threads), row
                              in mine.items() if cells == ((n, n, n) if kind == "strong" else (n, n, n * threads)))
                if not line or line[0][0] != 1:
                    continue
                for column, style in ((1, "-"), (2, "--")):
                    gain = [line[0][column] / entry[column] for entry in line]
                    axes.plot([entry[0] for entry in line], gain, style, color=COLOURS[n], marker=MARKERS[n], ms=4,
                              lw=1.2, mfc=COLOURS[n] if column == 1 else "none",
                              label=f"{n}³, {'step' if column == 1 else 'FFTW'}")
        strong.plot([1, most], [1, most], color="0.6", lw=0.8, label="ideal")
        weak.plot([1, most], [1, 1], color="0.6", lw=0.8, label="ideal")
        strong.set_title(f"strong, {precision}", loc="left", fontsize=8)
        weak.set_title(f"weak, {precision}", loc="left", fontsize=8)
        strong.set_ylabel("speed-up")
        weak.set_ylabel("efficiency")
        strong.set_xscale("log", base=2)
        strong.set_yscale("log", base=2)
        strong.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        weak.set_xscale("log", base=2)
        weak.set_ylim(bottom=0)
        for axes in (strong, weak):
            axes.set_xlabel("threads")
            axes.set_xticks(sorted({result.threads for result in results}))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.xaxis.set_minor_formatter(NullFormatter())
            axes.grid(True, which="major", lw=0.3, color="0.8")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, frameon=False)
    figure.savefig(path, dpi=120, bbox_inches="tight")


def thread_counts(most: int) -> list[int]:
    """1, 2, 4, ..., and all."""
    return sorted({2**i for i in range(most.bit_length()) if 2**i <= most} | {most})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spinode", type=Path, default=ROOT / "build/release/spinode")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--threads", type=int, nargs="+", default=thread_counts(len(os.sched_getaffinity(0))))
    parser.add_argument("--precision", nargs="+", default=["double", "float"], choices=["double", "float"])
    parser.add_argument("--quick", action="store_true", help="64^3 and 128^3, in double precision alone")
    parser.add_argument("--store", action="store_true", help="write answers.csv")
    parser.add_argument("--draw-only", action="store_true", help="the picture again, from the last rows")
    parser.add_argument("--output", type=Path, default=ROOT / "results/scaling.png")
    options = parser.parse_args()
    if options.quick:
        options.sizes, options.precision = [64, 128], ["double"]
    os.environ.setdefault("OMP_PROC_BIND", "close")
    os.environ.setdefault("OMP_PLACES", "cores")
    spinode = options.spinode.resolve()
    options.output.parent.mkdir(parents=True, exist_ok=True)

    shapes = {(n, n, n * share): n for n in options.sizes for share in {1, *options.threads}}
    if options.store:
        store(spinode, list(shapes))
        return
    if options.draw_only:
        draw(last_results(), options.output)
        return

    about, answers, results = surroundings(spinode), read_answers(), []
    print(f"{'cells':<14} {'precision':<9} {'threads':>7} {'ms/step':>9} {'pair, ms':>9} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for precision in options.precision:
            for cells, n in shapes.items():
                # A longer box is for the threads that it is as much longer for.
                for threads in options.threads if cells[2] == n else [cells[2] // n]:
                    found = run(spinode, folder, cells, threads, precision)
                    if not found:
                        break
                    verify(cells, precision, found[1], answers)
                    seconds = found[0]
                    pair = pair_seconds(spinode.parent / "benchmarks/speed", folder, cells, threads, precision)
                    size = cells[0] * cells[1] * cells[2]
                    results.append(Result(**about, threads=threads, cells=text_of(cells), precision=precision,
                                          seconds_per_step=float(f"{seconds:.6g}"),
                                          cells_per_second=float(f"{size / seconds:.6g}"),
                                          pair_seconds=float(f"{pair:.6g}")))
                    append(results[-1:])
                    print(f"{text_of(cells):<14} {precision:<9} {threads:>7} {1e3 * seconds:9.4g} {1e3 * pair:9.4g} "
                          f"{seconds / pair:6.2f}", flush=True)
    if results:
        draw(last_results(), options.output)
        print(options.output)


if __name__ == "__main__":
    main()
