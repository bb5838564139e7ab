#!/usr/bin/env python3
"""Work against precision of the time schemes: chemical Li-Na at 298.15 K, 2D, early and late, degenerate and constant
mobility. Writes its case files, runs them, and leaves work_precision.csv, work_precision.md and two pictures.

    python3 benchmarks/work_precision.py --output results/work_precision            # a quarter of an hour
    python3 benchmarks/work_precision.py --output results/work_precision --quick    # under a minute
"""

import argparse
import csv
import json
import math
import subprocess
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

ROOT = Path(__file__).resolve().parent.parent

# Of configs/systems/li-na.toml; they only set the units of this study.
RT = 8.31446261815324 * 298.15
L0, L1 = 20109.8, 5772.6
V_M = 6.02214076e23 * 3.42e-10**3 / 2
ELL = math.sqrt(4.88e-11 * V_M / (2 * RT))  # length: half of it is a quarter of an interface
TAU = ELL**2 / 1e-14  # time: ell^2/D
SPACING = 0.25  # in ell
X0 = 0.5

# Okabe & Ito (2008): told apart with any colour vision; markers for print without colour.
STYLE = {
    "semi_implicit": ("#E69F00", "o", "semi_implicit"),
    "fixed": ("#CC79A7", "v", "semi_implicit, fixed step"),
    "implicit": ("#0072B2", "s", "implicit"),
    "auto": ("#000000", "D", "auto"),
    "convex_splitting": ("#009E73", "^", "convex_splitting"),
}


@dataclass
class Row:
    """What one run cost and how far it was from the reference."""

    mobility: str
    stage: str
    scheme: str
    tolerance: float
    step: float  # fixed, in ell^2/D; 0 with error control
    transforms: int
    newton: int
    krylov: int
    seconds: float
    steps: int
    semi_implicit_steps: int
    rejected: int
    switches: int
    energy_error: float  # of the excess energy, relative, at the end
    energy_error_first: float  # at the first output time
    energy_error_later: float  # the largest from the second on
    energy_error_largest: float
    length_error: float
    length_error_first: float
    length_error_later: float
    length_error_largest: float
    field_error: float  # root mean square of the difference in x at the end


class Run:
    """The outputs of a run."""

    def __init__(self, folder: Path):
        self.summary = json.loads((folder / "summary.json").read_text())
        with open(folder / "timeseries.csv", newline="") as file:
            table = list(csv.DictReader(file))
        self.series = {name.split(" [")[0]: np.array([float(row[name]) for row in table]) for name in table[0]}
        self.snapshots = sorted((folder / "snapshots").glob("*.hdf"))

    def at(self, name: str, times: list[float]) -> np.ndarray:
        """A column at times on which the run landed."""
        rows = [int(np.argmin(np.abs(self.series["time"] - t * TAU))) for t in times]
        return self.series[name][rows]

    def field(self) -> np.ndarray:
        with h5py.File(self.snapshots[-1]) as file:
            return file["/VTKHDF/PointData/x"][...]


def equilibrium_energy() -> float:
    """Energy per volume of the two phases in equilibrium at X0: the common tangent there."""

    def parts(y: float) -> tuple[float, float]:
        x, rest = 1 / (1 + math.exp(-y)), 1 / (1 + math.exp(y))
        G = RT * (x * math.log(x) + rest * math.log(rest)) + x * rest * (L0 + L1 * (rest - x))
        mu = RT * y + L0 * (1 - 2 * x) + L1 * (1 - 6 * x * rest)
        return G - mu * x, mu

    # Newton's method in the log-odds, where both phases are far from 0 and 1; slopes by differences.
    def gap(y: np.ndarray) -> np.ndarray:
        return np.array(parts(y[0])) - np.array(parts(y[1]))

    y, width = np.array([-10.0, 6.0]), 1e-6
    for _ in range(50):
        jacobian = np.column_stack([(gap(y + d) - gap(y - d)) / (2 * width) for d in width * np.eye(2)])
        y = y - np.clip(np.linalg.solve(jacobian, gap(y)), -1, 1)
    omega, mu = parts(y[0])
    return (omega + mu * X0) / V_M


