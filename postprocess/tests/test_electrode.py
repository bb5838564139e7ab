"""A run with an electrode: its profiles are those of the file, its pictures show the values at their depth, and boxes shrink in all pictures."""

import re

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import CELLS, CHARGE, CYCLED, SPACING, TIMES, electrode_columns, profiles, thickness, wave, write_electrode, write_results
from matplotlib.text import Text
from spinode_post import render, style
from spinode_post.__main__ import main
from spinode_post.compare import pattern
from spinode_post.electrode import describe, draw_depth, draw_kymograph, draw_potential, draw_thickness, electrode, kymograph, progress
from spinode_post.panels import box_extent
from spinode_post.results import open_results


@pytest.fixture
def strip(tmp_path, dimension):
    """A folder of each dimension."""
    return write_electrode(tmp_path / "strip", dimension)


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.fixture
def figures(monkeypatch):
    """Figures as they are saved, left open."""
    kept = []

    def keep(figure, path):
        figure.savefig(path)
        kept.append(figure)
        return path

    monkeypatch.setattr(style, "save", keep)
    yield kept
    plt.close("all")


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_visible() and text.get_text()]


def test_profiles_are_those_of_the_file(strip, dimension):
    found = open_results(strip).profiles
    for name, (values, unit) in profiles(CHARGE, dimension).items():
        np.testing.assert_array_equal(getattr(found, name), values)
        assert found.units[name] == unit
    assert (found.length is None) == (dimension == 1)
    count = CELLS[dimension - 1]
    assert found.z.shape == (TIMES.size, count)
    np.testing.assert_allclose(found.z[0], (np.arange(count) + 0.5) * SPACING * 1e-9)
    np.testing.assert_allclose(found.z[5], (np.arange(count) + 0.5) * SPACING * 0.5e-9)


def test_every_snapshot_has_its_own_size(strip, dimension):
    results = open_results(strip)
    full = np.array(CELLS[:dimension]) * SPACING * 1e-9
    for i, snapshot in enumerate(results.snapshots):
        np.testing.assert_allclose(snapshot.lengths[:-1], full[:-1])
        assert snapshot.lengths[-1] == pytest.approx(thickness(i, dimension))
        np.testing.assert_array_equal(results.field(snapshot), wave(dimension, i))
    np.testing.assert_allclose(results.lengths, full)


def test_horizontal_axis_is_the_capacity_unless_it_rests_or_turns(tmp_path):
    for name, charge, column, label in (
        ("strip", CHARGE, "capacity", "capacity (mAh cm$^{-2}$)"),
        ("plate", -CHARGE, "capacity", "capacity (mAh cm$^{-2}$)"),
        ("cycle", CYCLED, "time", "time $t$ (µs)"),
        ("rest", np.array([0, 1, 2, 3, 4, 4, 5]), "time", "time $t$ (µs)"),
    ):
        found, scale, text = progress(open_results(write_electrode(tmp_path / name, 1, charge=charge)))
        assert (found, text) == (column, label), name
        assert scale.factor == pytest.approx(1.0 if column == "capacity" else 1e6), name


def test_each_time_reaches_halfway_to_the_next_ones():
    x = np.arange(12.0).reshape(3, 4)
    edges, z, values = kymograph(np.array([0.0, 1.0, 4.0]), np.array([8.0, 6.0, 7.0]), x)
    np.testing.assert_allclose(edges, np.tile([0, 0.5, 1, 2.5, 4], (5, 1)))
    np.testing.assert_allclose(z, np.outer([0, 0.25, 0.5, 0.75, 1], [8, 7, 6, 6.5, 7]))
    np.testing.assert_array_equal(values, x[[0, 1, 1, 2]].T)


