"""The pictures of phase diagrams carry the values of their files; gaps are not joined; broken folders are refused in one line."""

import csv
import json
import shutil

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from spinode_post import style
from spinode_post.__main__ import main
from spinode_post.phase_diagram.diagram import PICTURES, draw_phase_diagram
from spinode_post.phase_diagram.energies import draw_distance, draw_formation_energy, draw_gibbs_energy, gibbs_energy
from spinode_post.phase_diagram.limits import draw_solubility, draw_spinodal
from spinode_post.phase_diagram.look import COLOURS, DIRECTION_COLOURS
from spinode_post.phase_diagram.regions import ribbon, trace
from spinode_post.phase_diagram.tables import CriticalPoint, open_phase_results
from thermo_folder import AB_INITIO, ELASTIC, MOLAR_STIFFNESS, TWO_GAPS, ZHANG, R, Solution, logistic, write_phase_results

T = np.linspace(150.0, 370.0, 12)
NAMES = ["phase_diagram", "solubility", "spinodal_ends", "gibbs_energy", "formation_energy"]
NAN = float("nan")


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """Li-Na of two assessments, and a made-up pair with two gaps above about 225 K."""
    base = tmp_path_factory.mktemp("phases")
    return {
        "new": write_phase_results(base / "new", AB_INITIO, T, description="Li-Na, ab initio"),
        "old": write_phase_results(base / "old", ZHANG, T, description="Li-Na, 2003", kinds=("chemical", "coherent-isotropic"), samples=12),
        "two": write_phase_results(base / "two", TWO_GAPS, np.arange(150.0, 801.0, 25.0), description="two", kinds=("chemical",), species=("A", "B"), chosen=400.0),
    }


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def kept(monkeypatch):
    """Texts of the figures by name; nothing is drawn into a file."""
    figures = {}

    def keep(figure, path):
        figures[path.stem] = [text.get_text() for text in figure.findobj(Text) if text.get_text()]
        plt.close(figure)
        return path

    monkeypatch.setattr(style, "save", keep)
    return figures


def read(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(rows, name, **where):
    """A column of a file, in the order of its rows, without empty cells."""
    return np.array([float(row[name]) for row in rows if row[name] and all(row[key] == value for key, value in where.items())])


def curves(axes, gid):
    return [line.get_xydata() for line in axes.lines if line.get_gid() == gid]


def polygons(axes, gid):
    """Corners of the patches of each collection with this gid."""
    return [[path.vertices[:-1] for path in c.get_paths()] for c in axes.collections if isinstance(c, PolyCollection) and c.get_gid() == gid]


@pytest.mark.parametrize(
    ("L", "elastic", "temperature", "expected"),
    [
        (AB_INITIO, 0.0, 298.15, (2.914999996309e-5, 0.03550205921223, 0.8286156546679, 0.9969004096201)),
        (AB_INITIO, ELASTIC["coherent-isotropic"], 298.15, (0.003736288795886, 0.05753221154621, 0.57139951614, 0.805892217206)),
        (AB_INITIO, 0.0, 150.0, (9.707765513991e-10, 0.01722781543749, 0.8926802503331, 0.9999898267264)),
        (ZHANG, 0.0, 250.0, (0.0004569884035409, 0.06983344993262, 0.9301665500674, 0.9995430115965)),
    ],
)
def test_test_data_are_the_published_boundaries(L, elastic, temperature, expected):
    np.testing.assert_allclose(Solution(L, elastic, temperature).rows()[0], expected, rtol=1e-9)


def test_boundaries_are_those_of_the_file(folders, axes):
    draw_phase_diagram(axes, [open_phase_results(folders["new"]), open_phase_results(folders["old"])])
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 1), (150, 370))
    assert axes.get_xlabel() == "mole fraction Na $x$" and axes.get_ylabel() == "temperature $T$ (K)"
    for name in ("new", "old"):
        rows = read(folders[name] / "phase_boundaries.csv")
        for kind in ("chemical", "coherent-isotropic"):
            for boundary in ("binodal", "spinodal"):
                found = curves(axes, f"{name} {kind} {boundary}")
                assert len(found) == 2
                for side, curve in zip(("Li", "Na"), found):
                    x = column(rows, f"x_{boundary}_{side}_side", kind=kind)
                    np.testing.assert_allclose(curve[: x.size], np.column_stack([x, T[: x.size]]), rtol=1e-12)
                    closed = (name, kind) == ("old", "coherent-isotropic")
                    assert (len(curve) > x.size) == closed
                    if closed:
                        np.testing.assert_allclose(curve[-1], (0.5, (16000 - ELASTIC[kind]) / (2 * R)), rtol=1e-9)
    colours = {line.get_gid().split()[1]: line.get_color() for line in axes.lines}
    assert colours == COLOURS