def write_case(path: Path, mobility: str, cells: int, times: list[float], start: Path | None = None,
               dimension: int = 2) -> None:
    """A square (line, cube) of `cells` a side that runs to the last of the times, which are in ell^2/D."""
    side = f'"{cells * SPACING * ELL:.15g} m"'
    lines = [
        f'system = "{ROOT / "configs/systems/li-na.toml"}"',
        'temperature = "298.15 K"',
        'planning = "estimate"',
        f"domain.length = [{', '.join([side] * dimension)}]",
        f"domain.cells = [{', '.join([str(cells)] * dimension)}]",
        f'mobility.model = "{mobility}"',
        'mobility.D = "1e-14 m2/s"',
        f'time.end = "{times[-1] * TAU:.15g} s"',
        "output.times = [" + ", ".join(f'"{t * TAU:.15g} s"' for t in times) + "]",
        'output.precision = "float64"',
        "output.timeseries_every = 1",
    ]
    lines += [f"mobility.x0 = {X0}"] if mobility == "constant" else []
    from_file = ['initial.model = "file"', f'initial.file = "{start}"']
    lines += from_file if start else [f"initial.x = {X0}", "initial.noise = 0.005"]
    path.write_text("\n".join(lines) + "\n")


def run(spinode: Path | None, case: Path, folder: Path, *overrides: str, limit: float = 900) -> Run | None:
    """None where the run could not go on or took longer than the limit, in seconds. Without spinode: what is there."""
    if spinode is None:
        end = float(tomllib.loads(case.read_text())["time"]["end"].split()[0])
        result = Run(folder) if (folder / "summary.json").exists() else None
        return result if result and result.series["time"][-1] > 0.999 * end else None
    command = [spinode, "run", case, *overrides, "--output", folder, "--overwrite", "--quiet", "--threads", "1"]
    try:
        subprocess.run([str(part) for part in command], check=True, timeout=limit)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        print(f"  {folder.name}: {fault}")
        return None
    return Run(folder)


def compare(run: Run, reference: Run, times: list[float], equilibrium: float) -> dict[str, float]:
    energy = np.abs((run.at("energy_total", times) - reference.at("energy_total", times))
                    / (reference.at("energy_total", times) - equilibrium))
    length = np.abs(run.at("length", times) / reference.at("length", times) - 1)
    errors = {"field_error": float(np.sqrt(np.mean((run.field() - reference.field()) ** 2)))}
    for name, error in (("energy", energy), ("length", length)):
        errors |= {f"{name}_error": error[-1], f"{name}_error_first": error[0],
                   f"{name}_error_later": error[1:].max(), f"{name}_error_largest": error.max()}
    return errors


def study(spinode: Path | None, output: Path, mobility: str, quick: bool) -> list[Row]:
    """Both stages of one mobility."""
    cells, times = (64, {"early": [1, 2, 5], "late": [5, 10]}) if quick else (
        128, {"early": [1, 2, 5, 10], "late": [10, 20, 40, 80]})  # late: since the common start at 20
    variants = [("semi_implicit", t, 0) for t in ((1e-3, 1e-4) if quick else (1e-3, 1e-4, 1e-5))]
    variants += [("fixed", 0, dt) for dt in ((0.005,) if quick else (0.01, 0.005, 0.0025, 0.00125))]
    tolerances = (1e-3, 1e-4) if quick else (1e-2, 3e-3, 1e-3, 1e-4, 1e-5)
    # The tightest implicit run bounds the error of the reference by its difference from it.
    variants += [("implicit", t, 0) for t in (*tolerances, 1e-5 if quick else 3e-6)]
    variants += [("auto", t, 0) for t in tolerances]
    variants += [("convex_splitting", t, 0) for t in ((1e-3,) if quick else (1e-3, 1e-4))]
    tight = ('time.scheme="implicit"', "time.tolerance=1e-6")
    equilibrium = equilibrium_energy() * (cells * SPACING * ELL) ** 2

    formation = output / f"{mobility}_formation.toml"
    write_case(formation, mobility, cells, [5.0 if quick else 20.0])
    formed = run(spinode, formation, output / formation.stem, *tight)
    if formed is None:
        raise SystemExit("the run that forms the start of the late stage failed")

    rows = []
    for stage, stops in times.items():
        case = output / f"{mobility}_{stage}.toml"
        write_case(case, mobility, cells, stops, formed.snapshots[-1] if stage == "late" else None)
        reference = run(spinode, case, output / f"{case.stem}_reference", *tight)
        if reference is None:
            raise SystemExit("the reference failed")
        for scheme, tolerance, step in variants:
            kind = "semi_implicit" if scheme == "fixed" else scheme
            size = f'time.step="{step * TAU:.15g} s"' if step else f"time.tolerance={tolerance}"
            result = run(spinode, case, output / f"{case.stem}_{scheme}_{step or tolerance:g}",
                         f'time.scheme="{kind}"', size, limit=300)
            if result is None:
                continue
            steps, work = result.summary["steps"], result.summary["work"]
            rows.append(Row(mobility, stage, scheme, tolerance, step, work["transforms"], work["newton_iterations"],
                            work["krylov_iterations"], result.summary["wall_time_s"]["steps"], steps["accepted"],
                            steps["accepted_by_scheme"].get("semi_implicit", 0), sum(steps["rejected"].values()),
                            len(steps["switches"]), **compare(result, reference, stops, equilibrium)))
            print(f"  {mobility} {stage} {scheme} {step or tolerance:g}: {rows[-1].transforms} transforms, "
                  f"{rows[-1].seconds:.2f} s, energy {100 * rows[-1].energy_error:.3g} %", flush=True)
    return rows


