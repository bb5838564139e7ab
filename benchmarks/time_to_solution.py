#!/usr/bin/env python3
"""Time to solution: what each scheme takes from noise to a characteristic length with a given error of the energy there,
in 1D, 2D and 3D. Chemical Li-Na at 298.15 K with 50 at% Na, degenerate mobility, one thread. Tolerances are tightened
until the energy, over its excess, is within --error of that of a tight implicit run at the time when the length is
reached, and the length within ten times that. Writes time_to_solution.md into --output and prints it.

    python3 benchmarks/time_to_solution.py            # below ten minutes
    python3 benchmarks/time_to_solution.py --quick    # below one, small boxes
"""

import argparse
from pathlib import Path

import numpy as np
from work_precision import ELL, ROOT, SPACING, TAU, Run, equilibrium_energy, run, write_case

# Dimension, cells along each side, the length to reach over the wave that grows fastest, the longest time it may take.
# In 1D nothing coarsens once the waves have formed: domains at rest meet in the logarithm of time.
CASES = [(1, 1024, 1.05, 20.0), (2, 256, 1.5, 50.0), (3, 48, 1.5, 50.0)]
QUICK = [(1, 256, 1.05, 20.0), (2, 64, 1.5, 50.0), (3, 32, 1.2, 20.0)]
SCHEMES = {
    "semi_implicit, order 1": ('time.scheme="semi_implicit"', "time.order=1"),
    "semi_implicit": ('time.scheme="semi_implicit"',),
    "implicit": ('time.scheme="implicit"',),
    "auto": (),
}
TOLERANCES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6)
FORMED = 2.0  # by when the fastest wave has; before, the length is that of the noise [ell^2/D]


def time_of(run_there: Run, length: float) -> float:
    """When a run reached a length [ell^2/D]; infinite if it did not."""
    t, L = run_there.series["time"] / TAU, run_there.series["length"]
    beyond = np.flatnonzero((t > FORMED) & (L >= length))
    if len(beyond) == 0:
        return np.inf
    last = beyond[0]
    return float(np.interp(length, L[last - 1:last + 1], t[last - 1:last + 1])) if L[last - 1] < length else float(t[last])


def solve(spinode: Path, output: Path, case: tuple[int, int, float, float], goal: float, limit: float) -> list[str]:
    """Rows of the table for one box."""
    dimension, cells, factor, longest = case
    file, folder = output / f"{dimension}d.toml", output / f"{dimension}d"

    def solution(end: float, *keys: str, within: float = 900) -> Run | None:
        write_case(file, "degenerate", cells, [end], dimension=dimension)
        return run(spinode, file, folder, *keys, "measures.use=[]", limit=within)

    first = solution(longest)
    end = time_of(first, factor * first.summary["predicted"]["wavelength"])
    if end > longest:
        raise SystemExit(f"{dimension}D: {factor:g} wavelengths are not reached by t = {longest:g}")
    tight = solution(end, 'time.scheme="implicit"', "time.tolerance=1e-6")
    energy, length = tight.series["energy_total"][-1], tight.series["length"][-1]
    excess = energy - equilibrium_energy() * (cells * SPACING * ELL) ** dimension

    def cheapest(*keys: str) -> list[str] | None:
        for tolerance in TOLERANCES:
            result = solution(end, *keys, f"time.tolerance={tolerance:g}", within=limit)
            if result is None:  # and a tighter one would take longer
                return None
            error = abs(result.series["energy_total"][-1] - energy) / excess
            off = abs(result.series["length"][-1] / length - 1)
            if error <= goal and off <= 10 * goal:
                work, steps = result.summary["work"], result.summary["steps"]
                return [f"{tolerance:g}", work["transforms"], work["krylov_iterations"],
                        f"{result.summary['wall_time_s']['steps']:.3g}", steps["accepted"],
                        sum(steps["rejected"].values()), f"{100 * error:.2g}", f"{100 * off:.2g}"]
        return None

    rows = []
    for name, keys in SCHEMES.items():
        cells_of_row = cheapest(*keys) or ["not reached", *[""] * 7]
        rows.append(f"| {dimension}D, {cells} a side, {factor:g} λ at t = {end:.3g} | {name} | "
                    + " | ".join(map(str, cells_of_row)) + " |")
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spinode", type=Path, default=ROOT / "build/release/spinode")
    parser.add_argument("--output", type=Path, default=ROOT / "results/time_to_solution")
    parser.add_argument("--error", type=float, default=1e-3, help="of the energy, over its excess")
    parser.add_argument("--quick", action="store_true", help="small boxes")
    options = parser.parse_args()
    output = options.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    table = ["| box, length | scheme | tolerance | transforms | Krylov | seconds | steps | rejected | energy, % "
             "| length, % |", "|---" * 10 + "|"]
    print("\n".join(table))
    for case in QUICK if options.quick else CASES:
        table += solve(options.spinode.resolve(), output, case, options.error, 10 if options.quick else 60)
    (output / "time_to_solution.md").write_text("\n".join(table) + "\n")


if __name__ == "__main__":
    main()
