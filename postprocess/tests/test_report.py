"""The report holds what it promises: sections, pictures with captions, values with units, and nothing from elsewhere."""

import base64
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import (
    AMPLITUDES,
    CELLS,
    CHARGE,
    COARSENING,
    CYCLED,
    MEAN,
    TIMES,
    electrode_columns,
    measures,
    wave,
    write_electrode,
    write_measures,
    write_results,
    write_summary,
)
from spinode_post.__main__ import main
from spinode_post.measures import read_tables
from spinode_post.panels import box_extent
from spinode_post.report import charts, page, report
from spinode_post.report.page import Page, markup
from spinode_post.report.tables import flat, measured, model, number, quantity
from spinode_post.results import open_results

SECTIONS = ["Run", "Final measures", "Structure", "Energies", "Coarsening", "Measures over time", "All parameters"]
VOID = {"meta", "img", "br", "link"}
INLINE = page.inline


class Reader(HTMLParser):
    """Sections, figures (image, caption), rows of tables, and all text; fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.sections: list[str] = []
        self.figures: list[list[str]] = []
        self.rows: list[list[str]] = []
        self.paragraphs: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "figure":
            self.figures.append(["", ""])
        if tag == "img":
            assert "figure" in self.open
            self.figures[-1][0] = dict(attributes)["src"]
        if tag == "tr":
            self.rows.append(["", ""])
        if tag == "h2":
            self.sections.append("")
        if tag == "p":
            self.paragraphs.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.text += data
        if "figcaption" in self.open:
            self.figures[-1][1] += data
        elif "th" in self.open or "td" in self.open:
            self.rows[-1]["td" in self.open] += data
        elif "h2" in self.open:
            self.sections[-1] += data
        elif "p" in self.open:
            self.paragraphs[-1] += data


DOT = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Pictures are composed but not rendered, none of them by ParaView, unless a test asks for it."""

    def inline(figure):
        plt.close(figure)
        return f'<img alt="" src="{DOT}">'

    monkeypatch.setattr(page, "inline", inline)
    monkeypatch.setattr(report, "pvbatch_command", missing)


@pytest.fixture
def rendered(quick, monkeypatch):
    """Small pictures as they are."""
    monkeypatch.setattr(page, "inline", INLINE)
    monkeypatch.setattr(page, "DPI", 50)


def missing():
    raise report.ResultsError("render: pvbatch is not installed; on Debian: apt-get install paraview")


def read(folder: Path) -> Reader:
    assert main(["report", str(folder)]) == 0
    return Reader((folder / "figures" / "report.html").read_text(encoding="utf-8"))


def pixels(source: str) -> np.ndarray:
    head, data = source.split(",")
    assert head == "data:image/png;base64"
    return plt.imread(io.BytesIO(base64.b64decode(data)))[..., :3]


def check_page(found: Reader, folder: Path, sections: list[str]) -> None:
    text = (folder / "figures" / "report.html").read_text(encoding="utf-8")
    assert found.sections == sections
    assert not re.search(r"https?:|//[a-z]|<script|<link|url\(|@import", re.sub(r"base64,[\w+/=]+", "", text))
    assert len(text) < 5e6
    for i, (source, caption) in enumerate(found.figures, 1):
        assert re.match(rf"Figure {i}\. \S.+\. ?\S.{{20,}}", caption), caption
        image = pixels(source)
        assert len(np.unique((image.reshape(-1, 3) * 255).astype(int), axis=0)) > 2
        assert ((image < 0.9).any(axis=2)).mean() > 0.005
    assert "$" not in found.text and "None" not in found.text and "\\" not in found.text


def titles(found: Reader) -> list[str]:
    return [re.match(r"Figure \d+\. (.*?)\. ", caption)[1] for _, caption in found.figures]


