#!/usr/bin/env python3
"""How the step follows the slowing: chemical Li-Na at 298.15 K in 2D, degenerate mobility, from noise to
t = 1000 ell^2/D, at one or more tolerances. Leaves step_growth.md and step_growth.png.

    python3 benchmarks/step_growth.py --output results/step_growth
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.ticker import NullFormatter
from work_precision import ELL, ROOT, SPACING, TAU, Run, equilibrium_energy, plt, run, write_case

TIMES = [10.0, 100.0, 1000.0]


def table(runs: dict[str, Run], equilibrium: float) -> str:
    """What each run cost, and how far its energy and length are from those of the last, the tightest."""
    reference = runs[list(runs)[-1]]
    lines = ["| tolerance | transforms | seconds | steps | rejected | largest dt, ell^2/D "
             + "".join(f"| energy, length at t = {t:g} " for t in TIMES) + "|", "|---" * (6 + len(TIMES)) + "|"]
    for name, result in runs.items():
        steps = result.summary["steps"]
        cells = [name, result.summary["work"]["transforms"], f"{result.summary['wall_time_s']['steps']:.0f}",
                 steps["accepted"], sum(steps["rejected"].values()), f"{steps['largest'] / TAU:.1f}"]
        energies, lengths = result.at("energy_total", TIMES), result.at("length", TIMES)
        exact, exact_lengths = reference.at("energy_total", TIMES), reference.at("length", TIMES)
        for e, l, e0, l0 in zip(energies, lengths, exact, exact_lengths):
            if result is reference:
                cells.append(f"{(e0 - equilibrium) * 1e9:.5g} nJ/m, {l0 / ELL:.4g} ell")
            else:
                cells.append(f"{100 * (e - e0) / (e0 - equilibrium):+.2f} %, {100 * (l / l0 - 1):+.2f} %")
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def time_scale(t: np.ndarray, energy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Time in which the excess energy would fall by e at its present rate, from points apart by a tenth in t."""
    at = np.geomspace(max(t[1], 0.05), t[-1], 60)
    logarithm = np.interp(at, t, np.log(energy))
    middle = np.sqrt(at[1:] * at[:-1])
    return middle, -np.diff(at) / np.diff(logarithm)


def draw(runs: dict[str, Run], equilibrium: float, path: Path) -> None:
    plt.rcParams.update({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})
    figure, (upper, lower) = plt.subplots(2, 1, figsize=(5, 5.6), layout="constrained", sharex=True,
                                          gridspec_kw={"height_ratios": [1.6, 1]})
    for (name, result), colour in zip(runs.items(), ("#0072B2", "#E69F00", "#009E73")):
        t, dt = result.series["time"][1:] / TAU, result.series["dt"][1:] / TAU
        upper.loglog(t, dt, lw=0.9, color=colour, label=f"step at tolerance {name}")
        lower.loglog(t, result.series["length"][1:] / ELL, color=colour, lw=1.2)
        for switch in result.summary["steps"]["switches"]:
            upper.axvline(switch["time"] / TAU, color=colour, lw=0.5, ls=":")
    last = list(runs.values())[-1]
    t, excess = last.series["time"] / TAU, last.series["energy_total"] - equilibrium
    rate = r"$|\mathrm{d}\,\ln E/\mathrm{d}t|^{-1}$, excess energy $E$"
    upper.loglog(*time_scale(t, excess), "k--", lw=1, label=rate)
    upper.set_xlim(0.01, 1.1 * TIMES[-1])
    upper.set_ylim(1e-5, 1e4)
    upper.set_ylabel(r"time / ($\ell^2/D$)")
    upper.legend(frameon=False, loc="lower right")
    lower.set_ylabel(r"characteristic length / $\ell$")
    lower.set_xlabel(r"$t$ / ($\ell^2/D$)")
    lower.set_yticks([2, 5, 10, 20], ["2", "5", "10", "20"])
    lower.yaxis.set_minor_formatter(NullFormatter())
    lower.set_ylim(2.5, 20)
    for axes in (upper, lower):
        axes.grid(True, which="major", lw=0.3, color="0.8")
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spinode", type=Path, default=ROOT / "build/release/spinode")
    parser.add_argument("--output", type=Path, default=ROOT / "results/step_growth")
    parser.add_argument("--cells", type=int, default=256, help="along each side")
    parser.add_argument("--tolerances", nargs="+", default=["1e-3", "1e-4", "1e-5"], help="the tightest last")
    parser.add_argument("--draw-only", action="store_true", help="table and picture again, from the last results")
    options = parser.parse_args()
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)

    case = output / "coarsening.toml"
    write_case(case, "degenerate", options.cells, TIMES)
    spinode = None if options.draw_only else options.spinode.resolve()
    runs = {}
    for tolerance in options.tolerances:
        folder = output / f"tolerance_{tolerance}"
        result = run(spinode, case, folder, f"time.tolerance={tolerance}", limit=3600)
        if result is not None:
            runs[tolerance] = result
    equilibrium = equilibrium_energy() * (options.cells * SPACING * ELL) ** 2
    text = table(runs, equilibrium)
    (output / "step_growth.md").write_text(text)
    draw(runs, equilibrium, output / "step_growth.png")
    print(text)


if __name__ == "__main__":
    main()
