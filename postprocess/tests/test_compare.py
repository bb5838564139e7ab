"""compare: the pattern is that of the waves in the box, the curves are those of the runs, and what does not fit is refused."""

import csv

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import TIMES, anisotropy, length, write_results
from matplotlib.text import Text
from spinode_post import style
from spinode_post.__main__ import main
from spinode_post.compare import draw_over_time, draw_pattern, pattern
from spinode_post.results import open_results


class Plane:
    """As much of Results and of a snapshot as a pattern needs."""

    dimension, length_unit, dimensionless = 2, "1", True

    def __init__(self, field, boundary):
        self.x, self.boundary = field, boundary
        self.cells = self.lengths = field.shape[::-1]

    def field(self, _):
        return self.x


def pattern_of(field, *boundary):
    plane = Plane(field, boundary)
    return pattern(plane, plane)


def peaks(power):
    """(k_y, k_x) in steps of the spectrum, of every wave that is there."""
    middle = np.array(power.shape) // 2
    return {tuple(int(i) for i in place - middle) for place in np.argwhere(power > 1e-6)}


def test_pattern_of_a_plane_wave():
    j, i = np.mgrid[:16, :24]
    x = 0.3 + 0.01 * np.cos(2 * np.pi * (3 * (i + 0.5) / 24 + 2 * (j + 0.5) / 16))
    power, reach = pattern_of(x, "periodic", "periodic")
    assert power.shape == (16, 24) and reach == pytest.approx((np.pi, np.pi))
    assert peaks(power) == {(2, 3), (-2, -3)} and power.max() == 1
    assert peaks(pattern_of(np.full((16, 24), 0.25), "periodic", "periodic")[0]) == set()


def test_pattern_mirrors_an_axis_without_flux():
    # Three half waves along y, which a periodic spectrum would smear.
    j, i = np.mgrid[:16, :24]
    x = 0.3 + 0.01 * np.cos(np.pi * 3 * (j + 0.5) / 16) + 0.02 * np.cos(2 * np.pi * 5 * (i + 0.5) / 24)
    power, _ = pattern_of(x, "periodic", "no_flux")
    assert power.shape == (32, 24)
    assert peaks(power) == {(3, 0), (-3, 0), (0, 5), (0, -5)}
    power, _ = pattern_of(x.T, "no_flux", "periodic")
    assert peaks(power) == {(0, 3), (0, -3), (5, 0), (-5, 0)}


def test_pattern_stands_at_its_wavevectors():
    figure, axes = plt.subplots()
    j, i = np.mgrid[:16, :24]
    plane = Plane(0.3 + 0.01 * np.cos(2 * np.pi * 3 * i / 24 + 0 * j), ("periodic", "periodic"))
    draw_pattern(axes, plane, plane, 2.0)
    image = axes.images[0]
    left, right, bottom, top = image.get_extent()
    assert (right - left) / 24 == pytest.approx(2 * np.pi / 24) and (top - bottom) / 16 == pytest.approx(2 * np.pi / 16)
    row, column = np.argwhere(image.get_array() == 1).max(axis=0)
    assert left + (column + 0.5) * (right - left) / 24 == pytest.approx(2 * np.pi * 3 / 24)
    assert bottom + (row + 0.5) * (top - bottom) / 16 == pytest.approx(0)
    assert axes.get_xlim() == (-2, 2) and axes.get_xlabel() == "$k_x$"
    plt.close(figure)


def test_curves_are_those_of_the_runs(box, tmp_path):
    figure, axes = plt.subplots()
    runs = [open_results(box), open_results(write_results(tmp_path / "other", 3))]
    draw_over_time(axes, runs, ["a", "b"], "anisotropy", "A")
    draw_over_time(axes, runs, ["a", "b"], "length", "L")
    rows = np.arange(1, TIMES.size)
    for line, values, label in zip(axes.lines, 2 * [anisotropy(rows)] + 2 * [length(rows) * 1e9], "abab", strict=True):
        np.testing.assert_allclose(line.get_xdata(), TIMES[1:] * 1e6)
        np.testing.assert_allclose(line.get_ydata(), values)
        assert line.get_label() == label
    assert axes.get_xlabel() == "time $t$ (µs)" and axes.get_ylabel() == "L (nm)"
    plt.close(figure)