def test_report_of_every_dimension(tmp_path, dimension, capsys, rendered):
    folder = write_summary(write_results(tmp_path / "wave", dimension), coarsening=COARSENING)
    write_measures(folder / "measures", measures(dimension, walls=True) if dimension == 3 else {"phases": measures(dimension)["phases"]})
    found = read(folder)
    assert capsys.readouterr().out == f"{folder}/figures/report.html\n"
    check_page(found, folder, SECTIONS)
    profile = f"Profile along {'xyz'[dimension - 1]}"
    expected = ["Structure over time", "Scaffold", "Distribution of x", profile, "Energies", "Length over time", "Structure factor"]
    dropped = set() if dimension == 3 else {"Scaffold", profile}
    tables = ["Lengths of the structure factor", "Phases", "Interface", "Curvature of the interface", "Mean chords", "Local thickness"]
    tables += ["Connectivity", "Tortuosity", "Effective conductivity"]
    assert titles(found) == [name for name in expected if name not in dropped] + (tables if dimension == 3 else ["Phases"])
    assert ("not drawn: render: pvbatch is not installed; on Debian: apt-get install paraview." in found.text) == (dimension == 3)
    assert "exponent 1/n = 0.250 ± 0.020, n = 4 ± 0.3, K = 3 × 10−27 mn s−1" in found.text


def test_what_was_run(tmp_path):
    folder = write_summary(write_results(tmp_path / "wave", 2), warnings=["5 cells to the <interface>"])
    found = read(folder)
    rows = dict(found.rows)
    assert rows["System"] == "Li–Na" and rows["Temperature"] == "298.15 K" and rows["Elasticity"] == "isotropic"
    assert rows["Box"] == "48 × 32 nm" and rows["Cells"] == "24 × 16, of 2 × 2 nm"
    assert rows["Boundary"] == "x: periodic, y: periodic"
    assert rows["Time"] == "32 µs, 7 snapshots"
    assert rows["Steps"] == "60 accepted (40 implicit, 20 semi implicit), 4 rejected"
    assert rows["Wall time"] == "14 s (setup 0.5 s, steps 12 s, output 1.5 s), 2 threads"
    assert rows["spinode"] == "0" and rows["Computer"] == "here"
    assert found.paragraphs[1] == "Warning. 5 cells to the <interface>"
    assert 'temperature = "298.15 K"' in found.text and 'elasticity.model = "isotropic"' in found.text


def test_final_measures(box):
    write_measures(box / "measures", measures(3))
    rows = dict(read(box).rows)
    assert rows["time"] == "32 µs" and rows["length 2π/k1"] == "70 nm" and rows["mean x"] == "0.3"
    assert rows["energy total"] == "−20 aJ" and rows["largest x"] == "0.59"
    assert rows["mean chord, Na-rich, z"] == "9.6 nm"
    assert rows["specific interface area"] == "0.14286 nm−1"
    assert rows["Euler characteristic per volume"] == "−1.4286 × 10−4 nm−3"
    assert rows["local thickness, Li-rich, deviation"] == "1.6 nm"
    assert rows["conductivity, electronic, y"] == "1.6 mS m−1"


def test_user_text_is_escaped(tmp_path):
    nasty = '<b>&"</b><script>alert(1)</script>'
    folder = write_results(tmp_path / "wave", 2)
    write_measures(folder / "measures", {"<i>table": {"<u>column": (np.full(7, np.nan), "<s>")}, "more": {"<u>column": (TIMES, "<s>")}})
    for path in (folder / "snapshots").iterdir():
        with h5py.File(path, "a") as file:
            file.attrs["case"] = nasty
            file.attrs["config"] = f"description = '{nasty}'\n[mobility]\nmodel = '{nasty}'\n"
            file.attrs["host"] = nasty
    found = read(folder)
    assert not {"b>", "script", "u", "s"} & set(found.tags)
    assert found.text.count(nasty) >= 4
    assert "<u>column" in found.text and "<s>" in found.text
    assert dict(found.rows)["Mobility"] == nasty and dict(found.rows)["Computer"] == nasty


