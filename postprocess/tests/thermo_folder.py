"""Folders as `spinode phase-diagram` writes them, of Redlich-Kister solutions whose parameters do not depend on temperature.

Common tangents are found here on their own: from the convex hull of G at many x, then by Newton's method in the logit of x.
"""

import csv
import json
from pathlib import Path

import numpy as np
from numpy.polynomial import Polynomial

R = 8.31446261815324  # J/(mol K)
AB_INITIO = (20109.8, 5772.6)  # J/mol, dos Santos et al. 2025
ZHANG = (16000.0,)  # J/mol, Zhang et al. 2003
TWO_GAPS = (5000.0, 500.0, 9000.0)  # J/mol: one gap up to about 225 K, two above
MOLAR_STIFFNESS = 6.02214076e23 * 3.42e-10**3 / 2 * (0.77 / 3.42) ** 2  # m3/mol, molar volume times the square of the misfit
ELASTIC = {"chemical": 0.0, "coherent-isotropic": MOLAR_STIFFNESS * 13.8e9 / 0.67, "coherent-cubic": MOLAR_STIFFNESS * 5.690e9}  # J/mol
DIRECTIONS = {"<100>": 5.690e9, "<110>": 23.50e9, "<111>": 26.84e9}  # Pa
LOGIT = np.linspace(-28.0, 28.0, 421)


class Solution:
    """G = RT (x ln x + (1-x) ln(1-x)) + x(1-x) sum L_k (1-2x)^k at one temperature, with L_0 lowered by an elastic energy."""

    def __init__(self, L: tuple[float, ...], elastic: float, T: float):
        x = Polynomial([0.0, 1.0])
        self.RT = R * T
        self.L = (L[0] - elastic, *L[1:])
        self.excess = x * (1 - x) * sum(L_k * (1 - 2 * x) ** k for k, L_k in enumerate(self.L))
        self.curvature = self.excess.deriv(2) * x * (1 - x)  # of the excess, times x(1-x)

    def G(self, x):
        return self.RT * (x * np.log(x) + (1 - x) * np.log1p(-x)) + self.excess(x)

    def mu(self, u):
        """G' at x = 1/(1 + exp(-u))."""
        return self.RT * u + self.excess.deriv()(logistic(u))

    def omega(self, u):
        """G - x G'."""
        x = logistic(u)
        return -self.RT * np.logaddexp(0, u) + self.excess(x) - x * self.excess.deriv()(x)

    def spinodals(self):
        """Ends of the intervals with G'' < 0."""
        return inside(self.curvature + self.RT).reshape(-1, 2)

    def gaps(self):
        """Logits of the two ends of each gap."""
        spinodals = self.spinodals()
        if not spinodals.size:
            return []
        x = logistic(LOGIT)
        hull = lower_hull(x, self.G(x))
        # Next to 0 and 1 round-off takes single points off the hull: a gap holds an unstable interval.
        jumps = [(a, b) for a, b in zip(hull, hull[1:]) if any(x[a] < low and high < x[b] for low, high in spinodals)]
        return [self.touch(LOGIT[a], LOGIT[b]) for a, b in jumps]

    def touch(self, u, v):
        """Newton's method on equal mu and equal omega; d(mu)/du = x(1-x) G'', d(omega)/du = -x times that."""
        for _ in range(60):
            x, y = logistic(u), logistic(v)
            a, b = self.RT + self.curvature(x), self.RT + self.curvature(y)
            miss = np.array([self.mu(u) - self.mu(v), self.omega(u) - self.omega(v)])
            du, dv = np.linalg.solve([[a, -b], [-x * a, y * b]], miss)
            u, v = u - np.clip(du, -0.5, 0.5), v - np.clip(dv, -0.5, 0.5)
            if abs(du) + abs(dv) < 1e-13:
                break
        return u, v

    def rows(self):
        """The rows of phase_boundaries.csv at this temperature: binodal, spinodal, spinodal, binodal, "" for none.

        A gap that covers two unstable regions has the second one in a row without binodals.
        """
        rows, spinodals = [], self.spinodals()
        for u, v in self.gaps():
            x, y = logistic(u), logistic(v)
            inner = [tuple(s) for s in spinodals if x < s[0] and s[1] < y]
            rows += [(x, *inner[0], y), *(("", *pair, "") for pair in inner[1:])]
        return rows or [("", "", "", "")]


def logistic(u):
    return 1 / (1 + np.exp(-u))


def inside(polynomial):
    """Real roots between 0 and 1, rising."""
    roots = polynomial.roots()
    return np.sort(roots[(abs(roots.imag) < 1e-12) & (roots.real > 0) & (roots.real < 1)].real)


def lower_hull(x, G):
    """Indices of the points on the lower convex hull."""
    hull = []
    for i in range(x.size):
        while len(hull) > 1 and (G[hull[-1]] - G[hull[-2]]) * (x[i] - x[hull[-2]]) >= (G[i] - G[hull[-2]]) * (x[hull[-1]] - x[hull[-2]]):
            hull.pop()
        hull.append(i)
    return hull


def critical_points(L, elastic):
    """(x, T, stable): the maxima of the spinodal temperature, stable when no other gap covers them."""
    spinodal = -Solution(L, elastic, 1.0).curvature
    found = []
    for x in inside(spinodal.deriv()):
        T = spinodal(x) / R
        if spinodal.deriv(2)(x) < 0 and T > 1:
            covered = any(logistic(u) < x < logistic(v) for u, v in Solution(L, elastic, 1.0001 * T).gaps())
            found.append((float(x), float(T), not covered))
    return found


