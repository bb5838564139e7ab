"""Regions of a T-x diagram from their two ends at each temperature: followed by continuity, closed at critical points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .tables import CriticalPoint

ARC = np.linspace(1.0, 0.0, 17)  # from the last row of a table to the critical point


@dataclass(frozen=True)
class Region:
    """Curves (x, T) of the ends, and polygons, shape (points, 2), that fill what lies between them."""

    edges: list[tuple[np.ndarray, np.ndarray]]
    polygons: list[np.ndarray]


def trace(T: np.ndarray, low: np.ndarray, high: np.ndarray, critical_points: Sequence[CriticalPoint] = ()) -> Region:
    """The region low < x < high, rows in any order, several at one T where there are several intervals, nan for none.

    Intervals at neighbouring temperatures that overlap belong together. Where one meets two, only its outer ends go on.
    An interval that ends between two temperatures is closed at the critical point between them.
    """
    levels, temperatures = _levels(T, low, high)
    nodes = [(i, a) for i, level in enumerate(levels) for a in range(len(level))]
    up = {(i, a): [(i + 1, b) for b in _overlaps(levels[i][a], levels, i + 1)] for i, a in nodes}
    down = {(i, a): [(i - 1, b) for b in _overlaps(levels[i][a], levels, i - 1)] for i, a in nodes}

    def arcs(node: tuple[int, int], neighbour: int) -> list[np.ndarray]:
        """Rows (x, T) that close the two ends of an interval towards a level where it has no continuation."""
        if not 0 <= neighbour < len(levels):
            return []
        i, a = node
        # Closer to the critical point than the next row but one: a gap that is very narrow may be missing in the next.
        further = np.clip(2 * neighbour - i, 0, len(levels) - 1)
        bounds = sorted((temperatures[i], temperatures[further]))
        inside = [point for point in critical_points if bounds[0] <= point.T <= bounds[1]]
        if not inside:
            return []
        point = min(inside, key=lambda p: abs(p.x - levels[i][a].mean()))
        # Next to a critical point of a smooth G the width goes as the root of |T - T_c|, the middle as |T - T_c|.
        rise, middle = point.T + (temperatures[i] - point.T) * ARC**2, levels[i][a].mean()
        return [np.column_stack([point.x + (middle - point.x) * ARC**2 + (end - middle) * ARC, rise]) for end in levels[i][a]]

    tops = {node: arcs(node, node[0] + 1) for node in nodes if not up[node]}
    bottoms = {node: arcs(node, node[0] - 1) for node in nodes if not down[node]}
    edges = []
    for end, pick in ((0, min), (1, max)):
        follows = {node: pick(up[node]) for node in nodes if up[node] and pick(down[pick(up[node])]) == node}
        for start in set(nodes) - set(follows.values()):
            chain = [start]
            while chain[-1] in follows:
                chain.append(follows[chain[-1]])
            parts = [np.array([(levels[i][a][end], temperatures[i]) for i, a in chain])]
            if bottoms.get(chain[0]):
                parts.insert(0, bottoms[chain[0]][end][:0:-1])
            if tops.get(chain[-1]):
                parts.append(tops[chain[-1]][end][1:])
            edges.append(tuple(np.concatenate(parts).T))
    edges.sort(key=lambda edge: (edge[1][0], edge[0][0]))
    polygons = [_slab(levels, temperatures, node, above) for node in nodes for above in up[node]]
    polygons += [np.concatenate([left, right[::-1]]) for left, right in filter(None, [*tops.values(), *bottoms.values()])]
    return Region(edges, polygons)


def ribbon(T: np.ndarray, low: np.ndarray, high: np.ndarray) -> list[np.ndarray]:
    """Polygons, shape (points, 2), that fill low < x < high; the intervals of a temperature go on in order while their number stays."""
    levels, temperatures = _levels(T, low, high)
    counts = [len(level) for level in levels]
    breaks = sorted({0, *(np.flatnonzero(np.diff(counts)) + 1), len(levels)})
    polygons = []
    for start, stop in zip(breaks, breaks[1:]):
        for left, right in np.stack(levels[start:stop], axis=2):
            sides = [np.column_stack([side, temperatures[start:stop]]) for side in (left, right)]
            polygons.append(np.concatenate([sides[0], sides[1][::-1]]))
    return polygons


def _levels(T: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """The intervals at each temperature, shape (n, 2) in rising x, and the temperatures, rising."""
    temperatures = np.unique(T)
    levels = []
    for temperature in temperatures:
        rows = (T == temperature) & ~np.isnan(low) & ~np.isnan(high)
        intervals = np.column_stack([low[rows], high[rows]])
        levels.append(intervals[np.argsort(intervals[:, 0])])
    return levels, temperatures


def _overlaps(interval: np.ndarray, levels: list[np.ndarray], i: int) -> list[int]:
    """Which intervals of level i share some x with the given one."""
    if not 0 <= i < len(levels):
        return []
    return np.flatnonzero((levels[i][:, 0] <= interval[1]) & (levels[i][:, 1] >= interval[0])).tolist()


def _slab(levels: list[np.ndarray], temperatures: np.ndarray, below: tuple[int, int], above: tuple[int, int]) -> np.ndarray:
    (i, a), (j, b) = below, above
    corners = [(levels[i][a][0], i), (levels[j][b][0], j), (levels[j][b][1], j), (levels[i][a][1], i)]
    return np.array([(x, temperatures[level]) for x, level in corners])