@pytest.mark.parametrize("dimension", [2, 3])
def test_picture_is_made(tmp_path, dimension, capsys, monkeypatch):
    texts, save = [], style.save

    def keep(figure, path):
        texts.extend(text.get_text() for text in figure.findobj(Text) if text.get_visible())
        return save(figure, path)

    monkeypatch.setattr(style, "save", keep)
    folders = [str(write_results(tmp_path / name, dimension)) for name in ("one", "two")]
    assert main(["compare", *folders, "--time", "9us", "--labels", "soft,hard"]) == 0
    path = tmp_path / "one" / "figures" / "compare.png"
    assert capsys.readouterr().out == f"{path}\n"
    assert plt.imread(path).shape[1] > 1500
    for text in ("soft, $t$ = 8 µs", "hard, $t$ = 8 µs", "$k_x$ (nm$^{-1}$)", "$k_y$ (nm$^{-1}$)", "length $2\\pi/k_1$ (nm)", "anisotropy of $S$"):
        assert text in texts
    assert main(["compare", *folders, "--output", str(tmp_path / "out")]) == 0
    assert "one, $t$ = 32 µs" in texts and (tmp_path / "out" / "compare.png").exists()


def test_names_that_tell_the_runs_apart(tmp_path, monkeypatch):
    """Runs of one case are named by their folders, and from three on a name has a line of its own, broken where it is long."""
    texts, save = [], style.save

    def keep(figure, path):
        texts[:] = [text.get_text() for text in figure.findobj(Text) if text.get_visible()]
        return save(figure, path)

    monkeypatch.setattr(style, "save", keep)
    folders = [str(write_results(tmp_path / name / "case", 2)) for name in ("a", "b")]
    assert main(["compare", folders[0], folders[1]]) == 0
    assert texts.count("case, $t$ = 32 µs") == 2
    moved = [str((tmp_path / name / "case").rename(tmp_path / name / f"seed_{name}")) for name in ("a", "b")]
    assert main(["compare", *moved]) == 0
    assert "seed_a, $t$ = 32 µs" in texts and "seed_b, $t$ = 32 µs" in texts
    assert main(["compare", *moved, moved[0], "--labels", "cold,warm,much warmer than the two others"]) == 0
    assert "cold\n$t$ = 32 µs" in texts and "much warmer than\nthe two others\n$t$ = 32 µs" in texts
    assert {"cold", "warm", "much warmer than the two others"} <= set(texts)


def test_what_does_not_fit_is_refused(tmp_path, capsys):
    box, plane, line = (str(write_results(tmp_path / f"{d}D", d)) for d in (3, 2, 1))
    plain = str(write_results(tmp_path / "plain", 2, dimensionless=True))
    old = write_results(tmp_path / "old", 2)
    with (old / "timeseries.csv").open(newline="", encoding="utf-8") as file:
        rows = [row[:-1] for row in csv.reader(file)]
    with (old / "timeseries.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    for arguments, message in (
        ([box], "1 runs: expected 2 to 4"),
        ([box] * 5, "5 runs: expected 2 to 4"),
        ([box, box, "--labels", "a"], "--labels a: expected one for each of 2 runs"),
        ([line, line], f"{line}: a 1D result has no directions to compare"),
        ([box, plane], f"{plane}: is not of the dimension and the units of {box}"),
        ([plane, plain], f"{plain}: is not of the dimension and the units of {plane}"),
        ([plane, str(old)], f"{old}/timeseries.csv: no column anisotropy"),
    ):
        assert main(["compare", *arguments]) == 1
        assert capsys.readouterr().err == f"spinode_post: {message}\n"
    with pytest.raises(SystemExit):
        main(["compare", box, box, "--time", "soon"])
    assert "'soon': expected a time such as 2.5us" in capsys.readouterr().err


def test_a_uniform_field_has_no_pattern(tmp_path, capsys):
    folder = write_results(tmp_path / "flat", 2)
    path = folder / "timeseries.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    first = first.split(",")
    first[-2] = "0"
    path.write_text("\n".join([header, ",".join(first), *rest]) + "\n", encoding="utf-8")
    assert main(["compare", str(folder), str(folder), "--time", "0"]) == 1
    assert capsys.readouterr().err == "spinode_post: no structure at t = 0 s\n"