def test_systems_and_boundaries_differ_in_their_lines(folders, axes):
    draw_phase_diagram(axes, [open_phase_results(folders["new"]), open_phase_results(folders["old"])])
    styles = {line.get_gid(): (line.get_linestyle(), line._unscaled_dash_pattern) for line in axes.lines}
    found = [styles[f"{name} chemical {boundary}"] for name in ("new", "old") for boundary in ("binodal", "spinodal")]
    assert found[0][0] == "-" and len({str(entry) for entry in found}) == 4


def test_critical_points_within_the_temperatures(folders, axes):
    draw_phase_diagram(axes, [open_phase_results(folders["new"]), open_phase_results(folders["old"])])
    marks = [line for line in axes.lines if line.get_gid().endswith("critical")]
    assert [line.get_gid() for line in marks] == ["old coherent-isotropic critical"]
    np.testing.assert_allclose(marks[0].get_xydata(), [[0.5, (16000 - ELASTIC["coherent-isotropic"]) / (2 * R)]])


def test_two_gaps_are_not_joined(folders, axes):
    """One gap below the split, two above: the outer boundaries go through, the inner ones begin there, and both domes close."""
    system = open_phase_results(folders["two"])
    draw_phase_diagram(axes, [system])
    lines = curves(axes, "two chemical binodal")
    assert len(lines) == 4
    starts, ends = [line[0] for line in lines], [line[-1] for line in lines]
    assert sorted(T for _, T in starts) == [150.0, 150.0, 225.0, 225.0]
    tops = sorted((point.x, point.T) for point in system.critical_points["chemical"])
    assert len(tops) == 2
    np.testing.assert_allclose(sorted(ends, key=tuple), np.repeat(tops, 2, axis=0))
    for line in lines + curves(axes, "two chemical spinodal"):
        assert abs(np.diff(line[:, 0])).max() < 0.06 and (np.diff(line[:, 1]) > 0).all()
    assert len(curves(axes, "two chemical spinodal")) == 4


def test_regions_are_shaded_between_their_boundaries(folders, axes):
    draw_phase_diagram(axes, [open_phase_results(folders["new"]), open_phase_results(folders["old"])])
    for region, boundary in (("binodal region", "binodal"), ("spinodal region", "spinodal")):
        (found,) = polygons(axes, region)
        left, right = curves(axes, f"new chemical {boundary}")
        assert len(found) == T.size - 1
        np.testing.assert_allclose(found[3], [left[3], left[4], right[4], right[3]])


def test_trace_follows_overlapping_intervals():
    """[0.1, 0.3] and [0.6, 0.8] at 100 to 120 K merge into [0.1, 0.8] at 130 K; nothing at 140 K; another gap at 150 and 160 K."""
    temperatures = np.array([120, 100, 100, 110, 110, 120, 130, 140, 150, 160.0])
    low = np.array([0.62, 0.1, 0.6, 0.11, 0.61, 0.12, 0.13, NAN, 0.13, 0.14])
    high = np.array([0.82, 0.3, 0.8, 0.31, 0.81, 0.32, 0.83, NAN, 0.83, 0.84])
    region = trace(temperatures, low, high)
    found = [(x.tolist(), T.tolist()) for x, T in region.edges]
    assert found == [
        ([0.1, 0.11, 0.12, 0.13], [100, 110, 120, 130]),
        ([0.3, 0.31, 0.32], [100, 110, 120]),
        ([0.6, 0.61, 0.62], [100, 110, 120]),
        ([0.8, 0.81, 0.82, 0.83], [100, 110, 120, 130]),
        ([0.13, 0.14], [150, 160]),
        ([0.83, 0.84], [150, 160]),
    ]
    assert len(region.polygons) == 2 * 2 + 2 + 1