@pytest.mark.parametrize(("charge", "along"), [(CHARGE, 0.2 * CHARGE), (CYCLED, TIMES * 1e6)], ids=["capacity", "time"])
def test_kymograph_shows_x_at_its_depth_and_nothing_beyond_the_collector(tmp_path, dimension, charge, along):
    results = open_results(write_electrode(tmp_path / "run", dimension, charge=charge))
    figure, axes = plt.subplots(figsize=(5, 4), layout="none")
    mesh = draw_kymograph(axes, results)
    x, heights = profiles(charge, dimension)["x"][0], thickness(charge, dimension) * 1e9
    assert axes.get_xlim() == pytest.approx((along[0], along[-1])) and axes.get_ylim() == pytest.approx((0, CELLS[dimension - 1] * SPACING))
    np.testing.assert_allclose(axes.lines[0].get_ydata(), heights)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255

    def colour(place, z):
        column, row = axes.transData.transform((place, z))
        return pixels[int(pixels.shape[0] - row), int(column)]

    for i in range(1, TIMES.size - 1):
        for plane in (0, x.shape[1] // 2, x.shape[1] - 2):
            z = heights[i] * (plane + 0.5) / x.shape[1]
            np.testing.assert_allclose(colour(along[i], z), mesh.to_rgba(x[i, plane])[:3], atol=0.02)
        if heights[i] < 0.95 * heights[0]:
            assert (colour(along[i], heights[i] * 1.04) == 1).all()
    plt.close(figure)


def test_potential_curves(strip, dimension, axes):
    draw_potential(axes, open_results(strip))
    columns, lines = electrode_columns(CHARGE, dimension), {line.get_label(): line for line in axes.lines}
    for name, column in (("total", "potential"), ("open circuit", "potential_open")):
        np.testing.assert_allclose(lines[name].get_xdata(), 0.2 * CHARGE)
        np.testing.assert_allclose(lines[name].get_ydata(), columns[column][0] * 1e3)
    assert axes.get_xlabel() == "capacity (mAh cm$^{-2}$)" and axes.get_ylabel() == "potential vs Li/Li$^+$ (mV)"


def test_thickness_and_host_over_time(strip, dimension, axes):
    draw_thickness(axes, open_results(strip))
    right = axes.figure.axes[1]
    for side, values, label in ((axes, thickness(CHARGE, dimension) * 1e9, "thickness $L$ (nm)"), (right, 100 - 12 * CHARGE, "Li left (%)")):
        np.testing.assert_allclose(side.lines[0].get_xdata(), TIMES * 1e6)
        np.testing.assert_allclose(side.lines[0].get_ydata(), values)
        assert side.get_ylabel() == label and side.get_ylim() == pytest.approx((0, 1.05 * values[0]))
    assert axes.get_xlabel() == "time $t$ (µs)"


def test_curves_over_depth(strip, dimension, axes):
    results = open_results(strip)
    draw_depth(axes, results)
    # Before the second time no plane holds solute-rich metal; the last planes hold nothing else.
    rows = (0, 2, 4, 6) if dimension == 1 else (1, 3, 4, 6)
    assert [line.get_label() for line in axes.lines] == [f"{0.2 * row:.3g}" for row in rows]
    values = profiles(CHARGE, dimension)["x" if dimension == 1 else "length"][0] * (1 if dimension == 1 else 1e9)
    for line, row in zip(axes.lines, rows):
        np.testing.assert_allclose(line.get_xdata(), results.profiles.z[row] * 1e9)
        shown = slice(None) if dimension == 1 else slice(1, -1)
        np.testing.assert_allclose(line.get_ydata()[shown], values[row, shown])
        assert np.isnan(line.get_ydata()).sum() == (0 if dimension == 1 else 2)
    assert axes.get_ylabel() == ("mole fraction Na $x$" if dimension == 1 else "in-plane length (nm)")
    assert axes.get_legend().get_title().get_text() == "capacity\n(mAh cm$^{-2}$)"


def test_times_with_hardly_a_plane_of_both_metals_are_left_out(tmp_path, axes):
    folder = write_electrode(tmp_path / "strip", 2)
    with h5py.File(folder / "profiles.h5", "a") as file:
        file["solute_rich"][:3] = 0
        file["solute_rich"][2, 5] = 0.5
        file["solute_rich"][6] = np.where(np.arange(16) % 3 == 1, 0.5, 1.0)
    draw_depth(axes, open_results(folder))
    assert [line.get_label() for line in axes.lines] == ["0.6", "0.8", "1", "1.2"]
    assert [line.get_markevery() for line in axes.lines] == [[], [], [], [1, 4, 7, 10, 13]]


def test_planes_of_one_metal_have_no_length(tmp_path, axes):
    folder = write_electrode(tmp_path / "strip", 2)
    with h5py.File(folder / "profiles.h5", "a") as file:
        file["solute_rich"][...] = 0.02
    draw_depth(axes, open_results(folder))
    assert not axes.lines and [text.get_text() for text in axes.texts] == ["no plane holds Na-rich\nand Li-rich metal"]


@pytest.mark.parametrize(
    ("charge", "text"),
    [
        (CHARGE, "Na in Li, stripped at 1.5 mA cm$^{-2}$, 298.15 K"),
        (-CHARGE, "Na in Li, plated at 1.5 mA cm$^{-2}$, 298.15 K"),
        (CYCLED, "Na in Li, current −1.5 to 1.5 mA cm$^{-2}$ (positive strips), 2 steps, 2 cycles, 298.15 K"),
    ],
    ids=["strip", "plate", "cycle"],
)
def test_title_says_what_was_run(tmp_path, charge, text):
    assert describe(open_results(write_electrode(tmp_path / "run", 1, charge=charge))) == text


def test_title_without_current(tmp_path):
    folder = write_electrode(tmp_path / "run", 1)
    path = folder / "timeseries.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",1.5,", ",0,"), encoding="utf-8")
    assert describe(open_results(folder)) == "Na in Li, no current, 298.15 K"


def test_picture_is_made(strip, dimension, capsys, figures):
    assert main(["electrode", str(strip)]) == 0
    path = strip / "figures" / "electrode.png"
    assert capsys.readouterr().out == f"{path}\n"
    assert plt.imread(path).shape[1] > 600
    found = texts(figures[0])
    for text in ("A known wave\nNa in Li, stripped at 1.5 mA cm$^{-2}$, 298.15 K", "mole fraction Na $x$", "distance from separator $z$ (nm)"):
        assert text in found
    assert any(text.startswith("(d) composition" if dimension == 1 else "(d) in-plane length") for text in found)


def test_dimensionless_electrode_shows_no_units(tmp_path):
    figure = electrode(open_results(write_electrode(tmp_path / "plain", 2, dimensionless=True)))
    assert "plain\nstripped at 1.5" in texts(figure)
    for text in texts(figure):
        assert not re.search(r"\((?![a-d%]\))|\b([µnm]?[sm]|m?V|mAh?|K|mole|Na|Li)\b", text), text
    plt.close(figure)


def drop(name):
    def spoil(folder):
        with h5py.File(folder / "profiles.h5", "a") as file:
            del file[name]

    return spoil


def replace(name, values):
    def spoil(folder):
        with h5py.File(folder / "profiles.h5", "a") as file:
            del file[name]
            file[name] = values
            file[name].attrs["unit"] = "1"

    return spoil


def rename_column(folder):
    path = folder / "timeseries.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("host_left", "host_right"), encoding="utf-8")


def keep_one_time(folder):
    with h5py.File(folder / "profiles.h5", "a") as file:
        for name, (values, unit) in profiles(CHARGE, 2).items():
            del file[name]
            file[name] = values[:1]
            file[name].attrs["unit"] = unit


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda d: (d / "profiles.h5").unlink(), "{dir}: holds no profiles.h5: expected the results of a run with an electrode"),
        (lambda d: (d / "profiles.h5").write_bytes(b"not HDF5"), "{dir}/profiles.h5: is not a readable HDF5 file"),
        (drop("reach"), "{dir}/profiles.h5: holds no reach with a unit"),
        (drop("length"), "{dir}/profiles.h5: holds no length with a unit"),
        (replace("x", np.zeros((7, 15))), "{dir}/profiles.h5: x has shape (7, 15), expected (7, 16)"),
        (replace("thickness", np.zeros(6)), "{dir}/profiles.h5: thickness has shape (6,), expected (7,)"),
        (keep_one_time, "{dir}/profiles.h5: holds fewer than two times"),
        (rename_column, "{dir}/timeseries.csv: no column host_left: expected the results of a run with an electrode"),
    ],
)
def test_what_is_missing_is_one_line(tmp_path, capsys, spoil, message):
    folder = write_electrode(tmp_path / "strip", 2)
    spoil(folder)
    assert main(["electrode", str(folder)]) == 1
    assert capsys.readouterr().err == f"spinode_post: {message.format(dir=folder)}\n"


