"""Every picture holds what it says: the values behind curves and images, labels with units, pixels that are not blank."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import K, TIMES, energies, length, structure_factor, wave, write_results
from matplotlib.text import Text
from spinode_post import render, slices, style
from spinode_post.__main__ import main
from spinode_post.curves import draw_dissipation, draw_energies, draw_length
from spinode_post.panels import box_extent, colour_limits, draw_box, draw_plane, draw_profile
from spinode_post.results import open_results
from spinode_post.structure_factor import draw_structure_factor
from spinode_post.summary import draw_distribution

ROWS = np.arange(TIMES.size)


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def kept(monkeypatch):
    """Figures as they are saved, for a look at their texts."""
    figures = []
    save = style.save

    def keep(figure, path):
        saved = save(figure, path)
        figures.append([text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()])
        return saved

    monkeypatch.setattr(style, "save", keep)
    return figures


def test_energy_curves(box, axes):
    draw_energies(axes, open_results(box))
    lines = {line.get_label(): line for line in axes.lines}
    for part, values in energies(ROWS).items():
        np.testing.assert_allclose(lines[part].get_xdata(), TIMES[1:] * 1e6)
        np.testing.assert_allclose(lines[part].get_ydata(), (values - values[0])[1:] * 1e18)
        assert lines[part].get_color() == style.PARTS[part]
    assert axes.get_xlabel() == "time $t$ (µs)" and axes.get_ylabel() == "energy since start (aJ)"
    assert axes.get_xscale() == "log"


def test_energy_above_the_end(box, axes):
    draw_dissipation(axes, open_results(box))
    np.testing.assert_allclose(axes.lines[0].get_ydata(), 1.5e-17 * (6 - ROWS[1:-1]) * 1e18)


def test_length_curve(box, axes):
    draw_length(axes, open_results(box))
    np.testing.assert_allclose(axes.lines[0].get_ydata(), length(ROWS[1:]) * 1e9)
    assert axes.get_ylabel() == "length $2\\pi/k_1$ (nm)"
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_curves_leave_out_the_first_tiny_steps(box, axes):
    path = box / "timeseries.csv"
    header, start, *rows = path.read_text(encoding="utf-8").splitlines()
    tiny = [start.replace("0.0", f"{time:g}", 1) for time in (1e-12, 1e-10)]
    path.write_text("\n".join([header, start, *tiny, *rows]) + "\n", encoding="utf-8")
    results = open_results(box)
    assert results.timeseries["time"].size == TIMES.size + 2
    draw_length(axes, results)
    np.testing.assert_allclose(axes.lines[0].get_xdata(), TIMES[1:] * 1e6)


def test_structure_factor_curves(box, axes):
    results = open_results(box)
    draw_structure_factor(axes, results, results.nearest([1e-6, 32e-6]))
    for line, i in zip(axes.lines, (1, 6)):
        np.testing.assert_allclose(line.get_xdata(), K * 1e-9)
        np.testing.assert_allclose(line.get_ydata(), structure_factor()[i] * 1e27)
    assert [line.get_label() for line in axes.lines] == ["1 µs", "32 µs"]
    assert axes.get_xlabel() == "wavenumber $k$ (nm$^{-1}$)" and axes.get_ylabel() == "structure factor $S$ (nm$^{3}$)"


def test_distribution_is_a_density(box, axes):
    results = open_results(box)
    chosen = results.telling(3)
    draw_distribution(axes, results, chosen, [results.field(s) for s in chosen])
    assert len(axes.patches) == 3
    for patch, i in zip(axes.patches, (3, 5, 6)):
        density, edges, _ = patch.get_data()
        assert np.sum(density * np.diff(edges)) == pytest.approx(1)
        filled = edges[:-1][density > 0]
        assert filled.min() == pytest.approx(wave(3, i).min(), abs=edges[1] - edges[0])


def test_colour_limits():
    class Plain:
        dimensionless = True

    class SI:
        dimensionless = False

    narrow, wide = [np.array([0.2, 0.4])], [np.array([0.1, 0.2]), np.array([0.3, 0.9])]
    assert (colour_limits(SI, narrow).vmin, colour_limits(SI, narrow).vmax) == (0.2, 0.4)
    assert (colour_limits(SI, wide).vmin, colour_limits(SI, wide).vmax) == (0.0, 1.0)
    assert (colour_limits(Plain, wide).vmin, colour_limits(Plain, wide).vmax) == (0.1, 0.9)


def test_plane_and_profile(axes):
    x = wave(2, 6)
    image = draw_plane(axes, x, (48.0, 32.0), plt.Normalize(0, 1), (48.0, 40.0))
    np.testing.assert_array_equal(image.get_array(), x)
    assert image.get_extent() == (0, 48.0, 0, 32.0) and image.origin == "lower"
    assert axes.get_xlim() == (0, 48) and axes.get_ylim() == (0, 40)
    draw_profile(axes, wave(1, 6), 48.0, plt.Normalize(0, 1), 60.0)
    np.testing.assert_allclose(axes.lines[0].get_xdata(), np.arange(24) * 2 + 1)
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), wave(1, 6))
    assert axes.get_xlim() == (0, 60) and axes.lines[1].get_xdata() == [48, 48]


def test_box_shows_its_faces_in_place():
    """A box whose three visible faces are of one value each: the colour at the middle of each projected face."""
    field = np.full((8, 8, 8), 0.5)
    field[:, :, -1], field[:, 0, :], field[-1] = 0.25, 0.0, 1.0
    figure, axes = plt.subplots(figsize=(4, 4), layout="none")
    draw_box(axes, field, (1.0, 1.0, 1.0), plt.Normalize(0, 1), (1.0, 1.0, 1.0))
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255
    left, right, bottom, top = box_extent((1.0, 1.0, 1.0))
    right_edge = np.sin(np.radians(60))  # of the front face
    places = {"front": (right_edge / 2, bottom + (top - bottom) * 0.3, 0.0), "side": ((right_edge + right) / 2, 0.45, 0.25), "top": ((left + right) / 2, 0.94, 1.0)}
    for name, (u, v, value) in places.items():
        column, row = axes.transData.transform((u, v))
        found = pixels[int(pixels.shape[0] - row), int(column)]
        assert np.allclose(found, plt.get_cmap(style.FIELD_MAP)(value)[:3], atol=0.02), name
    plt.close(figure)


@pytest.mark.parametrize("dimension", [1, 2])
def test_scaffold_needs_a_box(tmp_path, dimension, capsys):
    folder = write_results(tmp_path / "wave", dimension)
    assert main(["scaffold", str(folder)]) == 1
    assert capsys.readouterr().err == f"spinode_post: {folder}: a {dimension}D result has no box to draw; use slice\n"


@pytest.mark.parametrize(
    ("command", "dimension"),
    [("curves", 1), ("structure-factor", 2), ("scaffold", 3), *(("slice", d) for d in (1, 2, 3)), ("summary", 1), ("summary", 3)],
)
def test_picture_is_made_and_not_blank(tmp_path, dimension, command, capsys, kept):
    folder = write_results(tmp_path / "wave", dimension)
    assert main([command, str(folder)]) == 0
    path = folder / "figures" / f"{command.replace('-', '_')}.png"
    assert capsys.readouterr().out == f"{path}\n"
    image = plt.imread(path)[..., :3]
    height, width = image.shape[:2]
    assert width > 800 and height > 400
    ink = (image < 0.99).any(axis=2)
    for part in (ink[: height // 2], ink[height // 2 :], ink[:, : width // 2], ink[:, width // 2 :]):
        assert part.mean() > 0.01
    colours = {"slice": 20, "scaffold": 200, "summary": 20, "curves": 4, "structure-factor": 6}[command]
    assert len(np.unique((image[ink] * 63).astype(int), axis=0)) > colours
    texts = " ".join(kept[0])
    assert "wave" in texts and ("µs" in texts)


def test_slice_takes_times_axis_and_fraction(box, tmp_path, kept, monkeypatch):
    planes = []
    monkeypatch.setattr(slices, "draw_plane", lambda axes, plane, size, limits, room: planes.append((plane, size, room)))
    assert main(["slice", str(box), "--times", "0,9us", "--axis", "x", "--fraction", "0.25", "--output", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "slice.png").exists()
    for (plane, size, room), i in zip(planes, (0, 4), strict=True):
        np.testing.assert_array_equal(plane, wave(3, i)[:, :, 6])
        assert size == room == pytest.approx((32.0, 24.0))
    texts = kept[0]
    assert "$t$ = 0 s" in texts and "$t$ = 8 µs" in texts
    assert "wave: mole fraction Na $x$, plane at 12 nm along x" in texts
    assert "along y (nm)" in texts and "along z (nm)" in texts


@pytest.mark.parametrize("command", ["slice", "summary"])
def test_dimensionless_case_shows_no_units(tmp_path, command, kept):
    folder = write_results(tmp_path / "plain", 2, dimensionless=True)
    assert main([command, str(folder)]) == 0
    for text in kept[0]:
        assert not re.search(r"\((?!k)|\b([µnm]?[sm]|a?J|K|mole|Na|Li)\b", text), text


def test_summary_names_the_case(box, kept):
    assert main(["summary", str(box)]) == 0
    title = next(text for text in kept[0] if text.startswith("A known wave"))
    assert title == "A known wave\nLi–Na, mean $x$ = 0.3, 298.15 K, isotropic elasticity, box 48 × 32 × 24 nm, 24 × 16 × 12 cells"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fraction", "1.5"], "--fraction 1.5: expected 0 to 1"),
        (["--fraction", "nan"], "--fraction nan: expected 0 to 1"),
    ],
)
def test_slice_refuses(box, capsys, arguments, message):
    assert main(["slice", str(box), *arguments]) == 1
    assert capsys.readouterr().err == f"spinode_post: {message}\n"


def test_slice_of_a_plane_takes_no_axis(tmp_path, capsys):
    folder = write_results(tmp_path / "wave", 2)
    assert main(["slice", str(folder), "--axis", "y"]) == 1
    assert capsys.readouterr().err == f"spinode_post: {folder}: --axis and --fraction are for 3D results, this one is 2D\n"


def test_bad_time_is_a_usage_error(box, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["slice", str(box), "--times", "soon"])
    assert stop.value.code == 2
    assert "'soon': expected a time such as 2.5us, 1h or 3e-6" in capsys.readouterr().err


def test_render_without_paraview_names_the_packages(box, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    assert main(["render", str(box)]) == 1
    assert capsys.readouterr().err == "spinode_post: render: xvfb-run is not installed; on Debian: apt-get install paraview python3-paraview xvfb xauth\n"
    monkeypatch.setenv("DISPLAY", ":0")
    assert main(["render", str(box)]) == 1
    assert "render: pvbatch is not installed" in capsys.readouterr().err


def test_render_threshold_outside_the_field(box, capsys):
    assert main(["render", str(box), "--threshold", "0.9"]) == 1
    assert capsys.readouterr().err == f"spinode_post: --threshold 0.9: x runs from {wave(3, 6).min():.3g} to {wave(3, 6).max():.3g} at the last of the times\n"


def test_render_draws_the_solute_rich_part(box, capsys, kept):
    try:
        render.pvbatch_command()
    except render.ResultsError as missing:
        pytest.skip(str(missing))
    assert main(["render", str(box)]) == 0, capsys.readouterr().err
    image = plt.imread(box / "figures" / "render.png")[..., :3]
    red, green, blue = np.moveaxis(image, 2, 0)
    warm = (red > blue + 0.2) & (green > blue + 0.1)
    assert 0.05 < warm.mean() < 0.7
    texts = kept[0]
    assert "Na-rich ($x$ > 0.3)" in texts and "Li-rich (left clear)" in texts and "$t$ = 32 µs" in texts
    assert "x: 48 nm" in texts and "y: 32 nm" in texts and "z: 24 nm" in texts