@pytest.mark.parametrize(("point", "closed"), [(125, True), (115, False), (85, True), (145, False)])
def test_trace_closes_at_critical_points(point, closed):
    """A gap at 100 to 120 K within a table of 80 to 140 K: it closes on the side of the critical point, and nowhere else."""
    temperatures = np.array([80, 90, 100, 110, 120, 130, 140.0])
    low, high = np.array([NAN, NAN, 0.3, 0.2, 0.3, NAN, NAN]), np.array([NAN, NAN, 0.5, 0.6, 0.5, NAN, NAN])
    region = trace(temperatures, low, high, [CriticalPoint(0.42, point, True)])
    assert len(region.edges) == 2 and len(region.polygons) == 2 + closed
    for x, rise in region.edges:
        assert (np.diff(rise) > 0).all()
        assert ((0.42, point) in zip(x.tolist(), rise.tolist())) == closed
        assert (x.size > 3) == closed


def test_closing_arc_is_the_one_of_a_regular_solution():
    """Spinodal x(1-x) = RT/2L: from 0.9 T_c the arc stays within 1e-3 of it."""
    T_c, x = 1000.0, (1 - np.sqrt(1 - 0.9)) / 2
    region = trace(np.array([850.0, 900.0, 1050.0]), np.array([0.3, x, NAN]), np.array([0.7, 1 - x, NAN]), [CriticalPoint(0.5, T_c, True)])
    for x, rise in region.edges:
        np.testing.assert_allclose(4 * x[1:] * (1 - x[1:]), rise[1:] / T_c, atol=1e-12)


def test_closing_arc_of_a_lopsided_dome():
    """Ends at x_c + 0.3 t -+ 0.4 sqrt(t), t = 1 - T/T_c: the arc goes on in the same way."""
    T_c, x_c, t = 1000.0, 0.35, np.array([0.15, 0.1])
    low, high = (np.append(x_c + 0.3 * t + side * 0.4 * np.sqrt(t), NAN) for side in (-1, 1))
    region = trace(np.append(T_c * (1 - t), 1050.0), low, high, [CriticalPoint(x_c, T_c, True)])
    for side, (x, rise) in zip((-1, 1), region.edges):
        left = np.clip(1 - rise / T_c, 0, None)
        assert x.size > 10
        np.testing.assert_allclose(x, x_c + 0.3 * left + side * 0.4 * np.sqrt(left), atol=1e-7)


def test_metastable_critical_point_closes_the_spinodal_alone(folders, tmp_path, axes):
    folder = shutil.copytree(folders["two"], tmp_path / "two")
    edit_summary(folder, lambda s: s["kinds"]["chemical"]["critical_points"][0].update(stable=False))
    system = open_phase_results(folder)
    (point,) = (point for point in system.critical_points["chemical"] if not point.stable)
    draw_phase_diagram(axes, [system])
    closed = {name: sum(tuple(line[-1]) == (point.x, point.T) for line in curves(axes, f"two chemical {name}")) for name in ("binodal", "spinodal")}
    assert closed == {"binodal": 0, "spinodal": 2}