def test_a_run_without_electrode_has_none(box, capsys):
    assert main(["electrode", str(box)]) == 1
    assert capsys.readouterr().err == f"spinode_post: {box}: holds no profiles.h5: expected the results of a run with an electrode\n"


@pytest.mark.parametrize("command", ["slice", "summary"])
def test_panels_are_as_large_as_their_snapshots(strip, dimension, command, figures):
    options = ["--axis", "x"] if command == "slice" and dimension == 3 else []
    assert main([command, str(strip), "--times", "0,4us,32us", *options]) == 0
    panels = [panel for panel in figures[0].axes if panel.get_title().startswith("$t$")]
    full = CELLS[dimension - 1] * SPACING
    for panel, left in zip(panels, (1.0, 0.7, 0.4), strict=True):
        if dimension == 1:
            assert panel.get_xlim() == pytest.approx((0, full))
            assert panel.lines[0].get_xdata()[-1] == pytest.approx(left * (full - SPACING / 2))
            assert [line.get_xdata()[0] for line in panel.lines[1:]] == ([] if left == 1 else [pytest.approx(left * full)])
        elif dimension == 2 or command == "slice":
            assert panel.images[0].get_extent()[2:] == pytest.approx((0, left * full))
            assert panel.get_ylim() == pytest.approx((0, full))
        else:
            assert_box(panel, left)
    if command == "summary":
        box = " × ".join(("48", "32")[: dimension - 1] + (f"({full:g} → {0.4 * full:g}) nm",))
        assert any(f"box {box}, " in text for text in texts(figures[0]))