def overview(rows: list[Row]) -> list[str]:
    """One line per scheme and tolerance, one column per case."""
    cases = list(dict.fromkeys((row.mobility, row.stage) for row in rows))
    names = [f"{mobility}, {stage}" for mobility, stage in cases]
    lines = ["Transforms, and the largest error of the excess energy in percent.", "",
             "| scheme | tolerance or step | " + " | ".join(names) + " |", "|---" * (2 + len(cases)) + "|"]
    for scheme, tolerance, step in dict.fromkeys((row.scheme, row.tolerance, row.step) for row in rows):
        cells = {(row.mobility, row.stage): f"{row.transforms}, {100 * row.energy_error_largest:.2g} %"
                 for row in rows if (row.scheme, row.tolerance, row.step) == (scheme, tolerance, step)}
        lines.append(f"| {STYLE[scheme][2]} | {f'dt = {step:g}' if step else f'{tolerance:g}'} | "
                     + " | ".join(cells.get(case, "failed") for case in cases) + " |")
    return [*lines, ""]


def tolerances(rows: list[Row]) -> list[str]:
    """What a tolerance of auto is worth."""
    lines = ["auto: errors in percent at the first output time (onset), largest afterwards (formed), largest late.",
             "", "| mobility | tolerance | energy: onset | formed | late | length: onset | formed | late "
             "| transforms: early | late |", "|---" * 10 + "|"]
    chosen = {(row.mobility, row.tolerance, row.stage): row for row in rows if row.scheme == "auto"}
    for mobility, tolerance in dict.fromkeys(key[:2] for key in chosen):
        early, late = (chosen.get((mobility, tolerance, stage)) for stage in ("early", "late"))
        if not early or not late:
            continue
        errors = [early.energy_error_first, early.energy_error_later, late.energy_error_largest,
                  early.length_error_first, early.length_error_later, late.length_error_largest]
        lines.append(f"| {mobility} | {tolerance:g} | " + " | ".join(f"{100 * e:.2g}" for e in errors)
                     + f" | {early.transforms} | {late.transforms} |")
    return [*lines, ""]


def against_best(rows: list[Row]) -> list[str]:
    """What auto takes over what the best single scheme takes at the same error, between its points in logarithms."""
    single = ["semi_implicit", "fixed", "implicit"]
    lines = ["auto: transforms (seconds) over those of each other scheme at the same largest error of the energy.", "",
             "| case | tolerance | error, % | " + " | ".join(STYLE[scheme][2] for scheme in single) + " |",
             "|---" * (3 + len(single)) + "|"]
    for row in rows:
        if row.scheme != "auto":
            continue
        cells = []
        for scheme in single:
            line = sorted((other.energy_error_largest, other.transforms, other.seconds) for other in rows
                          if (other.mobility, other.stage, other.scheme) == (row.mobility, row.stage, scheme))
            error, *work = np.log(np.array(line)).T if line else [np.array([])]
            own = math.log(row.energy_error_largest)
            if not line or not error[0] <= own <= error[-1]:
                cells.append("")
                continue
            ratios = [mine / math.exp(np.interp(own, error, other)) for mine, other
                      in zip((row.transforms, row.seconds), work)]
            cells.append("{:.2f} ({:.2f})".format(*ratios))
        lines.append(f"| {row.mobility}, {row.stage} | {row.tolerance:g} | {100 * row.energy_error_largest:.2g} | "
                     + " | ".join(cells) + " |")
    return [*lines, ""]