def test_ribbon_breaks_where_there_is_nothing():
    found = ribbon(np.array([3, 1, 2, 4, 5.0]), np.array([NAN, 0.1, 0.2, 0.4, 0.5]), np.array([NAN, 0.2, 0.3, 0.5, 0.6]))
    assert [polygon.tolist() for polygon in found] == [[[0.1, 1], [0.2, 2], [0.3, 2], [0.2, 1]], [[0.4, 4], [0.5, 5], [0.6, 5], [0.5, 4]]]


def test_bands_are_those_of_the_file(folders, axes):
    """Samples of the coherent gap drop out below 205 K: its band ends where less than 97.5 % have it."""
    draw_phase_diagram(axes, [open_phase_results(folders["old"])])
    rows = read(folders["old"] / "bands.csv")
    assert 0 < min(float(row["share"]) for row in rows if row["kind"] == "coherent-isotropic" and row["T_K"] == "190") < 0.975
    for kind in ("chemical", "coherent-isotropic"):
        found = polygons(axes, f"old {kind} spinodal band")
        assert len(found) == 4
        for patches, (side, low, high) in zip(found, [(s, *ends) for s in ("Li", "Na") for ends in (("q025", "q975"), ("q16", "q84"))]):
            chosen = [row for row in rows if row["kind"] == kind and row["boundary"] == f"spinodal_{side}_side" and float(row["share"]) >= 0.975]
            left, right = ([(float(row[end]), float(row["T_K"])) for row in chosen] for end in (low, high))
            np.testing.assert_allclose(patches, [left + right[::-1]])


@pytest.mark.parametrize("side", [0, 1])
def test_solubilities(folders, axes, side):
    draw_solubility(axes, [open_phase_results(folders["new"]), open_phase_results(folders["old"])], side)
    assert axes.get_yscale() == "log" and axes.get_xlabel() == "1000 K / $T$"
    assert axes.get_ylabel() == ("solubility of Na in Li, $x$", "solubility of Li in Na, $1-x$")[side]
    for name, L in (("new", AB_INITIO), ("old", ZHANG)):
        ties = read(folders[name] / "tie_lines.csv")
        for kind in ("chemical", "coherent-isotropic"):
            (exact,) = curves(axes, f"{name} {kind} exact")
            values = column(ties, ("x_alpha", "one_minus_x_beta")[side], kind=kind)
            np.testing.assert_allclose(exact[: values.size], np.column_stack([1000 / T[: values.size], values]), rtol=1e-12)
            assert np.isnan(exact[values.size :, 1]).all()
        (asymptote,) = curves(axes, f"{name} chemical asymptote")
        np.testing.assert_allclose(asymptote[:, 0], 1000 / T)
        np.testing.assert_allclose(asymptote[:, 1], np.exp(-(L[0] + (1, -1)[side] * sum(L[1:])) / (R * T)), rtol=1e-10)
        assert not curves(axes, f"{name} coherent-isotropic asymptote")
    wide, narrow = polygons(axes, "old chemical band")
    rows = [row for row in read(folders["old"] / "bands.csv") if row["kind"] == "chemical" and row["boundary"] == f"binodal_{('Li', 'Na')[side]}_side"]
    first = np.array([(1000 / float(row["T_K"]), abs(side - float(row["q025"]))) for row in rows])
    np.testing.assert_allclose(wide[0][: T.size], first, rtol=1e-8)
    assert len(narrow) == 1


def test_solubility_has_degrees_on_top(folders, axes):
    draw_solubility(axes, [open_phase_results(folders["new"])], 0)
    (top,) = axes.child_axes
    for place, label in zip(top.get_xticks(), top.get_xticklabels(), strict=True):
        assert 1000 / place - 273.15 == pytest.approx(float(label.get_text().replace("−", "-")))
    assert len(top.get_xticks()) >= 4


def test_outermost_boundary_does_not_jump_to_another_gap(folders, axes):
    """The B-rich gap closes at 665 K, the A-rich one at 727 K: on the B side the second is not joined to the first."""
    for draw in (draw_solubility, draw_spinodal):
        axes.clear()
        draw(axes, [open_phase_results(folders["two"])], 1)
        values = axes.lines[0].get_ydata()
        steps = abs(np.diff(np.log(values[np.isnan(values) | (values > 0.03)])))
        assert np.nanmax(steps) < 0.6
        assert np.nanmax(values) > 0.5 and np.isnan(values).any()