def write_table(path, header, rows):
    """Numbers in 12 digits and more."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows([[f"{cell:.13g}" if isinstance(cell, float) else cell for cell in row] for row in rows])


def write_phase_results(folder, L, temperatures, *, description, kinds=tuple(ELASTIC), chosen=298.15, species=("Li", "Na"), samples=0, points=201):
    """The whole folder."""
    folder.mkdir(parents=True)
    host, solute = species
    system, sides = folder.name, [f"{name}_side" for name in species]
    boundaries, ties, asymptotes, curves = [], [], [], []
    summary = {"system": system, "description": description, "host": host, "solute": solute, "temperature_K": chosen, "kinds": {}}
    for kind in kinds:
        for T in map(float, temperatures):
            solution = Solution(L, ELASTIC[kind], T)
            boundaries += [(system, kind, T, *map(plain, row)) for row in solution.rows()]
            for u, v in solution.gaps():
                mu, omega = solution.mu(u), solution.omega(u)
                ties.append((system, kind, T, *map(float, (logistic(u), logistic(v), logistic(-v), mu, omega)), 0.0))
            even, odd = solution.L[0], sum(solution.L[1:2])
            soluble = [np.exp(-(even + s * odd) / (R * T)) if kind == "chemical" else "" for s in (1, -1)]
            ends = [R * T / (2 * even + s * 6 * odd) for s in (1, -1)]
            asymptotes.append((system, kind, T, *map(plain, (soluble[0], *ends, soluble[1]))))
        solution = Solution(L, ELASTIC[kind], chosen)
        gaps = [(float(logistic(u)), float(logistic(v)), float(logistic(-v)), float(solution.mu(u)), float(solution.omega(u))) for u, v in solution.gaps()]
        for x in map(float, sample_x(points)):
            tangent = next((omega + mu * x for low, high, _, mu, omega in gaps if low <= x <= high), "")
            curves.append((system, kind, chosen, x, float(solution.G(x)), tangent, float(solution.excess(x))))
        keys = ("x_alpha", "x_beta", "one_minus_x_beta", "mu_J_per_mol", "omega_J_per_mol")
        summary["kinds"][kind] = {
            "critical_points": [{"x": x, "T_K": T, "stable": stable, "closes": "above"} for x, T, stable in critical_points(L, ELASTIC[kind])],
            "gaps": [dict(zip(keys, gap)) for gap in gaps],
            "spinodals": [{"lower": low, "upper": high} for low, high in solution.spinodals()],
        }
    names = [f"x_binodal_{sides[0]}", f"x_spinodal_{sides[0]}", f"x_spinodal_{sides[1]}", f"x_binodal_{sides[1]}"]
    write_table(folder / "phase_boundaries.csv", f"system,kind,T_K,{','.join(names)}", boundaries)
    write_table(folder / "tie_lines.csv", "system,kind,T_K,x_alpha,x_beta,one_minus_x_beta,mu_J_per_mol,omega_J_per_mol,residual", ties)
    header = f"solubility_{sides[0]},spinodal_{sides[0]},spinodal_{sides[1]},solubility_{sides[1]}"
    write_table(folder / "asymptotes.csv", f"system,kind,T_K,{header}", asymptotes)
    header = "system,kind,T_K,x,G_J_per_mol,tangent_J_per_mol,formation_0K_J_per_mol"
    write_table(folder / "energy_curves.csv", header, curves)
    if "coherent-cubic" in kinds:
        rows = []
        for direction, stiffness in DIRECTIONS.items():
            for T in map(float, temperatures):
                ends = Solution(L, MOLAR_STIFFNESS * stiffness, T).spinodals()
                rows.append((system, direction, T, *map(plain, ends[0] if ends.size else ("", ""))))
        write_table(folder / "spinodal_directions.csv", f"system,direction,T_K,x_spinodal_{sides[0]},x_spinodal_{sides[1]}", rows)
    if samples:
        write_bands(folder, L, temperatures, kinds, [name.removeprefix("x_") for name in names], samples)
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return folder


def write_bands(folder, L, temperatures, kinds, names, samples):
    """Quantiles over samples of L with a standard deviation of 4 %."""
    rng = np.random.default_rng(1)
    draws = [tuple(np.array(L) * (1 + 0.04 * rng.standard_normal(len(L)))) for _ in range(samples)]
    rows = []
    for kind in kinds:
        for T in map(float, temperatures):
            found = [Solution(draw, ELASTIC[kind], T).rows()[0] for draw in draws]
            for i, name in enumerate(names):
                values = [row[i] for row in found if row[i] != ""]
                quantiles = np.quantile(values, (0.025, 0.16, 0.5, 0.84, 0.975)).tolist() if values else [""] * 5
                rows.append((folder.name, kind, T, name, *quantiles, len(values) / samples))
    write_table(folder / "bands.csv", "system,kind,T_K,boundary,q025,q16,median,q84,q975,share", rows)


def sample_x(points):
    """Even in x, and down to 1e-7 from both ends."""
    ends = np.geomspace(1e-7, 0.1, points)
    return np.unique(np.concatenate([ends, np.linspace(0.1, 0.9, points), 1 - ends]))


def plain(cell):
    return cell if isinstance(cell, str) else float(cell)
