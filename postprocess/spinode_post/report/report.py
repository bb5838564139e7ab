"""A page of HTML about the whole run, alone in its file: parameters, measures, and all pictures with captions."""

import argparse
from collections.abc import Callable
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt

from ..curves import Coarsening, read_coarsening
from ..measures import never_finite, read_tables, title
from ..render import pvbatch_command
from ..results import Results, ResultsError
from ..structure_factor import DECADES
from ..units import format_time
from . import charts
from .page import Page, markup
from .tables import course, final_measures, flat, number, parameters, read_summary

# What the tables of the solver hold; each sentence ends the caption of its figure.
MEANINGS = {
    "structure": "2π/<i>k</i> of the first moment of <i>S</i>(<i>k</i>), of its peak, and of the waves near each axis; anisotropy 0: no preferred direction.",
    "phases": "The thresholds that divide the phases, their volume fractions, and the mean of <i>x</i> in each.",
    "interface": (
        "Area of the interface and Euler characteristic of the solute-rich phase, each over the volume of the box (negative: a network with more loops "
        "than pieces), and the volume fraction that the interface, finer than a cell, encloses."
    ),
    "curvature": "Means over the interface; bands are a standard deviation to either side.",
    "chords": "Mean length of the straight lines that a phase cuts out along each axis.",
    "thickness": (
        "Diameter of the largest ball within the phase that holds a point (Hildebrand and Rüegsegger 1997): mean over the volume, standard deviation "
        "(band), and largest."
    ),
    "connectivity": (
        "Pieces of each phase, the share of the phase in its largest piece, and in pieces that percolate along each axis; between walls, the share in pieces "
        "that touch both ends, one or none, or are cut off from the separator."
    ),
    "tortuosity": (
        "Conductivity of the box where one phase conducts, over that of this phase itself, and the tortuosity: its volume fraction over that; infinite where "
        "the phase does not percolate."
    ),
    "conductivity": "Effective conductivities of the box, and the share of the current that ions carry.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No options of its own."""


def attempt(page: Page, draw: Callable[[], plt.Figure], name: str, caption: str) -> None:
    """Add a figure, or say in a line why the results do not allow it."""
    try:
        page.figure(draw(), name, caption)
    except ResultsError as reason:
        page.paragraph(f"{escape(name)}: not drawn: {escape(str(reason))}.")


def add_run(page: Page, results: Results, summary: dict) -> None:
    """What was run, how, and what it warned of."""
    page.section("Run")
    warnings = summary.get("warnings", [])
    for warning in [warnings] if isinstance(warnings, str) else warnings:
        page.paragraph(f"<b>Warning.</b> {escape(str(warning))}", warning=True)
    if not summary:
        page.paragraph("The run has not ended: it has no summary.json yet.", warning=True)
    page.table(parameters(results) + course(results, summary))


def add_structure(page: Page, results: Results) -> None:
    """Slices, the scaffold, and how x is distributed."""
    page.section("Structure")
    chosen, x = charts.choose(results, 6), markup(results.x_label)
    where = {
        1: "along the box",
        2: "in the plane of the box",
        3: f"on the plane through the middle of the box, normal to {'xyz'[charts.normal_axis(results)]}",
    }[results.dimension]
    scale = "one scale for all times" if results.dimension == 1 else "one colour scale for all times"
    shrinks = " Each time has its own thickness." if charts.is_electrode(results) else ""
    attempt(page, lambda: charts.slices(results, chosen), "Structure over time", f"{_sentence(x)} {where}; {scale}.{shrinks}")
    if results.dimension == 3:
        add_scaffold(page, results)
    few = charts.choose(results, 4)
    bins = "on a logarithmic scale; each curve encloses an area of 1"
    attempt(page, lambda: charts.distribution(results, few), "Distribution of x", f"Probability density of {x} over the cells of the box, {bins}.")
    if results.boundary[-1] == "no_flux" and results.dimension > 1:
        axis = "xyz"[results.dimension - 1]
        ends = "from the separator to the collector" if charts.is_electrode(results) else "from wall to wall"
        caption = f"Mean of <i>x</i> over each {'plane' if results.dimension == 3 else 'line'} normal to {axis}, {ends}."
        attempt(page, lambda: charts.profile(results, few), f"Profile along {axis}", caption)


def add_scaffold(page: Page, results: Results) -> None:
    """The solute-rich phase as a surface or, without ParaView, the faces of the box."""
    chosen = charts.choose(results, 3)
    solute, host = escape(results.solute), escape(results.host)
    level = results.threshold(chosen[-1])
    name = "Scaffold"
    try:
        pvbatch_command()
        caption = (
            f"Surface <i>x</i> = {number(level)}, between the phases at the last time: the {solute}-rich phase, cut open at the faces "
            f"of the box; the {host}-rich phase is left clear. Parallel projection."
        )
        page.figure(charts.surfaces(results, chosen, level), name, caption)
    except ResultsError as reason:
        page.paragraph(f"The surface of the {solute}-rich phase is not drawn: {escape(str(reason))}.")
        caption = f"{_sentence(markup(results.x_label))} on three faces of the box; one colour scale for all times. Parallel projection."
        attempt(page, lambda: charts.faces(results, chosen), name, caption)


def add_coarsening(page: Page, results: Results) -> None:
    """Length and structure factor."""
    page.section("Coarsening")
    fit = read_coarsening(results)
    length = "Characteristic length 2π/<i>k</i><sub>1</sub> of the first moment of <i>S</i>(<i>k</i>) over time, logarithmic axes. "
    if isinstance(fit, Coarsening):
        unit = "" if results.dimensionless else " m<sup><i>n</i></sup> s<sup>−1</sup>"
        error = f" ± {fit.n_error:.2g}" if fit.n_error == fit.n_error else ""
        length += (
            f"Shaded: the window of the fit <i>L<sup>n</sup></i> − <i>L</i><sub>0</sub><i><sup>n</sup></i> = <i>Kt</i> to {fit.points} rows, with exponent "
            f"1/<i>n</i> = {escape(str(fit))}, "
            f"<i>n</i> = {fit.n:.3g}{error}, <i>K</i> = {number(fit.K)}{unit}. Grey: slopes of 1/3 and 1/4."
        )
    else:
        length += f"No law of coarsening is fitted: {escape(fit)}. Grey: slopes of 1/3 and 1/4 over the last decade."
    attempt(page, lambda: charts.coarsening(results), "Length over time", length)
    chosen = charts.choose(results, 6)
    d = results.dimension
    scaled = (
        f"Left: structure factor <i>S</i>(<i>k</i>) of <i>x</i>, mean over shells of equal |<i>k</i>|, down to {DECADES} decades below its largest value. "
        "Right: the same, scaled as "
        f"<i>F</i>(<i>k</i>/<i>k</i><sub>1</sub>) = <i>S</i> {_power('k<sub>1</sub>', d)} / ∫ <i>S</i> {_power('k', d - 1)} d<i>k</i> with "
        "<i>k</i><sub>1</sub> the first moment of <i>S</i>: curves of a structure that coarsens and stays similar to itself coincide."
    )
    attempt(page, lambda: charts.structure_factor(results, chosen), "Structure factor", scaled)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _power(symbol: str, exponent: int) -> str:
    return "" if exponent == 0 else f"<i>{symbol}</i>" if exponent == 1 else f"<i>{symbol}</i><sup>{exponent}</sup>"


def add_measures(page: Page, results: Results) -> None:
    """One figure per table of measures."""
    page.section("Measures over time")
    tables = read_tables(results)
    if not tables:
        page.paragraph("The run has no tables of measures, and has not been analysed.")
    for table in tables:
        caption = MEANINGS.get(table.name, f"Columns of {escape(table.path.name)}.")
        if missing := never_finite(table):
            caption += f" Without a finite value, and not to be seen: {escape(', '.join(missing))}."
        attempt(page, lambda: charts.measures(results, table), title(table), caption)


def add_electrode(page: Page, results: Results, summary: dict) -> None:
    """The electrode and its books."""
    page.section("Electrode")
    host, solute = escape(results.host), escape(results.solute)
    last = "<i>x</i> over depth" if results.dimension == 1 else "characteristic length in the plane over depth, where both phases are"
    caption = (
        f"(a) Mean of <i>x</i> in each plane over the distance from the separator, up to the collector (line). (b) Thickness, and the share of the {host} "
        f"that is left. (c) Potential against pure {host}, with and without overpotential and ohmic drop. (d) At several moments, {last}."
    )
    attempt(page, lambda: charts.electrode(results), "Electrode", caption)
    caption = (
        f"(a) Charge asked for, charge that passed, and {host} that the cells have lost, all net and positive for stripping. (b) Their mismatch over all "
        f"charge that passed, and the change of {solute} over its amount; zeros are left out."
    )
    attempt(page, lambda: charts.ledger(results), "Ledger", caption)
    if steps := summary.get("protocol"):
        ends = (f"ended by {str(step['ended_by']).replace('_', ' ')} at {format_time(step['time'], results.time_unit)}" for step in steps)
        page.table((f"Step {step['step']}: {escape(str(step['mode']))}", escape(end)) for step, end in zip(steps, ends))


def build(results: Results) -> Page:
    """The page."""
    summary = read_summary(results)
    start, end = (format_time(results.timeseries["time"][i], results.time_unit) for i in (0, -1))
    system = "" if results.dimensionless else f"{results.host}–{results.solute} "
    lead = f"{results.case}: {system}in {results.dimension}D, from {start} to {end}{', an electrode' if charts.is_electrode(results) else ''}"
    page = Page(str(results.config.get("description") or results.case), escape(lead))
    add_run(page, results, summary)
    page.section("Final measures")
    page.tables(final_measures(results, read_tables(results)))
    add_structure(page, results)
    page.section("Energies")
    caption = (
        "Left: change of the parts of the free energy since the start. Right: the total above its value at the end, down to a hundredth of the most."
        + {3: "", 2: " Per metre of depth.", 1: " Per area."}[results.dimension] * (not results.dimensionless)
    )
    attempt(page, lambda: charts.energies(results), "Energies", caption)
    add_coarsening(page, results)
    add_measures(page, results)
    if charts.is_electrode(results):
        add_electrode(page, results, summary)
    page.section("All parameters")
    page.listing(flat(results.config))
    return page


def run(results: Results, folder: Path, options: argparse.Namespace) -> Path:
    """Write the page; returns its path."""
    path = folder / "report.html"
    path.write_text(build(results).html(), encoding="utf-8")
    return path