def test_many_temperatures_are_thinned_to_symbols(tmp_path, axes):
    folder = write_phase_results(tmp_path / "many", AB_INITIO, np.linspace(200, 300, 61), description="many", kinds=("chemical",))
    for draw in (draw_solubility, draw_spinodal):
        axes.clear()
        draw(axes, [open_phase_results(folder)], 0)
        line = axes.lines[0]
        assert line.get_gid() == "many chemical exact" and line.get_ydata().size == 61
        marked = line.get_xdata()[line.get_markevery()]
        assert marked.size == 15 and np.ptp(marked) == np.ptp(line.get_xdata())


@pytest.mark.parametrize("side", [0, 1])
def test_spinodals_and_their_directions(folders, axes, side):
    draw_spinodal(axes, [open_phase_results(folders["new"])], side)
    species = ("Li", "Na")[side]
    boundaries, directions = read(folders["new"] / "phase_boundaries.csv"), read(folders["new"] / "spinodal_directions.csv")
    expected = {kind: column(boundaries, f"x_spinodal_{species}_side", kind=kind) for kind in ("chemical", "coherent-isotropic")}
    expected |= {name: column(directions, f"x_spinodal_{species}_side", direction=name) for name in DIRECTION_COLOURS}
    drawn = [line.get_gid().split()[1] for line in axes.lines if line.get_gid().endswith("exact")]
    assert drawn == list(expected)
    for name, x in expected.items():
        (exact,) = curves(axes, f"new {name} exact")
        np.testing.assert_allclose(exact, np.column_stack([T, abs(side - x)]), rtol=1e-9)
    (asymptote,) = curves(axes, "new chemical asymptote")
    np.testing.assert_allclose(asymptote[:, 1], R * T / (2 * AB_INITIO[0] + (6, -6)[side] * AB_INITIO[1]), rtol=1e-10)
    low, high = axes.get_ylim()
    values = np.concatenate([abs(side - x) for x in expected.values()])
    assert low < values.min() and values.max() < high < 1.3 * values.max()


def test_cubic_spinodal_without_directions(folders, tmp_path, axes):
    folder = shutil.copytree(folders["new"], tmp_path / "new")
    (folder / "spinodal_directions.csv").unlink()
    draw_spinodal(axes, [open_phase_results(folder)], 0)
    (exact,) = curves(axes, "new coherent-cubic exact")
    spinodals = [Solution(AB_INITIO, MOLAR_STIFFNESS * 5.690e9, temperature).spinodals()[0, 0] for temperature in T]
    np.testing.assert_allclose(exact[:, 1], spinodals, rtol=1e-12)


def test_gibbs_energy_and_its_tangents(folders, axes):
    draw_gibbs_energy(axes, [open_phase_results(folders["new"]), open_phase_results(folders["two"])][:1])
    for kind, elastic in ELASTIC.items():
        (curve,) = curves(axes, f"new {kind} G")
        solution = Solution(AB_INITIO, elastic, 298.15)
        np.testing.assert_allclose(curve[:, 1] * 1000, solution.G(curve[:, 0]), atol=1e-8)
        ((u, v),) = solution.gaps()
        (tangent,) = curves(axes, f"new {kind} tangent")
        np.testing.assert_allclose(tangent[:, 0], logistic(np.array([u, v])), rtol=1e-12)
        np.testing.assert_allclose(tangent[:, 1] * 1000, solution.G(tangent[:, 0]), atol=1e-6)
    assert axes.get_ylabel() == "Gibbs energy of mixing $G$ (kJ mol$^{-1}$)"


