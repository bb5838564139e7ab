"""Maps, curves and structures of parameter studies: what is drawn is what the table says, where it says it."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import LogNorm, to_rgba
from matplotlib.text import Text
from scipy.stats import spearmanr
from spinode_post import style
from spinode_post.__main__ import main
from spinode_post.phase_diagram.look import COLOURS
from spinode_post.study import curves, maps, samples, structures
from spinode_post.study.conditions import where
from spinode_post.study.grid import Axis, averaged, choose_axes, make_grid, select, summarise
from spinode_post.study.labels import label, measure_scale, tick_texts
from spinode_post.study.table import Column, Parameter, open_study
from study_folder import grid_cases, write_field, write_study
from thermo_folder import AB_INITIO, write_phase_results

TEMPERATURES, COMPOSITIONS = (-20.0, 0.0, 40.0), (1.0, 10.0, 100.0)
TX = [("temperature", "degC", 0, "list", TEMPERATURES), ("initial.x", "at%", 1, "list", COMPOSITIONS)]
NUMBERS = np.array([[3e-9, 4e-9, 5e-9], [6e-9, 7e-9, 8e-9], [9e-9, 1e-8, 1.1e-8]])  # m, by temperature and composition


@pytest.fixture(autouse=True)
def no_figures_left():
    yield
    plt.close("all")


@pytest.fixture
def study(tmp_path):
    """3 x 3 cases: the fifth failed, the ninth waits."""
    lengths = NUMBERS.ravel().tolist()
    states = ["finished"] * 4 + ["failed"] + ["finished"] * 3 + ["waiting"]
    # What a run that did not finish has left in the table is not a result.
    columns = {
        "state": states,
        "failure": ["", "", "", "", 'x left 0...1, "far"', "", "", "", ""],
        "predicted.stability": ["stable", "metastable", "unstable"] * 3,
        "final.length [m]": lengths,
        "tortuosity.solute": [np.inf, 2, 3, 4, None, None, 7, 8, None],
    }
    return open_study(write_study(tmp_path / "tx", TX, grid_cases(TX), columns))


def draw_map(study, measure, *, at=(), x=None, y=None):
    """The figure of a map, laid out."""
    column = study.measure(measure)
    grid = make_grid(study, *choose_axes(study, x, y, select(study, at)[1]), at, 12)
    figure = maps.draw_map(study, column, grid, "title")
    figure.canvas.draw()
    return figure


def mesh_of(axes):
    return axes.collections[0].get_array().reshape(len(axes.get_yticks()), len(axes.get_xticks()))


def pixel(figure, axes, x, y):
    """The colour that the figure shows at a place in data units."""
    across, up = axes.transData.transform((x, y))
    image = np.asarray(figure.canvas.buffer_rgba())
    return image[image.shape[0] - 1 - int(up), int(across)] / 255


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def test_table(study):
    assert study.parameters["temperature"].unit == "degC" and study.columns["final.length"].unit == "m"
    assert list(study.measures) == ["state", "predicted.stability", "final.length", "tortuosity.solute"]
    length = study.measure("final.length").values
    np.testing.assert_array_equal(np.isnan(length), [False] * 4 + [True] + [False] * 3 + [True])
    assert study.measure("predicted.stability").values[8] == "unstable"
    assert study.failure[4] == 'x left 0...1, "far"'
    assert study.measure(None).name == "final.length"


def test_a_row_that_is_being_written_is_left_out(study):
    text = study.table.read_text(encoding="utf-8")
    study.table.write_text(text[: text.rindex("waiting") - 3], encoding="utf-8")
    assert open_study(study.folder).case.tolist() == list(range(1, 9))


def test_before_the_first_case(tmp_path):
    study = open_study(write_study(tmp_path / "new", TX, grid_cases(TX)))
    assert study.state.tolist() == ["waiting"] * 9 and study.measure(None).name == "state"


@pytest.mark.parametrize(
    ("values", "unit", "logarithmic", "edges"),
    [
        ((0.0, 10.0, 30.0), "at%", False, (-5, 5, 20, 40)),
        ((1.0, 10.0, 100.0), "at%", True, (10**-0.5, 10**0.5, 10**1.5, 10**2.5)),
        ((1.0, 2.0, 8.0), "at%", True, (2**-0.5, 2**0.5, 4, 16)),
        ((1.0, 2.0, 3.0, 4.0), "", False, (0.5, 1.5, 2.5, 3.5, 4.5)),
        ((25.0, 50.0, 100.0), "degC", False, (12.5, 37.5, 75, 125)),
        (("none", "cubic"), "", False, (-0.5, 0.5, 1.5)),
        ((20.0,), "at%", False, (19, 21)),
    ],
)
def test_cells_end_midway_between_the_values(values, unit, logarithmic, edges):
    axis = Axis(Parameter("p", unit, 0, False, ()), list(values))
    assert axis.logarithmic is logarithmic
    np.testing.assert_allclose(axis.edges, edges)
    assert axis.share(axis.edges[[0, -1]]) == pytest.approx([0, 1])


def test_map_shows_the_table(study):
    figure = draw_map(study, "final.length")
    axes = figure.axes[0]
    assert axes.get_xlabel() == "initial.x (at%)" and axes.get_ylabel() == "temperature (°C)"
    assert axes.get_xscale() == "log" and axes.get_yscale() == "linear"
    np.testing.assert_allclose(axes.get_xlim(), (10**-0.5, 10**2.5))
    np.testing.assert_allclose(axes.get_ylim(), (-30, 60))
    shown = mesh_of(axes)
    np.testing.assert_array_equal(np.ma.getmaskarray(shown), [[0, 0, 0], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_allclose(shown.compressed(), np.delete(NUMBERS.ravel(), [4, 8]) * 1e9)
    assert figure.axes[1].get_ylabel() == "final.length (nm)"
    # 3 to 10 nm: the middle of the scale is where (8 - 3) / 7 lies.
    np.testing.assert_allclose(pixel(figure, axes, 100, 5), plt.get_cmap("viridis")(5 / 7), atol=0.01)
    np.testing.assert_allclose(pixel(figure, axes, 1.2, -20), plt.get_cmap("viridis")(0.0), atol=0.01)
    cross = [line for line in axes.lines if line.get_gid() == "cross"]
    assert len(cross) == 1
    np.testing.assert_allclose([np.nanmin(cross[0].get_xdata()), np.nanmax(cross[0].get_ydata())], [10**0.5, 20])
    hatched = [patch for patch in axes.patches if patch.get_gid() == "no result yet"]
    assert len(hatched) == 1 and hatched[0].get_hatch() and hatched[0].get_xy()[:, 1].max() == 60
    assert {"failed", "no result yet"} <= set(texts(figure))


def test_map_of_infinite_and_missing_values(study):
    figure = draw_map(study, "tortuosity.solute")
    shown = mesh_of(figure.axes[0])
    np.testing.assert_array_equal(np.ma.getmaskarray(shown), [[1, 0, 0], [0, 1, 1], [0, 0, 1]])
    assert "∞" in texts(figure) and "no value" in texts(figure)


def test_map_of_texts(study):
    figure = draw_map(study, "predicted.stability")
    axes = figure.axes[0]
    for x, colour in zip(COMPOSITIONS, ("#56B4E9", "#F0E442", "#D55E00")):
        np.testing.assert_allclose(pixel(figure, axes, x * 1.2, -20), to_rgba(colour), atol=0.01)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["stable", "metastable", "unstable", "failed"]
    assert len(figure.axes) == 1


def test_map_with_axes_exchanged(study):
    shown = mesh_of(draw_map(study, "final.length", x="temperature").axes[0])
    np.testing.assert_allclose(shown[0], NUMBERS[:, 0] * 1e9)


@pytest.mark.parametrize(("highest", "logarithmic"), [(0.9e-6, False), (1.1e-6, True)])
def test_wide_ranges_are_logarithmic(tmp_path, highest, logarithmic):
    parameters = [("a", "", 0, "list", (1.0, 2.0, 3.0))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"m.length [m]": [1e-8, 1e-7, highest]})
    figure = draw_map(open_study(folder), "m.length")
    assert isinstance(figure.axes[0].collections[0].norm, LogNorm) is logarithmic


@pytest.fixture
def replicas(tmp_path):
    """Two values and two models, three replicas; of the first one failed, of the second two."""
    parameters = [("time.end", "s", 0, "list", (1.0, 2.0)), ("elasticity.model", "", 1, "list", ("none", "cubic"))]
    cases = grid_cases(parameters, 3)
    columns = {
        "state": ["failed", "finished", "finished", *["finished"] * 3, "failed", "failed", "finished", *["finished"] * 3],
        "failure": [""] * 12,
        "final.x": [None, 2, 4, 1, 2, 6, None, None, 8, 3, 3, 3],
        "law": ["", "a", "a", "a", "b", "a", "", "", "b", "b", "b", "b"],
    }
    return open_study(write_study(tmp_path / "replicas", parameters, cases, columns, replicas=3))


def test_map_of_replicas(replicas):
    grid = make_grid(replicas, *choose_axes(replicas, None, None, {}), [], 1)
    assert grid.x.parameter.name == "time.end" and grid.y.values == ["none", "cubic"]
    assert averaged(replicas, grid) == "mean over 3 replicas"
    cells = [[summarise(replicas, replicas.measure("final.x"), rows) for rows in line] for line in grid.panels[0].rows]
    assert [[cell.value for cell in line] for line in cells] == [[3.0, 8.0], [3.0, 3.0]]
    assert [[cell.partly for cell in line] for line in cells] == [[True, True], [False, False]]
    law = [[summarise(replicas, replicas.measure("law"), rows).value for rows in line] for line in grid.panels[0].rows]
    assert law == [["a", "b"], ["replicas differ", "b"]]
    assert "partly failed" in texts(draw_map(replicas, "final.x"))


def test_panels_and_at(tmp_path):
    parameters = [*TX, ("elasticity.model", "", 2, "list", ("none", "cubic"))]
    values = np.arange(18.0)
    study = open_study(write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": values.tolist()}))
    figure = draw_map(study, "final.n")
    assert [axes.get_title() for axes in figure.axes[:2]] == ["elasticity.model = none", "elasticity.model = cubic"]
    for axes, shown in zip(figure.axes, values.reshape(3, 3, 2).transpose(2, 0, 1)):
        np.testing.assert_array_equal(axes.collections[0].get_array().reshape(3, 3), shown)
    (axes, _) = draw_map(study, "final.n", at=["temperature=0 degC"]).axes
    np.testing.assert_array_equal(axes.collections[0].get_array().reshape(2, 3), values.reshape(3, 3, 2)[1].T)
    assert axes.get_ylabel() == "elasticity.model"


def test_parameters_that_vary_together(tmp_path):
    parameters = [("a", "", 0, "list", (1.0, 1.0, 2.0)), ("b", "", 0, "list", (5.0, 6.0, 7.0))]
    folder = write_study(tmp_path / "s", parameters, [[1.0, 5.0, 1], [1.0, 6.0, 1], [2.0, 7.0, 1]], {"final.n": [1, 2, 4]})
    study = open_study(folder)
    assert [p and p.name for p in choose_axes(study, None, None, {})] == ["b", None]
    paired = [("cells", "", 0, "list", (64.0, 128.0)), ("length", "nm", 0, "list", (5.0, 9.0)), ("model", "", 0, "list", ("a", "b"))]
    folder = write_study(tmp_path / "paired", paired, [[64.0, 5.0, "a", 1], [128.0, 9.0, "b", 1]], {"final.n": [1, 2]})
    assert choose_axes(open_study(folder), None, None, {})[0].name == "length"
    grid = make_grid(study, study.parameters["a"], None, [], 1)
    assert averaged(study, grid) == "mean over 2 cases"
    assert [summarise(study, study.measure("final.n"), rows).value for rows in grid.panels[0].cells] == [1.5, 4]


@pytest.mark.parametrize("swap", [False, True])
def test_phase_boundaries_lie_where_the_table_says(tmp_path, swap):
    parameters = [("elasticity.model", "", 2, "list", ("none", "isotropic")), *TX]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": list(range(18))})
    temperatures = np.linspace(200.0, 360.0, 17)
    write_phase_results(folder / "phase_diagram", AB_INITIO, temperatures, description="d", points=21)
    figure = draw_map(open_study(folder), "final.n", **({"x": "temperature", "y": "initial.x"} if swap else {}))
    drawn = [{line.get_gid(): line for line in axes.lines if line.get_gid()} for axes in figure.axes[:2]]
    assert set(drawn[0]) == {"chemical binodal", "chemical spinodal"}
    assert set(drawn[1]) == {"chemical binodal", "chemical spinodal", "coherent-isotropic spinodal"}
    with (folder / "phase_diagram" / "phase_boundaries.csv").open(encoding="utf-8") as file:
        rows = [line.strip().split(",") for line in file]
    column = {"binodal": rows[0].index("x_binodal_Li_side"), "spinodal": rows[0].index("x_spinodal_Li_side")}
    for gid, line in drawn[1].items():
        kind, name = gid.split()
        points = np.array([points for other in figure.axes[1].lines if other.get_gid() == gid for points in other.get_xydata()])
        for row in rows[1:]:
            if row[1] == kind and row[column[name]]:
                wanted = [100 * float(row[column[name]]), float(row[2]) - 273.15]
                distance = np.abs(points - (wanted[::-1] if swap else wanted)).max(axis=1)
                assert distance.min() < 1e-6, (gid, wanted)
        assert line.get_color() == COLOURS[kind]
    assert "spinodal, coherent, isotropic" in texts(figure)


@pytest.mark.parametrize(("coherency", "drawn"), [("", True), ("elasticity.coherency = 0.5\n", False)])
def test_the_coherent_spinodal_that_applies(study, coherency, drawn):
    write_phase_results(study.folder / "phase_diagram", AB_INITIO, [250.0, 300.0], description="d", points=21)
    (study.folder / "cases").mkdir()
    (study.folder / "cases" / "0001.toml").write_text(f'elasticity.model = "cubic"\n{coherency}', encoding="utf-8")
    gids = {line.get_gid() for line in draw_map(study, "final.length").axes[0].lines}
    assert ("coherent-cubic spinodal" in gids) is drawn and "coherent-isotropic spinodal" not in gids


def test_the_coherent_spinodal_where_coherency_varies(tmp_path):
    parameters = [*TX, ("elasticity.coherency", "", 2, "list", (0.5, 1.0))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": list(range(18))})
    write_phase_results(folder / "phase_diagram", AB_INITIO, [250.0, 300.0], description="d", points=21)
    (folder / "cases").mkdir()
    (folder / "cases" / "0001.toml").write_text('elasticity = { model = "cubic", coherency = 0.5 }', encoding="utf-8")
    drawn = [{line.get_gid() for line in axes.lines} for axes in draw_map(open_study(folder), "final.n").axes[:2]]
    assert ["coherent-cubic spinodal" in gids for gids in drawn] == [False, True]


def test_no_boundaries_over_other_axes(tmp_path):
    parameters = [("temperature", "degC", 0, "list", TEMPERATURES), ("initial.x", "wt%", 1, "list", COMPOSITIONS)]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": list(range(9))})
    write_phase_results(folder / "phase_diagram", AB_INITIO, [250.0, 300.0], description="d", points=21)
    assert not draw_map(open_study(folder), "final.n").axes[0].lines


def draw_curves(study, measures, *, at=(), over=None, lines=None, line="mean"):
    grid = make_grid(study, *choose_axes(study, over, lines, select(study, at)[1]), at, 1)
    return curves.draw(study, [study.measure(name) for name in measures], grid, "title", line)


def test_curves_of_replicas(replicas):
    figure = draw_curves(replicas, ["final.x"])
    axes = figure.axes[0]
    means = {line.get_label(): line for line in axes.lines if line.get_gid() == "line"}
    np.testing.assert_allclose(means["none"].get_xydata(), [[1, 3], [2, 8]])
    np.testing.assert_allclose(means["cubic"].get_xydata(), [[1, 3], [2, 3]])
    bands = [collection.get_paths()[0].vertices for collection in axes.collections if collection.get_gid() == "band"]
    # 2, 4: 1.414 to either side of 3; 1, 2, 6: 2.646.
    for vertices, deviation in zip(bands, (2**0.5, 7**0.5)):
        at_first = vertices[vertices[:, 0] == 1.0][:, 1]
        np.testing.assert_allclose([at_first.min(), at_first.max()], [3 - deviation, 3 + deviation])
    points = np.concatenate([line.get_xydata() for line in axes.lines if line.get_gid() == "cases"])
    assert sorted(points[np.isfinite(points[:, 1]), 1]) == [1, 2, 2, 3, 3, 3, 4, 6, 8]
    failed = [(float(line.get_xdata()[0]), line.get_color()) for line in axes.lines if line.get_gid() == "failed"]
    assert failed == [(1.0, means["none"].get_color()), (2.0, means["none"].get_color())]
    assert figure._suptitle.get_text().endswith("n = 1 to 3".replace(" ", "\u00a0"))


@pytest.mark.parametrize(("line", "heights"), [("median", [[3, 8], [2, 3]]), ("least", [[2, 8], [1, 3]])])
def test_curves_with_the_range(replicas, line, heights):
    figure = draw_curves(replicas, ["final.x"], line=line)
    axes = figure.axes[0]
    drawn = [line for line in axes.lines if line.get_gid() == "line"]
    np.testing.assert_allclose([line.get_ydata() for line in drawn], heights)
    bands = [collection.get_paths()[0].vertices for collection in axes.collections if collection.get_gid() == "band"]
    # 2, 4 and 8; 1, 2, 6 and three times 3.
    for vertices, ends in zip(bands, ([(2, 4), (8, 8)], [(1, 6), (3, 3)])):
        for place, wanted in zip((1.0, 2.0), ends):
            inside = vertices[vertices[:, 0] == place][:, 1]
            assert (inside.min(), inside.max()) == wanted
    assert f"{line} and range" in figure._suptitle.get_text()


def kept(study, *conditions, measure="final.length"):
    """Numbers of the cases that have the measure."""
    return study.case[where(study, conditions).measure(measure).given].tolist()


@pytest.mark.parametrize(
    ("conditions", "cases"),
    [
        (["final.length>4e-9"], [3, 4, 6, 7, 8]),
        (["final.length >= 4e-9 m"], [2, 3, 4, 6, 7, 8]),
        (["final.length<4e-9"], [1]),
        (["final.length <= 4e-9"], [1, 2]),
        (["final.length==4.000000001e-9"], [2]),
        (["final.length!=4e-9"], [1, 3, 4, 6, 7, 8]),
        (["tortuosity.solute>3"], [1, 4, 7, 8]),  # the sixth has none, the first an infinite one
        (["tortuosity.solute!=3"], [1, 2, 4, 7, 8]),
        (["predicted.stability==unstable"], [3, 6]),
        (["predicted.stability!=unstable", "final.length>4e-9"], [4, 7, 8]),
    ],
)
def test_conditions(study, conditions, cases):
    assert kept(study, *conditions) == cases


def test_conditions_leave_the_state_and_what_is_not_known(study):
    assert where(study, ["final.length>1"]).state.tolist() == where(study, ["final.length>1"]).measure("state").values.tolist() == study.state.tolist()
    assert kept(study, "predicted.stability==unstable", measure="predicted.stability") == [3, 6, 9]
    assert where(study, []) is study


def test_map_of_what_meets_a_condition(study, capsys):
    narrowed = where(study, ["final.length>4e-9", "predicted.stability!=metastable"])
    assert narrowed.condition == "where final.length > 4 nm and predicted.stability ≠ metastable"
    figure = draw_map(narrowed, "final.length")
    np.testing.assert_array_equal(np.ma.getmaskarray(mesh_of(figure.axes[0])), [[1, 1, 0], [0, 1, 0], [0, 1, 1]])
    assert len([patch for patch in figure.axes[0].patches if patch.get_gid() == "no value"]) == 3 and "no value" in texts(figure)
    # 5 to 9 nm: the colours are those of what is shown.
    np.testing.assert_allclose(pixel(figure, figure.axes[0], 1.2, 40), plt.get_cmap("viridis")(1.0), atol=0.01)


@pytest.mark.parametrize("command", ["study-map", "study-curves", "study-page"])
def test_pictures_say_their_condition(study, monkeypatch, command):
    monkeypatch.setattr(style, "DPI", 40)
    titles = []
    monkeypatch.setattr(plt.Figure, "suptitle", lambda self, text, **_: titles.append(text))
    assert main([command, str(study.folder), "--measure", "final.length", "--where", "final.length>4e-9"]) == 0
    if command == "study-page":
        titles.append((study.folder / "figures" / "study.html").read_text(encoding="utf-8"))
    assert "where final.length " in titles[-1].replace("\n", " ") and "4 nm" in titles[-1]


def test_curves_and_samples_of_what_meets_a_condition(study, sampled):
    (axes,) = draw_curves(where(study, ["predicted.stability!=stable"]), ["final.length"]).axes
    np.testing.assert_allclose(axes.lines[0].get_xydata(), np.column_stack([COMPOSITIONS[1:], NUMBERS[0, 1:] * 1e9]))
    samples_study, _, values = sampled
    narrowed = where(samples_study, ["final.n<-2"])
    figure = samples.draw_samples(narrowed, narrowed.measure("final.n"), None, None, [])
    points = {collection.get_gid(): len(collection.get_offsets()) for collection in figure.axes[0].collections}
    count = int((values < -2).sum())
    assert 0 < count < 38 and points == {"samples": count, "waiting": 39 - count, "failed": 1}
    assert "no result yet or no value" in texts(figure) and f"{count} of 40 cases, where final.n < −2" in figure._suptitle.get_text()


def test_curves_have_logarithmic_axes_where_they_are_due(study):
    figure = draw_curves(study, ["final.length", "tortuosity.solute"])
    assert [axes.get_xscale() for axes in figure.axes] == ["log", "log"]
    assert [line.get_label() for line in figure.axes[0].lines if line.get_gid() == "line"] == ["−20", "0", "40"]
    np.testing.assert_allclose(figure.axes[0].lines[0].get_xydata(), np.column_stack([COMPOSITIONS, NUMBERS[0] * 1e9]))
    np.testing.assert_allclose(figure.axes[1].lines[0].get_xydata(), [[10, 2], [100, 3]])


@pytest.fixture
def sampled(tmp_path):
    """Forty samples: the measure rises with a, falls with b, and does not know of c; one sample failed, one waits."""
    rng = np.random.default_rng(5)
    a, b, c = 10 ** rng.uniform(-3, 0, 40), rng.uniform(0, 1, 40), rng.uniform(0, 1, 40)
    parameters = [(name, "", 0, "sample", ()) for name in "abc"]
    values = np.log10(a) - 2 * b
    states = ["finished"] * 38 + ["failed", "waiting"]
    cases = np.column_stack([a, b, c, np.ones(40)]).tolist()
    folder = write_study(tmp_path / "lhs", parameters, cases, {"state": states, "failure": [""] * 40, "final.n": values.tolist()})
    return open_study(folder), np.array([a, b, c])[:, :38], values[:38]


def test_rank_correlations(sampled):
    study, parameters, values = sampled
    found = samples.correlations(study, study.measure("final.n"), np.arange(40))
    expected = {name: spearmanr(row, values).statistic for name, row in zip("abc", parameters)}
    assert {p.name: rho for p, rho in found} == pytest.approx(expected)
    assert [abs(rho) for _, rho in found] == sorted((abs(rho) for _, rho in found), reverse=True)


def test_rank_correlation_by_hand():
    # Ranks 1 2 3 4 against 2 1 4 3: 1 - 6 * 4 / (4 * 15).
    assert samples.rank_correlation(np.array([1.0, 2, 3, 4, 9]), np.array([5.0, 1, 70, 6, np.nan])) == pytest.approx(0.6)
    assert np.isnan(samples.rank_correlation(np.array([1.0, 2, 3]), np.array([5.0, 5, 5])))


def test_scatter_and_histogram(sampled):
    study, parameters, values = sampled
    figure = samples.draw_samples(study, study.measure("final.n"), None, None, [])
    scatter, bars, histogram = figure.axes[:3]
    found = samples.correlations(study, study.measure("final.n"), np.arange(40))
    first, second = (parameter.name for parameter, _ in found[:2])
    assert (scatter.get_xlabel(), scatter.get_ylabel()) == (first, second)
    points = {collection.get_gid(): collection for collection in scatter.collections}
    rows = {name: row for name, row in zip("abc", parameters)}
    np.testing.assert_allclose(points["samples"].get_offsets(), np.column_stack([rows[first], rows[second]]))
    low, high = values.min(), values.max()
    np.testing.assert_allclose(points["samples"].get_facecolors(), plt.get_cmap("viridis")((values - low) / (high - low)), atol=0.003)
    assert len(points["failed"].get_offsets()) == 1 and len(points["waiting"].get_offsets()) == 1
    assert (scatter.get_xscale(), scatter.get_yscale()) == tuple("log" if name == "a" else "linear" for name in (first, second))
    assert [patch.get_width() for patch in bars.patches[:3]] == pytest.approx([rho for _, rho in found])
    mean, low, high = (line.get_xdata()[0] for line in histogram.lines)
    assert (mean, low, high) == pytest.approx((values.mean(), *np.percentile(values, [5, 95])))
    band = histogram.patches[-1].get_xy()[:, 0]
    assert (band.min(), band.max()) == pytest.approx((mean - np.std(values, ddof=1), mean + np.std(values, ddof=1)))
    assert sum(patch.get_height() for patch in histogram.patches[:-1]) == 38


@pytest.mark.parametrize(
    ("high", "ticks", "name"),
    [(8e-11, [("2", 2e-11), ("4", 4e-11), ("6", 6e-11), ("8", 8e-11)], "k (10$^{-11}$ J/m)"), (1e-9, None, "k (J/m)")],
)
def test_ticks_of_logarithmic_samples(high, ticks, name):
    figure, axes = plt.subplots()
    axes.set(xscale="log", xlim=(2e-11, high), xlabel="k (J/m)")
    samples.set_log_ticks(axes.xaxis, Parameter("k", "J/m", 0, True, ()))
    figure.canvas.draw()
    shown = {tick.label1.get_text(): tick.get_loc() for tick in axes.xaxis.get_major_ticks() if 2e-11 <= tick.get_loc() <= 1.0001 * high}
    assert axes.get_xlabel() == name
    if ticks:
        assert shown == pytest.approx(dict(ticks))
    else:
        assert sorted(shown.values()) == pytest.approx([3e-11, 1e-10, 3e-10, 1e-9])
    assert not any(text.get_text() for text in axes.xaxis.get_minorticklabels())


def test_histogram_of_a_wide_range():
    figure, axes = plt.subplots()
    samples.draw_histogram(axes, np.geomspace(1, 1000, 16), "n")
    assert axes.get_xscale() == "log"
    # Five bins of 3/5 of a decade each; the 16 values are 1/5 of a decade apart.
    assert [patch.get_height() for patch in axes.patches[:5]] == pytest.approx([3, 3, 3, 3, 4])


FIELD = np.linspace(0.1, 0.9, 48).reshape(6, 8)


def test_structures(study):
    for case in (1, 2, 3, 4, 6, 7, 8):
        write_field(study.folder, case, FIELD * case / 8)
    write_field(study.folder, 5, FIELD)
    grid = make_grid(study, *choose_axes(study, None, None, {}), [], 1)
    figure = structures.draw(study, structures.first_cases(study, grid), grid, study.measure("final.length"), "title")
    axes = figure.axes[0]
    # In front of the matrix: rows are temperatures, upwards, as the ticks say.
    places = {}
    for image in axes.images:
        left, right, bottom, top = image.get_extent()
        places[round((left + right) / 2, 6), int(np.argmin(np.abs(axes.get_yticks() - (bottom + top) / 2)))] = image
    assert set(places) == {(i, j) for j in range(3) for i in range(3)} - {(1, 1), (2, 2)}
    for (i, j), image in places.items():
        np.testing.assert_allclose(image.get_array(), FIELD * (3 * j + i + 1) / 8)
        assert (image.norm.vmin, image.norm.vmax) == (0, 1) and image.origin == "lower"
    shown = texts(figure)
    assert any("x left 0" in text for text in shown) and "waiting" in shown
    assert {"3", "11"} & set(shown) == {"3"}  # nm below the first case; the ninth waits
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "10", "100"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["−20", "0", "40"]


def test_structures_of_volumes_and_profiles(tmp_path):
    parameters = [("a", "", 0, "list", (1.0, 2.0))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters, 2), {"final.n": [1, 2, 3, 4]}, replicas=2)
    volume = np.random.default_rng(0).uniform(0.2, 0.3, (4, 6, 8))
    write_field(folder, 1, volume)
    write_field(folder, 3, np.linspace(0.2, 0.3, 10))
    study = open_study(folder)
    grid = make_grid(study, study.parameters["a"], None, [], 1)
    cells = structures.first_cases(study, grid)
    assert cells == [[0, 2]]
    axes = structures.draw(study, cells, grid, None, "title").axes[0]
    np.testing.assert_allclose(axes.images[0].get_array(), volume[2])
    profile = axes.lines[0].get_ydata()
    span = np.ptp([volume[2].min(), volume[2].max(), 0.2, 0.3])
    assert np.ptp(profile) / axes.patches[-1].get_height() == pytest.approx(0.1 / span)


@pytest.mark.parametrize("shape", [(12, 4), (4, 12)])
def test_structures_keep_their_proportions(tmp_path, shape):
    parameters = [("a", "", 0, "list", (1.0,))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": [1]})
    write_field(folder, 1, np.random.default_rng(0).uniform(0, 1, shape))
    study = open_study(folder)
    figure = structures.draw(study, [[0]], make_grid(study, study.parameters["a"], None, [], 1), None, "title")
    figure.canvas.draw()
    box = figure.axes[0].images[0].get_window_extent()
    assert box.height / box.width == pytest.approx(shape[0] / shape[1])


def structures_of(folder, shapes):
    """The axes of a strip of boxes of points 2 nm apart, shape (ny, nx) each."""
    parameters = [("a", "", 0, "list", tuple(map(float, range(len(shapes)))))]
    write_study(folder, parameters, grid_cases(parameters), {"final.n": [1] * len(shapes)})
    for case, shape in enumerate(shapes, 1):
        write_field(folder, case, np.random.default_rng(case).uniform(0, 1, shape))
    study = open_study(folder)
    grid = make_grid(study, study.parameters["a"], None, [], 1)
    figure = structures.draw(study, structures.first_cases(study, grid), grid, None, "title")
    figure.canvas.draw()
    return figure.axes[0]


def test_structures_have_one_scale(tmp_path):
    shapes = [(12, 4), (4, 12), (6, 6)]
    axes = structures_of(tmp_path / "s", shapes)
    boxes = [image.get_window_extent() for image in axes.images]
    pixels = boxes[0].width / 4
    for box, (high, wide) in zip(boxes, shapes):
        assert (box.width, box.height) == pytest.approx((wide * pixels, high * pixels))
        assert box.y0 == pytest.approx(boxes[0].y0)
    (bar,) = [line for line in axes.lines if line.get_gid() == "scale bar"]
    (text,) = [text.get_text() for text in axes.texts if text.get_text().endswith(" nm")]
    assert np.ptp(bar.get_transform().transform(bar.get_xydata())[:, 0]) == pytest.approx(float(text.removesuffix(" nm")) / 2 * pixels)


def test_structures_of_unlike_boxes_have_scales_of_their_own(tmp_path):
    axes = structures_of(tmp_path / "s", [(4, 4), (44, 44)])
    assert axes.images[0].get_window_extent().width == pytest.approx(axes.images[1].get_window_extent().width)
    assert not axes.lines and "boxes of unlike scales" in axes.figure._suptitle.get_text()


@pytest.mark.parametrize(
    ("values", "unit", "scale"),
    [([1e-8, 3e-8], "m", (1e9, "nm")), ([1e8], "m-1", (1e-9, "nm$^{-1}$")), ([7200.0], "s", (1 / 3600, "h")), ([0.5], "1", (1, "")), ([300.0], "K", (1, "K"))],
)
def test_units_of_measures(values, unit, scale):
    found = measure_scale(Column("c", unit, np.array(values)))
    assert (found.factor, found.unit) == (pytest.approx(scale[0]), scale[1])


@pytest.mark.parametrize(
    ("values", "shown"),
    [((0.1, 0.215443469003, 10.0), "0.1 0.215 10"), ((273.15, 298.15), "273.1 298.1"), ((1000.0, 1234.0), "1000 1234"), ((1 / 3, 0.3332), "0.3333 0.3332")],
)
def test_texts_of_ticks(values, shown):
    assert " ".join(tick_texts(list(values))) == shown


def test_units_of_parameters():
    assert label(Parameter("electrode.current_density", "mA/cm2", 0, False, ())) == "electrode.current_density (mA/cm$^{2}$)"
    assert label(Parameter("domain.length[1]", "um", 0, False, ())) == "domain.length[1] (µm)"


COMMANDS = ("study-map", "study-curves", "study-structures", "study-page")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["study-map", "--measure", "final.lenght"], r"study\.csv: no column final\.lenght; did you mean final\.length\?"),
        (["study-map", "--measure", "zzzz"], r"no column zzzz: expected one of state, predicted\.stability, "),
        (["study-curves", "--measure", "final.length,predicted.stability"], r"predicted\.stability holds texts"),
        (["study-map", "--x", "temprature"], r"study\.toml: varies no temprature; did you mean temperature\?"),
        (["study-map", "--x", "temperature", "--y", "temperature"], r"--x temperature and --y temperature vary together"),
        (["study-curves", "--at", "temperature=33"], r"--at temperature=33: expected one of -20, 0, 40 degC$"),
        (["study-curves", "--at", "temperature"], r"--at temperature: expected KEY=VALUE$"),
        (["study-map", "--at", "temperature=0", "--x", "temperature"], r"--at temperature: is an axis of the picture$"),
        (["study-structures", "--label", "final"], r"no column final[;:] "),
        (["study-page", "--measure", "staet"], r"did you mean state\?"),
        (["study-map", "--where", "final.lenght>1"], r"study\.csv: no column final\.lenght; did you mean final\.length\?$"),
        (["study-curves", "--where", "final.length"], r"--where final\.length: expected NAME and VALUE with one of >, <, >=, <=, ==, != between$"),
        (["study-curves", "--where", "final.length=1"], r"--where final\.length=1: expected NAME and VALUE"),
        (["study-page", "--where", "final.length>long"], r"--where final\.length>long: final\.length holds numbers: expected one in m$"),
        (["study-map", "--where", "final.length>nan"], r"holds numbers: expected one in m$"),
        (["study-map", "--where", "predicted.stability>1"], r"predicted\.stability holds texts: expected == or !=$"),
    ],
)
def test_bad_options(study, capsys, arguments, message):
    assert main([*arguments[:1], str(study.folder), *arguments[1:]]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and re.search(message, error.strip()), error


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("study.toml", None, r"study\.toml: no such file: expected the folder of a spinode sweep$"),
        ("study.toml", "cases = ", r"study\.toml: is not TOML: "),
        ("study.toml", '[[parameters]]\nname = "temperature"\naxis = 0\nkind = "guess"\n', r"parameters\[0\]\.kind = 'guess': expected list, sample$"),
        ("study.toml", '[[parameters]]\nname = "pressure"\naxis = 0\nkind = "list"\n', r"study\.csv: no column pressure$"),
        ("study.csv", "case,replica,state,failure\n", r"study\.csv: holds no cases$"),
        ("study.csv", "case,temperature [degC]\n1,2\n", r"study\.csv: no column replica$"),
        ("study.csv", "case,replica,state\n1,1,finished,9\n2,1,waiting\n", r"study\.csv: case 1: 4 cells: expected 3$"),
    ],
)
def test_broken_folders(study, capsys, name, text, message):
    path = study.folder / name
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    assert main(["study-map", str(study.folder)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and re.search(message, error.strip()), error


def test_other_axes_must_be_fixed(tmp_path, capsys):
    parameters = [*TX, ("elasticity.model", "", 2, "list", ("none", "cubic"))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": list(range(18))})
    assert main(["study-structures", str(folder)]) == 1
    assert capsys.readouterr().err.endswith("elasticity.model varies too: fix with --at elasticity.model=none\n")


SMALL = {
    "unstarted": (TX, grid_cases(TX), None),
    "waiting": (TX, grid_cases(TX), {"state": ["waiting"] * 9}),
    "all failed": (TX, grid_cases(TX), {"state": ["failed"] * 9, "failure": ["$ % _ <b>"] * 9, "final.n": [None] * 9}),
    "one case": ([("a$b", "", 0, "list", (0.0,))], [[0.0, 1]], {"final.n": [2.0]}),
    "replicas alone": ([], [[1], [2]], {"final.n": [2.0, 3.0]}),
    "lists": ([("domain.cells", "", 0, "list", ("[64, 64]", "[128, 128]"))], [["[64, 64]", 1], ["[128, 128]", 1]], {"final.n": [2.0, 3.0]}),
    "one sample": ([("a", "", 0, "sample", ())], [[0.5, 1]], {"final.n": [2.0]}),
}


@pytest.mark.parametrize("name", SMALL)
def test_studies_with_little_in_them(tmp_path, capsys, monkeypatch, name):
    monkeypatch.setattr(style, "DPI", 40)
    parameters, cases, columns = SMALL[name]
    folder = write_study(tmp_path / "s", parameters, cases, columns)
    numbers = name not in ("unstarted", "waiting", "all failed")
    for command in COMMANDS:
        code = main([command, str(folder)])
        out, error = capsys.readouterr()
        assert code == (1 if command == "study-curves" and not numbers else 0), error
        if code:
            assert error.endswith("holds no numbers yet\n") and error.count("\n") == 1
        else:
            made = Path(out.strip())
            assert made.parent == folder / "figures" and made.stat().st_size > 1000