def assert_box(panel, left):
    """The drawn box is of the size of its snapshot, its frame that of the first one."""
    size = (48.0, 32.0, 24.0 * left)
    assert max(line.get_ydata().max() for line in panel.lines) == pytest.approx(box_extent(size)[3])
    right, top = box_extent((48.0, 32.0, 24.0))[1::2]
    assert panel.get_xlim()[1] == pytest.approx(1.01 * right) and panel.get_ylim()[1] == pytest.approx(top + 0.01 * right)
    assert [text.get_text() for text in panel.texts] == ["x: 48 nm", "y: 32 nm", f"z: {size[2]:.3g} nm"]


@pytest.mark.parametrize("command", ["scaffold", "compare"])
def test_boxes_are_as_large_as_their_snapshots(tmp_path, command, figures):
    folder, whole = write_electrode(tmp_path / "strip", 3), write_results(tmp_path / "whole", 3)
    arguments = [str(folder), "--times", "0,32us"] if command == "scaffold" else [str(whole), str(folder)]
    assert main([command, *arguments]) == 0
    panels = [panel for panel in figures[0].axes if "$t$ =" in panel.get_title()]
    for panel, left in zip(panels, (1.0, 0.4), strict=True):
        assert_box(panel, left)


def test_place_of_a_plane_that_moves_is_a_share(tmp_path, figures):
    folder = write_electrode(tmp_path / "strip", 3)
    for times, place in (("0,32us", "0.5 of the box"), ("32us", "4.8 nm")):
        assert main(["slice", str(folder), "--times", times]) == 0
        assert f"strip: mole fraction Na $x$, plane at {place} along z" in texts(figures[-1])


def test_wavevectors_are_those_of_the_box_as_it_is(tmp_path):
    results = open_results(write_electrode(tmp_path / "strip", 2))
    for i in (0, 6):
        assert pattern(results, results.snapshots[i])[1] == pytest.approx((np.pi / 2e-9, np.pi / (2e-9 * (1 - 0.1 * i))))


def test_rendered_boxes_are_as_large_as_their_snapshots(tmp_path):
    try:
        render.pvbatch_command()
    except render.ResultsError as missing:
        pytest.skip(str(missing))
    results = open_results(write_electrode(tmp_path / "strip", 3))
    images = render.draw_surfaces([results.snapshots[4], results.snapshots[6]], 0.3)
    assert images[0].shape == images[1].shape
    rows = [np.flatnonzero((image < 1).any(axis=(1, 2))) for image in images]
    bottom, top = zip(*(box_extent((48.0, 32.0, 24.0 * left))[2:] for left in (0.6, 0.4)))
    assert rows[0][0] <= 1 and rows[1][-1] >= images[1].shape[0] - 2
    share = (top[1] - bottom[1]) / (top[0] - bottom[0])
    assert np.ptp(rows[1]) / np.ptp(rows[0]) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("command", ["curves", "structure-factor"])
def test_other_pictures_of_an_electrode(strip, command):
    assert main([command, str(strip)]) == 0