def test_two_gaps_have_two_tangents(folders, axes):
    draw_gibbs_energy(axes, [open_phase_results(folders["two"])])
    first, second = curves(axes, "two chemical tangent")
    assert first[1, 0] < second[0, 0]
    np.testing.assert_allclose(first[:, 1] * 1000, Solution(TWO_GAPS, 0.0, 400.0).G(first[:, 0]), atol=1e-6)


def test_dilute_end_shows_the_touching_point(folders, axes):
    draw_distance(axes, [open_phase_results(folders["new"])])
    (touching,) = curves(axes, "new chemical touching")
    assert touching[0, 0] == pytest.approx(2.914999996309e-5)
    assert axes.get_xscale() == axes.get_yscale() == "log" and axes.get_xlim()[0] < 2.9e-6
    (curve,) = curves(axes, "new chemical distance")
    i = np.flatnonzero(curve[:, 1] == 0.0)
    np.testing.assert_allclose(curve[i, 0], touching[0, 0])
    solution = Solution(AB_INITIO, 0.0, 298.15)
    ((u, _),) = solution.gaps()
    far = np.delete(curve, i, axis=0)
    np.testing.assert_allclose(far[:, 1], solution.G(far[:, 0]) - solution.omega(u) - solution.mu(u) * far[:, 0], atol=1e-8)
    assert far[0, 1] > 0.06 and axes.get_ylim()[0] < 0.01


def test_formation_energy(folders, axes):
    draw_formation_energy(axes, [open_phase_results(folders["new"]), open_phase_results(folders["old"])])
    for name, L, kind in (("new", AB_INITIO, "chemical"), ("new", AB_INITIO, "coherent-cubic"), ("old", ZHANG, "coherent-isotropic")):
        (curve,) = curves(axes, f"{name} {kind} formation")
        x = curve[:, 0]
        expected = x * (1 - x) * (L[0] - ELASTIC[kind] + sum(L[1:]) * (1 - 2 * x)) / 1000
        np.testing.assert_allclose(curve[:, 1], expected, atol=1e-9)


def test_five_pictures_are_made_and_not_blank(folders, tmp_path, capsys):
    out = tmp_path / "a" / "b"
    assert main(["phase-diagram", str(folders["new"]), str(folders["old"]), "--output", str(out)]) == 0
    assert capsys.readouterr().out == "".join(f"{out / name}.png\n" for name in NAMES)
    assert sorted(path.stem for path in out.iterdir()) == sorted(NAMES)
    for name in NAMES:
        image = plt.imread(out / f"{name}.png")[..., :3]
        assert image.shape[1] > 1700 and image.shape[0] > 700
        ink = (image < 0.99).any(axis=2)
        assert ink.mean() > 0.02
        # What stands at the right or the bottom is not cut off.
        assert not ink[-3:].any() and not ink[:, -3:].any()


def test_pictures_go_beside_the_first_folder(folders, tmp_path, capsys, kept):
    folder = shutil.copytree(folders["two"], tmp_path / "two")
    assert main(["phase-diagram", str(folder)]) == 0
    assert capsys.readouterr().out.splitlines() == [str(folder / "figures" / f"{name}.png") for name in NAMES]


def test_captions_and_legends_name_the_systems(folders, tmp_path, kept):
    assert main(["phase-diagram", str(folders["new"]), str(folders["old"]), "--output", str(tmp_path)]) == 0
    for name, texts in kept.items():
        assert "Li-Na, ab initio" in texts and "Li-Na, 2003" in texts, name
        assert any(text.startswith("Li–Na: ") for text in texts)
        assert "chemical" in texts and "coherent, isotropic" in texts
    assert any("298.15 K" in text for text in kept["gibbs_energy"])
    assert "coherent, cubic, along ⟨110⟩" in kept["spinodal_ends"] and "coherent, cubic" in kept["solubility"]
    assert "68 % of the samples" in kept["solubility"] and "68 % of the samples" in kept["phase_diagram"]
    assert "2.9·10$^{-5}$, 0.9969" in kept["gibbs_energy"]