def write_tables(rows: list[Row], path: Path) -> None:
    """Errors in percent: at the end, and the largest over the output times."""
    text = overview(rows) + tolerances(rows) + against_best(rows)
    for mobility, stage in dict.fromkeys((row.mobility, row.stage) for row in rows):
        text += [f"### {mobility} mobility, {stage}", "",
                 "| scheme | tolerance or step | transforms | seconds | steps | rejected | switches "
                 "| energy, % | largest | length, % | largest | x, rms |",
                 "|---|---|---|---|---|---|---|---|---|---|---|---|"]
        for row in rows:
            if (row.mobility, row.stage) != (mobility, stage):
                continue
            size = f"dt = {row.step:g}" if row.step else f"{row.tolerance:g}"
            errors = [100 * row.energy_error, 100 * row.energy_error_largest, 100 * row.length_error,
                      100 * row.length_error_largest]
            text.append(f"| {STYLE[row.scheme][2]} | {size} | {row.transforms} | {row.seconds:.2f} | {row.steps} "
                        f"| {row.rejected} | {row.switches} | " + " | ".join(f"{e:.2g}" for e in errors)
                        + f" | {row.field_error:.1e} |")
        text.append("")
    path.write_text("\n".join(text))


def draw(rows: list[Row], mobility: str, path: Path) -> None:
    stages = list(dict.fromkeys(row.stage for row in rows))
    energy = "energy_error_largest"
    panels = [(energy, "transforms"), (energy, "seconds"), ("field_error", "transforms")]
    names = {energy: "largest relative error of the excess energy", "field_error": "rms error of x",
             "transforms": "real transforms", "seconds": "time on one core / s"}
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    figure, grid = plt.subplots(len(stages), 3, figsize=(9.5, 2.9 * len(stages)), layout="constrained", squeeze=False)
    for axes_of_stage, stage in zip(grid, stages):
        for axes, (error, work) in zip(axes_of_stage, panels):
            for scheme, (colour, marker, label) in STYLE.items():
                line = [row for row in rows if (row.mobility, row.stage, row.scheme) == (mobility, stage, scheme)]
                line.sort(key=lambda row: row.step or row.tolerance)
                axes.loglog([getattr(row, error) for row in line], [getattr(row, work) for row in line], marker=marker,
                            color=colour, ms=4, lw=1.2, label=label, mfc="none" if scheme == "auto" else colour)
            axes.set_xlabel(names[error])
            axes.set_ylabel(names[work])
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
            axes.grid(True, which="major", lw=0.3, color="0.8")
        axes_of_stage[0].set_title(f"{mobility} mobility, {stage}", loc="left", fontsize=8)
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5, frameon=False)
    figure.savefig(path, dpi=110, bbox_inches="tight")
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spinode", type=Path, default=ROOT / "build/release/spinode")
    parser.add_argument("--output", type=Path, default=ROOT / "results/work_precision")
    parser.add_argument("--mobility", nargs="+", default=["degenerate", "constant"], choices=["degenerate", "constant"])
    parser.add_argument("--quick", action="store_true", help="a small box, a short time, few tolerances")
    parser.add_argument("--draw-only", action="store_true", help="tables and pictures again, from the last results")
    options = parser.parse_args()
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)

    spinode = None if options.draw_only else options.spinode.resolve()
    rows = [row for mobility in options.mobility for row in study(spinode, output, mobility, options.quick)]
    with open(output / "work_precision.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f.name for f in fields(Row)])
        writer.writerows([getattr(row, f.name) for f in fields(Row)] for row in rows)
    write_tables(rows, output / "work_precision.md")
    for mobility in dict.fromkeys(row.mobility for row in rows):
        draw(rows, mobility, output / f"work_precision_{mobility}.png")
    print(output / "work_precision.md")


if __name__ == "__main__":
    main()