def test_a_run_that_goes_on(box):
    found = read(box)
    assert "The run has not ended: it has no summary.json yet." in found.paragraphs
    assert "The run has no tables of measures, and has not been analysed." in found.paragraphs
    assert "No law of coarsening is fitted: the run has not fitted one." in found.text
    assert "Steps" not in dict(found.rows) and "Wall time" not in dict(found.rows)


def test_charts_that_cannot_be_drawn_are_lines(box):
    with h5py.File(box / "structure_factor.h5", "a") as file:
        file["S"][...] = 0
    found = read(box)
    assert "Structure factor" not in titles(found)
    assert any(p.startswith("Structure factor: not drawn: ") and p.endswith("S is zero at the chosen times.") for p in found.paragraphs)


def test_columns_that_are_never_finite_are_named(box):
    write_measures(box / "measures", {"tortuosity": {"tortuosity_host_x": (np.full(7, np.inf), ""), "tortuosity_solute_x": (1 + TIMES, "")}})
    found = read(box)
    assert "Without a finite value, and not to be seen: tortuosity_host_x." in found.figures[-1][1]
    assert dict(found.rows)["tortuosity, Li-rich, x"] == "∞"


def test_broken_summary_is_one_line(box, capsys):
    for text, message in (("{", "is not JSON: "), ("[]", "expected an object")):
        (box / "summary.json").write_text(text, encoding="utf-8")
        assert main(["report", str(box)]) == 1
        assert capsys.readouterr().err.startswith(f"spinode_post: {box}/summary.json: {message}")


def test_report_of_an_electrode(tmp_path, dimension, request):
    if dimension == 2:
        request.getfixturevalue("rendered")
    folder = write_electrode(tmp_path / "strip", dimension)
    ends = [("strip", "capacity", 16e-6), ("rest", "host_fraction", 32e-6)]
    write_summary(folder, protocol=[{"step": i, "mode": mode, "ended_by": end, "time": time} for i, (mode, end, time) in enumerate(ends, 1)])
    found = read(folder)
    assert found.sections == [*SECTIONS[:-1], "Electrode", SECTIONS[-1]]
    if dimension == 2:
        check_page(found, folder, found.sections)
    assert titles(found)[-2:] == ["Electrode", "Ledger"]
    assert found.rows[-2:] == [["Step 1: strip", "ended by capacity at 16 µs"], ["Step 2: rest", "ended by host fraction at 32 µs"]]
    rows = dict(found.rows)
    assert rows["thickness"] == {1: "19.2", 2: "12.8", 3: "9.6"}[dimension] + " nm"
    assert rows["Box at the end"] == {1: "19.2 nm", 2: "48 × 12.8 nm", 3: "48 × 32 × 9.6 nm"}[dimension]
    assert "Each time has its own thickness." in found.figures[0][1]


def test_a_cycled_electrode_keeps_its_box(tmp_path):
    rows = dict(read(write_electrode(tmp_path / "cycle", 2, charge=CYCLED)).rows)
    assert rows["capacity"] == "0 µAh cm−2" and "Box at the end" not in rows


def test_report_without_units(tmp_path):
    folder = write_results(tmp_path / "plain", 2, dimensionless=True)
    write_measures(folder / "measures", measures(2), dimensionless=True)
    write_summary(folder, coarsening=COARSENING)
    found = read(folder)
    assert found.sections == SECTIONS
    rows = dict(found.rows)
    assert "System" not in rows and "Temperature" not in rows
    assert rows["Box"] == "48 × 32"
    # Of the wall time alone.
    assert not re.search(r"\d [µn]?[ms]\b", "".join(value for name, value in found.rows if name != "Wall time"))