@pytest.mark.parametrize("picture", PICTURES)
def test_legends_stand_clear(folders, picture):
    """Of the panels, of each other, and inside the page."""
    figure = picture([open_phase_results(folders["new"]), open_phase_results(folders["old"])])
    figure.canvas.draw()
    boxes = [legend.get_window_extent() for legend in figure.legends]
    panels = [panel.get_tightbbox(figure.canvas.get_renderer()) for panel in figure.axes]
    assert len(boxes) >= 2
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in [*panels, *boxes[:i]])
        assert box.x0 >= 0 and box.x1 <= 1.01 * figure.bbox.x1 and box.y0 > -0.1 * figure.dpi
    plt.close(figure)


def test_name_with_dollar_signs_is_no_formula(folders, tmp_path, capsys):
    folder = shutil.copytree(folders["two"], tmp_path / "two")
    edit_summary(folder, lambda s: s.update(description="10 $ and \\frac$ more"))
    assert main(["phase-diagram", str(folder)]) == 0, capsys.readouterr().err


def test_systems_of_one_name_are_told_apart_by_folder(folders, tmp_path, kept):
    same = [str(shutil.copytree(folders["old"], tmp_path / name)) for name in ("a", "b")]
    assert main(["phase-diagram", *same]) == 0
    texts = " ".join(kept["formation_energy"]).replace("\n", "")
    assert all(f"Li-Na, 2003 ({folder})" in texts for folder in same)


def test_system_without_any_gap(tmp_path, capsys, kept):
    folder = write_phase_results(tmp_path / "mixed", (-5000.0,), T, description="mixed", samples=2)
    assert main(["phase-diagram", str(folder)]) == 0, capsys.readouterr().err
    assert list(kept) == NAMES


def test_pure_touching_point_keeps_its_digits(tmp_path):
    folder = write_phase_results(tmp_path / "pure", (30000.0,), T, description="pure", kinds=("chemical",))
    figure = gibbs_energy([open_phase_results(folder)])
    ((u, _),) = Solution((30000.0,), 0.0, 298.15).gaps()
    digits, exponent = f"{logistic(u):.1e}".split("e")
    texts = [text.get_text() for text in figure.findobj(Text)]
    assert f"{digits}·10$^{{{int(exponent)}}}$, 1 − {digits}·10$^{{{int(exponent)}}}$" in texts
    plt.close(figure)


def test_names_of_pictures():
    assert [picture.__name__ for picture in PICTURES] == NAMES


def edit_summary(folder, change):
    path = folder / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    change(summary)
    path.write_text(json.dumps(summary), encoding="utf-8")


