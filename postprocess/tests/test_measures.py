"""Tables of measures are read as they are and drawn as they are read; so are the law of coarsening and the scaled structure factor."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import COARSENING, K, TIMES, length, measures, structure_factor, write_electrode, write_measures, write_results, write_summary
from matplotlib.colors import to_hex
from spinode_post.__main__ import main
from spinode_post.curves import Coarsening, draw_coarsening, read_coarsening
from spinode_post.measures import draw_panel, draw_table, never_finite, panels, read_table, read_tables
from spinode_post.results import ResultsError, open_results
from spinode_post.structure_factor import draw_scaled, scale_by_moment

BLUE, VERMILION = "#0072b2", "#d55e00"


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def measured(box):
    """A 3D folder with all tables."""
    write_measures(box / "measures", measures(3, walls=True))
    return box


def table(folder, name):
    return next(t for t in read_tables(open_results(folder)) if t.name == name)


def draw(axes, folder, name, panel):
    """One panel into axes; lines by their labels."""
    found = table(folder, name)
    draw_panel(axes, open_results(folder), found, next(p for p in panels(found) if p.name == panel))
    return {line.get_label(): line for line in axes.lines}


def test_tables_are_those_of_the_files(measured, dimension, tmp_path):
    folder = write_results(tmp_path / "other", dimension)
    written = measures(dimension, walls=True)
    write_measures(folder / "measures", written)
    tables = read_tables(open_results(folder))
    assert [t.name for t in tables] == list(written)
    for found in tables:
        np.testing.assert_array_equal(found.time, TIMES)
        assert list(found.columns) == list(written[found.name])
        for name, (values, unit) in written[found.name].items():
            np.testing.assert_array_equal(found.columns[name], values)
            assert found.units[name] == (unit or "1")


def test_the_run_comes_before_its_analysis(box):
    rows = np.arange(2)
    tables = {"phases": {"fraction_host": (rows, "")}, "zeal": {"zeal": (rows, "m")}, "chords": {"chord_host_x": (rows, "m")}}
    write_measures(box / "analysis", tables, time=TIMES[:2])
    write_measures(box / "measures", {"phases": {"fraction_host": (0 * TIMES, "")}, "apples": {"apples": (TIMES, "")}})
    tables = read_tables(open_results(box))
    assert [(t.name, t.path.parent.name, t.time.size) for t in tables] == [
        ("phases", "measures", 7),
        ("chords", "analysis", 2),
        ("apples", "measures", 7),
        ("zeal", "analysis", 2),
    ]


def test_a_row_being_written_is_left_out(measured):
    path = measured / "measures" / "chords.csv"
    with path.open("a", encoding="utf-8") as file:
        file.write("70,6.4e-5,1e-")
    assert read_table(path).time.size == TIMES.size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("step,time [s],a\n0,0,one\n", "is not a table of numbers: could not convert string to float: 'one'"),
        ("step,time [s],a\n0,0\n1,1,1\n", "is not a table of numbers: "),
        ("step,time [s],a b\n0,0,1\n", "column 'a b': expected 'name' or 'name [unit]'"),
        ("step,a\n0,1\n", "no column time"),
        ("", "no column time"),
    ],
)
def test_broken_table_is_one_line(box, capsys, text, message):
    write_measures(box / "measures", {})
    (box / "measures" / "chords.csv").write_text(text, encoding="utf-8")
    assert main(["measures", str(box)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"spinode_post: {box}/measures/chords.csv: {message}") and error.count("\n") == 1


def test_without_tables(box, capsys):
    assert main(["measures", str(box)]) == 1
    expected = "holds no measures/*.csv and no analysis/*.csv: expected the tables of a run or of spinode analyze"
    assert capsys.readouterr().err == f"spinode_post: {box}: {expected}\n"


def test_columns_are_sorted_into_panels(measured):
    def sorted_into(name):
        return {p.name: [(c.column, c.subject, c.kind) for c in p.curves] for p in panels(table(measured, name))}

    connectivity = sorted_into("connectivity")
    assert list(connectivity) == ["pieces", "largest_share", "percolating", "contact", "reach"]
    assert connectivity["percolating"][:3] == [(f"percolating_host_{a}", "host", a) for a in "xyz"]
    assert connectivity["contact"] == [
        ("joining_solute", "solute", "both ends"),
        ("joining_host", "host", "both ends"),
        ("dead_end_solute", "solute", "one end"),
        ("isolated_solute", "solute", "no end"),
        ("orphaned_host", "host", "cut off"),
    ]
    assert [c[2] for c in sorted_into("structure")["length"]] == ["first moment", "peak", "x", "y", "z"]
    assert sorted_into("phases")["x"] == [("x_host", "host", ""), ("x_solute", "solute", "")]
    kinds = {"": "mean", "_largest": "largest"}
    assert sorted_into("thickness")["thickness"] == [(f"thickness_{p}{k}", p, kind) for p in ("host", "solute") for k, kind in kinds.items()]
    assert list(sorted_into("conductivity")) == ["conductivity", "transport_number"]
    assert sorted_into("conductivity")["conductivity"][3:] == [(f"electronic_{a}", "electronic", a) for a in "xyz"]
    assert list(sorted_into("tortuosity")) == ["relative_conductivity", "tortuosity"]


def test_panels_do_not_mix_units(box):
    write_measures(box / "measures", {"odd": {"length_x": (TIMES, "m"), "length_y": (TIMES, "")}})
    assert [(p.name, p.unit) for p in panels(table(box, "odd"))] == [("length", "m"), ("length", "1")]


def test_curves_are_the_columns(measured, axes):
    lines = draw(axes, measured, "chords", "chord")
    for phase, share in (("Li", 1), ("Na", 0.5)):
        for i, a in enumerate("xyz"):
            line = lines[f"{phase}-rich, {a}"]
            np.testing.assert_allclose(line.get_xdata(), TIMES[1:] * 1e6)
            np.testing.assert_allclose(line.get_ydata(), 10 * (1 + 0.1 * i) * (1 + 0.1 * np.arange(1, 7)) * share)
            assert to_hex(line.get_color()) == (BLUE if phase == "Li" else VERMILION)
    styles = {a: lines[f"Na-rich, {a}"].get_linestyle() for a in "xyz"}
    assert styles == {a: lines[f"Li-rich, {a}"].get_linestyle() for a in "xyz"} and styles["x"] != styles["y"]
    assert axes.get_ylabel() == "mean chord (nm)" and axes.get_xlabel() == "time $t$ (µs)" and axes.get_xscale() == "log"
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(lines)


def test_powers_of_a_length_take_its_unit(measured, axes):
    line = draw(axes, measured, "interface", "euler_characteristic")["_child0"]
    np.testing.assert_allclose(line.get_ydata(), -1e-3 / (1 + np.arange(1, 7)))
    assert axes.get_ylabel().replace("\n", " ") == "Euler characteristic per volume (nm$^{-3}$)"
    assert axes.get_legend() is None


def test_many_decades_take_a_logarithmic_axis(box, axes):
    for values, unit, expected in (
        ([0, 1e-6, 1e-4, 1e-3, 1, 10, 1e3], "S m-1", "log"),
        ([1, 2, 4, 8, 16, 32, 64], "S m-1", "linear"),
        ([0, 1e-6, 1e-4, 1e-3, 1, 1, 1], "", "linear"),
        ([1, 1e-6, 1e-4, 1e-3, 1, 1, -1], "S m-1", "linear"),
        ([0, 0, 0, 0, 0, 0, 0], "S m-1", "linear"),
    ):
        write_measures(box / "measures", {"conductivity": {"ionic_x": (np.array(values), unit)}})
        axes.clear()
        (line,) = draw(axes, box, "conductivity", "conductivity").values()
        assert axes.get_yscale() == expected
        assert axes.get_xlim() == (pytest.approx(1), pytest.approx(32))
    write_measures(box / "measures", {"conductivity": {"ionic_x": (np.array([0, 1e-6, 1e-4, 1e-3, 1, 10, 1e3]), "S m-1")}})
    axes.clear()
    (line,) = draw(axes, box, "conductivity", "conductivity").values()
    np.testing.assert_allclose(line.get_ydata(), [1e-3, 1e-1, 1, 1e3, 1e4, 1e6])
    assert axes.get_ylabel() == "conductivity (mS m$^{-1}$)"


def test_deviations_are_bands(measured, axes):
    draw(axes, measured, "thickness", "thickness")
    assert len(axes.lines) == 4 and len(axes.collections) == 2
    low, high = axes.collections[0].get_paths()[0].vertices[:, 1].min(), axes.collections[0].get_paths()[0].vertices[:, 1].max()
    assert low == pytest.approx((8 - 1) * 1.1) and high == pytest.approx((8 + 1) * 1.6)


def test_infinite_values_are_gaps(measured, axes):
    lines = draw(axes, measured, "tortuosity", "tortuosity")
    values = lines["Li-rich, y"].get_ydata()
    assert np.isnan(values[:2]).all()
    np.testing.assert_allclose(values[2:], 2.2 * (1 + 0.1 * np.arange(3, 7)))
    assert never_finite(table(measured, "tortuosity")) == []
    write_measures(measured / "measures", {"tortuosity": {"tortuosity_host_x": (np.full(7, np.inf), ""), "tortuosity_solute_x": (TIMES, "")}})
    assert never_finite(table(measured, "tortuosity")) == ["tortuosity_host_x"]


@pytest.mark.parametrize(("charge", "scale"), [(False, "log"), (True, "linear")])
def test_time_is_logarithmic_unless_there_is_an_electrode(tmp_path, axes, charge, scale):
    folder = (write_electrode if charge else write_results)(tmp_path / "wave", 2)
    write_measures(folder / "measures", measures(2))
    line = draw(axes, folder, "structure", "anisotropy")["_child0"]
    assert axes.get_xscale() == scale
    np.testing.assert_allclose(line.get_xdata(), (TIMES if charge else TIMES[1:]) * 1e6)


def test_a_dimensionless_case_has_no_units(tmp_path):
    folder = write_results(tmp_path / "plain", 2, dimensionless=True)
    write_measures(folder / "measures", measures(2), dimensionless=True)
    results = open_results(folder)
    for found in read_tables(results):
        figure = plt.figure()
        draw_table(figure, results, found)
        for axes in figure.axes:
            assert "(" not in axes.get_xlabel() + axes.get_ylabel()
        plt.close(figure)


def test_every_panel_is_drawn_once(measured):
    results = open_results(measured)
    for found in read_tables(results):
        figure = plt.figure()
        draw_table(figure, results, found)
        assert len(figure.axes) == len(panels(found))
        drawn = sum(len(axes.lines) + len(axes.collections) for axes in figure.axes)
        assert drawn == len(found.columns)
        plt.close(figure)


def test_command_draws_unknown_tables_too(measured, capsys):
    write_measures(measured / "measures", {"zeal_of_x": {"zeal": (np.sqrt(TIMES), "N m-1")}})
    assert main(["measures", str(measured)]) == 0
    path = measured / "figures" / "measures.png"
    assert capsys.readouterr().out == f"{path}\n"
    image = plt.imread(path)[..., :3]
    rows = np.array_split(image, 10)
    assert all((row < 0.99).any(axis=2).mean() > 0.005 for row in rows)


def test_law_of_coarsening(box, axes):
    write_summary(box, coarsening=COARSENING)
    draw_coarsening(axes, open_results(box))
    lines = {line.get_label(): line for line in axes.lines}
    assert list(lines) == ["run", "fit, exponent 0.250 ± 0.020", "$t^{1/3}$", "$t^{1/4}$"]
    np.testing.assert_allclose(lines["run"].get_ydata(), length(np.arange(1, 7)) * 1e9)
    time, fitted = (np.array(values) for values in lines["fit, exponent 0.250 ± 0.020"].get_data())
    assert (time[0], time[-1]) == (pytest.approx(4), pytest.approx(32))
    # (1e-8 m)^4 + 3e-27 m^4/s t, in um and nm
    np.testing.assert_allclose(fitted**4, 1e4 + 3e3 * time)
    window = axes.patches[0].get_path().vertices[:, 0]
    assert (window.min(), window.max()) == (pytest.approx(4), pytest.approx(32))
    for name, exponent in (("$t^{1/3}$", 1 / 3), ("$t^{1/4}$", 1 / 4)):
        t, guide = lines[name].get_data()
        assert np.polyfit(np.log(t), np.log(guide), 1)[0] == pytest.approx(exponent)


def test_guides_without_a_fit_cover_the_last_decade(box, axes):
    draw_coarsening(axes, open_results(box))
    lines = {line.get_label(): line for line in axes.lines}
    assert list(lines) == ["run", "$t^{1/3}$", "$t^{1/4}$"] and not axes.patches
    time, high = lines["$t^{1/3}$"].get_data()
    assert (time[0], time[-1]) == (pytest.approx(3.2), pytest.approx(32))
    middle = np.interp(np.sqrt(3.2 * 32), TIMES * 1e6, length(np.arange(7)) * 1e9)
    assert np.exp(np.interp(np.log(np.sqrt(3.2 * 32)), np.log(time), np.log(high))) == pytest.approx(1.25 * middle)


def test_where_the_fit_is_read(box):
    results = open_results(box)
    assert read_coarsening(results) == "the run has not fitted one"
    write_summary(box)
    assert read_coarsening(results) == "the run has not fitted one"
    write_summary(box, coarsening={"reason": "fewer than ten rows"})
    assert read_coarsening(results) == "fewer than ten rows"
    write_summary(box, coarsening=COARSENING)
    assert read_coarsening(results) == Coarsening(4e-6, 32e-6, 0.25, 0.02, 4.0, 0.3, 3e-27, 1e-8, 4)
    (box / "analysis").mkdir()
    path = box / "analysis" / "coarsening.json"
    path.write_text(json.dumps(COARSENING | {"exponent": 0.3, "exponent_error": None}), encoding="utf-8")
    fit = read_coarsening(results)
    assert fit.exponent == 0.3 and np.isnan(fit.exponent_error) and str(fit) == "0.300"
    for text in ("[]", "3", "{", '{"from": 1}', json.dumps(COARSENING | {"n": "four"})):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ResultsError, match="analysis/coarsening.json: holds no fit of coarsening: "):
            read_coarsening(results)


@pytest.mark.parametrize(("dimension", "height"), [(1, 1.0), (2, 4.0), (3, 13.5)])
def test_scaled_structure_factor_of_an_exponential(dimension, height):
    """S = A exp(-k/a) has k1 = d a, and F = d^d / (d-1)! exp(-d q) whatever A and a."""
    for a, A in ((1e9, 1e-26), (2.5e8, 7.0)):
        k = (np.arange(40000) + 0.5) * a / 1000
        q, F = scale_by_moment(k, A * np.exp(-k / a), dimension)
        np.testing.assert_allclose(q, k / (dimension * a), rtol=1e-6)
        np.testing.assert_allclose(F, height * np.exp(-k / a), rtol=1e-6)


def test_scaled_structure_factor_curves(box, axes):
    results = open_results(box)
    draw_scaled(axes, results, results.nearest([1e-6, 32e-6]))
    for line, i in zip(axes.lines, (1, 6), strict=True):
        S = structure_factor()[i]
        k1 = np.sum(K**3 * S) / np.sum(K**2 * S)
        np.testing.assert_allclose(line.get_xdata(), K / k1)
        np.testing.assert_allclose(line.get_ydata(), S * k1**3 / (np.sum(K**2 * S) * (K[1] - K[0])))
    assert [line.get_label() for line in axes.lines] == ["1 µs", "32 µs"]
    assert axes.get_xlabel() == "$k/k_1$" and (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