def test_scaffold_is_the_surface_where_paraview_is(box, monkeypatch):
    seen = []

    def draw_surfaces(snapshots, threshold):
        seen.append((len(snapshots), threshold))
        return [np.tile([0.9, 0.6, 0.0], (20, 20, 1)) for _ in snapshots]

    monkeypatch.setattr(report, "pvbatch_command", list)
    monkeypatch.setattr(charts, "draw_surfaces", draw_surfaces)
    found = read(box)
    assert seen == [(3, pytest.approx(MEAN, abs=1e-6))]
    caption = found.figures[1][1]
    assert "Surface x = 0.3, between the phases" in caption and "Na-rich" in caption
    assert "not drawn" not in found.text
    results = open_results(box)
    figure = charts.surfaces(results, results.snapshots[-2:], 0.3)
    for axes, title in zip(figure.axes, ("$t$ = 16 µs", "$t$ = 32 µs")):
        assert axes.get_title() == title
        np.testing.assert_allclose(axes.images[0].get_extent(), box_extent((48, 32, 24)))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["Na-rich ($x$ > 0.3)", "Li-rich (left clear)"]
    plt.close(figure)


def test_slices_are_the_planes(box, tmp_path):
    for path in (box / "snapshots").iterdir():
        with h5py.File(path, "a") as file:
            file.attrs["boundary"] = "periodic,periodic,periodic"
    results = open_results(box)
    chosen = results.nearest([4e-6, 32e-6])
    figure = charts.slices(results, chosen)
    for axes, i in zip(figure.axes, (3, 6)):
        np.testing.assert_array_equal(axes.images[0].get_array(), wave(3, i)[6])
        assert axes.get_title() == f"$t$ = {TIMES[i] * 1e6:g} µs"
    plt.close(figure)
    walled = open_results(write_electrode(tmp_path / "walled", 3))
    figure = charts.slices(walled, walled.snapshots[-1:])
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), wave(3, 6)[:, 8, :])
    assert figure.axes[0].images[0].get_extent()[1::2] == (pytest.approx(48), pytest.approx(24 * 0.4))
    plt.close(figure)


def test_profile_is_the_mean_of_planes(tmp_path):
    folder = write_results(tmp_path / "slope", 3)
    steep = MEAN + AMPLITUDES[6] * np.linspace(-1, 1, CELLS[2])[:, None, None] + 0.1 * np.cos(2 * np.pi * np.arange(CELLS[0]) / CELLS[0])
    with h5py.File(folder / "snapshots" / "slope_000006.hdf", "a") as file:
        file["VTKHDF/PointData/x"][...] = np.broadcast_to(steep, CELLS[::-1])
    results = open_results(folder)
    figure = charts.profile(results, results.snapshots[-1:])
    depth, mean = figure.axes[0].lines[0].get_data()
    np.testing.assert_allclose(mean, MEAN + AMPLITUDES[6] * np.linspace(-1, 1, CELLS[2]))
    np.testing.assert_allclose(depth, 2 * np.arange(CELLS[2]) + 1)
    assert figure.axes[0].get_xlabel() == "along z (nm)"
    plt.close(figure)


def test_ledger_shows_the_books(tmp_path):
    folder = write_electrode(tmp_path / "strip", 2)
    path = folder / "timeseries.csv"
    header, *rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    at = header.index("charge_imbalance"), header.index("solute_amount [mol m-2]")
    for i, row in enumerate(rows):
        row[at[0]], row[at[1]] = str(-1e-15 * i), str(3 * (1 + 1e-14 * i))
    path.write_text("\n".join(map(",".join, [header, *rows])) + "\n", encoding="utf-8")
    figure = charts.ledger(open_results(folder))
    charge, books = figure.axes
    capacity = electrode_columns(CHARGE, 2)["capacity"][0]
    for line in charge.lines:
        np.testing.assert_allclose(line.get_data(), (TIMES * 1e6, capacity))
    imbalance, solute = (line.get_ydata() for line in books.lines)
    assert np.isnan(imbalance[0]) and np.isnan(solute[0])
    np.testing.assert_allclose(imbalance[1:], 1e-15 * np.arange(1, 7))
    np.testing.assert_allclose(solute[1:], 1e-14 * np.arange(1, 7), rtol=0.05)
    plt.close(figure)