def replace(folder, name, old, new):
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda f: (f / "summary.json").unlink(), "/summary.json: no such file: expected a folder of spinode phase-diagram"),
        (lambda f: (f / "tie_lines.csv").unlink(), "/tie_lines.csv: no such file"),
        (lambda f: (f / "asymptotes.csv").write_text("", encoding="utf-8"), "/asymptotes.csv: no column kind, T_K, solubility_Li_side"),
        (lambda f: (f / "bands.csv").write_text("kind\nchemical\n", encoding="utf-8"), "/bands.csv: no column boundary, T_K, q025, q16"),
        (lambda f: replace(f, "phase_boundaries.csv", "x_spinodal_Na_side", "x_spinodal_K_side"), "/phase_boundaries.csv: no column x_spinodal_Na_side"),
        (lambda f: replace(f, "energy_curves.csv", "chemical", "chemicals"), "/energy_curves.csv:2: kind = 'chemicals': expected chemical, coherent-isotropic"),
        (lambda f: replace(f, "tie_lines.csv", "chemical,150", "chemical,"), "/tie_lines.csv:2: T_K = '': expected a temperature above 0 K"),
        (lambda f: replace(f, "tie_lines.csv", "chemical,170", "chemical,-1"), "/tie_lines.csv:3: T_K = '-1': expected a temperature above 0 K"),
        (lambda f: replace(f, "asymptotes.csv", "chemical,150,", "chemical,150,a"), "/asymptotes.csv:2: solubility_Li_side = 'a"),
        (lambda f: replace(f, "asymptotes.csv", "chemical,150,", "chemical,150,inf,"), "/asymptotes.csv:2: 8 cells: expected 7"),
        (lambda f: (f / "phase_boundaries.csv").write_bytes(b"\xff\xfe\x00"), "/phase_boundaries.csv: is not a table: "),
        (lambda f: (f / "summary.json").write_text("{", encoding="utf-8"), "/summary.json: is not JSON: "),
        (lambda f: (f / "summary.json").write_text("[1]", encoding="utf-8"), "/summary.json: expected an object"),
        (lambda f: edit_summary(f, lambda s: s.pop("solute")), "/summary.json: solute: expected a text"),
        (lambda f: edit_summary(f, lambda s: s.update(temperature_K="warm")), "/summary.json: temperature_K: expected a number"),
        (lambda f: edit_summary(f, lambda s: s.update(kinds={})), "/summary.json: kinds: nothing: expected chemical, coherent-isotropic, coherent-cubic"),
        (lambda f: edit_summary(f, lambda s: s["kinds"].update(liquid={})), "/summary.json: kinds: liquid: expected chemical"),
        (lambda f: edit_summary(f, lambda s: s["kinds"]["chemical"].pop("gaps")), "/summary.json: kinds.chemical.gaps: expected a list"),
        (lambda f: edit_summary(f, lambda s: s["kinds"]["chemical"]["gaps"][0].update(x_beta=None)), "/summary.json: kinds.chemical.gaps.x_beta: expected a number"),
        (lambda f: edit_summary(f, lambda s: s["kinds"]["chemical"].update(critical_points=[3])), "/summary.json: kinds.chemical.critical_points.x: expected a number"),
    ],
)
def test_broken_folder_is_refused_in_one_line(folders, tmp_path, capsys, kept, harm, message):
    folder = shutil.copytree(folders["old"], tmp_path / "old")
    harm(folder)
    assert main(["phase-diagram", str(folder)]) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith(f"spinode_post: {folder}{message}") and captured.err.count("\n") == 1
    assert captured.out == "" and not (folder / "figures").exists()


def test_half_a_gap_is_refused(folders, tmp_path, capsys):
    folder = shutil.copytree(folders["old"], tmp_path / "old")
    rows = (folder / "phase_boundaries.csv").read_text(encoding="utf-8").splitlines()
    cells = rows[1].split(",")
    rows[1] = ",".join([*cells[:3], "", *cells[4:]])
    (folder / "phase_boundaries.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert main(["phase-diagram", str(folder)]) == 1
    expected = f"{folder}/phase_boundaries.csv: x_binodal_Li_side, x_binodal_Na_side at 150 K: nan, 0.999997: expected a rising pair or two empty cells"
    assert capsys.readouterr().err == f"spinode_post: {expected}\n"


def test_one_temperature_is_refused(tmp_path, capsys):
    folder = write_phase_results(tmp_path / "one", AB_INITIO, [300.0], description="one", kinds=("chemical",))
    assert main(["phase-diagram", str(folder)]) == 1
    assert capsys.readouterr().err == f"spinode_post: {folder}/phase_boundaries.csv: holds one temperature: expected two or more\n"


def test_other_species_are_refused(folders, capsys):
    assert main(["phase-diagram", str(folders["new"]), str(folders["two"])]) == 1
    assert capsys.readouterr().err == f"spinode_post: {folders['two']}: A-B: expected Li-Na, as in {folders['new']}\n"


def test_too_many_systems_and_no_folder_are_refused(folders, tmp_path, capsys):
    assert main(["phase-diagram", *[str(folders["new"])] * 5]) == 1
    assert capsys.readouterr().err == "spinode_post: 5 folders: expected at most 4 in one picture\n"
    assert main(["phase-diagram", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err == f"spinode_post: {tmp_path / 'nowhere'}: no such folder\n"