def test_times_of_an_electrode_are_even(tmp_path):
    plain, charged = open_results(write_results(tmp_path / "plain", 1)), open_results(write_electrode(tmp_path / "charged", 1))
    assert [s.time for s in charts.choose(plain, 3)] == [s.time for s in plain.telling(3)]
    assert [s.time for s in charts.choose(charged, 3)] == [0, 16e-6, 32e-6]


def test_numbers_as_words():
    for value, text in (
        (0.0, "0"),
        (-0.5, "−0.5"),
        (123456.7, "1.2346 × 10<sup>5</sup>"),
        (649.0, "649"),
        (123456.0, "123456"),
        (1e-14, "1 × 10<sup>−14</sup>"),
        (-2.5e7, "−2.5 × 10<sup>7</sup>"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
        (np.nan, "–"),
    ):
        assert number(value) == text


def test_quantities_as_words(box):
    results = open_results(box)
    for value, text in (
        ("1e-14 m2 s-1", "1 × 10<sup>−14</sup> m<sup>2</sup> s<sup>−1</sup>"),
        ("13800000000 Pa", "13.8 GPa"),
        ("4.88e-11 J m-1", "48.8 pJ m<sup>−1</sup>"),
        ("363.15 K", "363.15 K"),
        ("1800 s", "30 min"),
        (["20109.8 J mol-1", "5772.6 J mol-1"], "20.11 kJ mol<sup>−1</sup>, 5.7726 kJ mol<sup>−1</sup>"),
        ([["0 s", "298.15 K"], ["0.0004 s", "363.15 K"]], "0 s: 298.15 K, 400 µs: 363.15 K"),
        (0.25, "0.25"),
        (True, "true"),
        ("a < b", "a &lt; b"),
        ([{"step": "strip", "c_rate": 1}, {"step": "rest", "duration": "1800 s"}], "step strip c_rate 1; step rest duration 30 min"),
    ):
        assert quantity(results, value) == text
    assert measured(results, -1e-15, "mAh cm-2", 1.0) == "−1 × 10<sup>−15</sup> mAh cm<sup>−2</sup>"
    cubic = {"model": "cubic", "C11": "13.4e9 Pa", "V": [], "Q": "0 J mol-1", "creep": {"model": "none"}, "tolerance": 1e-5}
    assert model(results, cubic) == "cubic, C11 = 13.4 GPa"
    assert model(results, {"creep": {"model": "viscous", "time": "1 s"}}) == "creep: viscous, time = 1 s"
    assert flat({"a": {"b": {"c": 1}, "d": "e"}, "f": [True]}) == ["a.b.c = 1", 'a.d = "e"', "f = [true]"]


def test_markup_of_figure_texts():
    assert markup("mole fraction Na $x$") == "mole fraction Na <i>x</i>"
    assert markup("nm$^{-3}$ & <b>") == "nm<sup>−3</sup> &amp; &lt;b&gt;"


def test_tables_without_a_caption_of_their_own(box):
    write_measures(box / "measures", {"zeal": {"zeal_x": (TIMES, "N")}})
    assert [t.name for t in read_tables(open_results(box))] == ["zeal"]
    found = read(box)
    assert "Zeal. Columns of zeal.csv." in found.figures[-1][1]


def test_page_numbers_figures_and_lists_sections():
    built = Page("T", "lead")
    for name in ("One", "Two words"):
        built.section(name)
        built.figure(plt.figure(figsize=(1, 1)), f"{name} <", "caption.")
    text = built.html()
    found = Reader(text)
    assert [caption for _, caption in found.figures] == ["Figure 1. One <. caption.", "Figure 2. Two words <. caption."]
    assert '<a href="#two-words">Two words</a>' in text and '<h2 id="two-words">' in text


def test_a_last_value_has_the_prefix_that_suits_it(box):
    write_measures(box / "measures", {"chords": {"chord_host_x": (1e-6 / 10.0 ** np.arange(7) * 4.648, "m")}})
    assert dict(read(box).rows)["mean chord, Li-rich, x"] == "4.648 pm"
