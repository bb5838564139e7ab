"""The PFHub commands: the initial field is the one that PFHub prescribes, and the table holds what the runs hold."""

import math

import h5py
import numpy as np
import pytest
from conftest import write_results
from spinode_post.__main__ import main

HEADER = (
    "step,time [1],dt [1],x_mean,x_min,x_max,"
    "energy_chemical [1],energy_gradient [1],energy_elastic [1],energy_total [1],length [1]"
)


def prescribed(x: float, y: float) -> float:
    """c at a point, with the products of cosines written as sums."""
    first = (math.cos(0.105 * x + 0.11 * y) + math.cos(0.105 * x - 0.11 * y)) / 2
    second = (1 + math.cos(0.26 * x)) * (1 + math.cos(0.174 * y)) / 4
    third = (math.cos(0.095 * x - 0.17 * y) + math.cos(0.045 * x + 0.13 * y)) / 2
    return 0.5 + 0.01 * (first + second + third)


def prescribed_mean() -> float:
    """Mean of c over the square: every term of the sums is integrated by hand."""

    def wave(a: float, b: float) -> float:
        """Mean of cos(a x + b y): that of cos in x times that of cos in y, less the same of the sines."""
        a, b = 200 * a, 200 * b
        return (math.sin(a) * math.sin(b) - (1 - math.cos(a)) * (1 - math.cos(b))) / (a * b)

    first = (wave(0.105, 0.11) + wave(0.105, -0.11)) / 2
    second = (1 + math.sin(52) / 52) * (1 + math.sin(34.8) / 34.8) / 4
    third = (wave(0.095, -0.17) + wave(0.045, 0.13)) / 2
    return 0.5 + 0.01 * (first + second + third)


def initial(path, cells):
    assert main(["pfhub-initial", "--cells", str(cells), "--output", str(path)]) == 0
    with h5py.File(path) as file:
        return file["VTKHDF/PointData/x"][()]


def write_run(folder, energies):
    """A results folder with F at the given times; the time series alone matters here."""
    write_results(folder, 2, dimensionless=True)
    rows = [f"{i},{time},0.1,0.5,0.3,0.7,{F / 2},{F / 2},0,{F},20" for i, (time, F) in enumerate(energies.items())]
    (folder / "timeseries.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return folder


def table(capsys):
    """The cells of what was printed; names of folders hold no spaces."""
    return [line.replace("minus last", "minus_last").split() for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("cells", "row", "column", "y", "x"),
    [
        (200, 0, 0, 0.5, 0.5),
        (200, 30, 170, 30.5, 170.5),
        (200, 170, 30, 170.5, 30.5),
        (200, 199, 0, 199.5, 0.5),
        (50, 7, 41, 30.0, 166.0),
    ],
)
def test_initial_field_at_cell_centres(tmp_path, cells, row, column, y, x):
    assert initial(tmp_path / "c.h5", cells)[row, column] == pytest.approx(prescribed(x, y), abs=1e-14)


def test_initial_field_has_x_along_rows(tmp_path):
    c = initial(tmp_path / "c.h5", 40)
    assert c.shape == (40, 40) and c.dtype == np.float64
    assert np.abs(c - c.T).max() > 0.01
    np.testing.assert_allclose(c[3], [prescribed(5 * i + 2.5, 17.5) for i in range(40)], rtol=0, atol=1e-14)
    np.testing.assert_allclose(c[:, 3], [prescribed(17.5, 5 * i + 2.5) for i in range(40)], rtol=0, atol=1e-14)


def test_mean_of_initial_field(tmp_path):
    """Sampling at cell centres takes the mean with second order in the spacing, though the field is not periodic."""
    errors = [initial(tmp_path / f"{n}.h5", n).mean() - prescribed_mean() for n in (100, 200)]
    assert abs(errors[1]) < 1e-6
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.02)


def test_initial_field_makes_its_folder(tmp_path, capsys):
    path = tmp_path / "new" / "folder" / "c.h5"
    initial(path, 4)
    assert capsys.readouterr().out == f"{path}\n"


def test_initial_field_refuses_too_few_cells(tmp_path, capsys):
    assert main(["pfhub-initial", "--cells", "3", "--output", str(tmp_path / "c.h5")]) == 1
    assert capsys.readouterr().err == "spinode_post: --cells 3: expected 4 or more\n"
    assert not (tmp_path / "c.h5").exists()


def test_table_of_one_run(tmp_path, capsys):
    folder = write_run(tmp_path / "run", {0: 320.0, 0.5: 319.5, 1: 319.25, 1.5: 318.5, 2: 318.125, 10000: 33.0000008})
    assert main(["pfhub-compare", str(folder)]) == 0
    assert table(capsys) == [
        ["t", str(folder)],
        ["0", "320.000000"],
        ["1", "319.250000"],
        ["2", "318.125000"],
        ["10000", "33.000001"],
    ]


def test_table_of_several_runs(tmp_path, capsys):
    """Differences are to the last run; times that a run does not have are left open, not filled from its neighbours."""
    coarse = write_run(tmp_path / "coarse", {0: 320.0, 1: 318.0, 2: 317.0, 5: 310.0})
    middle = write_run(tmp_path / "middle", {0: 319.5, 1: 319.0, 1.999: 318.25, 5: 311.0})
    fine = write_run(tmp_path / "fine", {0: 319.0, 1: 319.25, 2: 318.0})
    assert main(["pfhub-compare", str(coarse), str(middle), str(fine)]) == 0
    assert table(capsys) == [
        ["t", str(coarse), "minus_last", str(middle), "minus_last", str(fine)],
        ["0", "320.000000", "+1.00e+00", "319.500000", "+5.00e-01", "319.000000"],
        ["1", "318.000000", "-1.25e+00", "319.000000", "-2.50e-01", "319.250000"],
        ["2", "317.000000", "-1.00e+00", "-", "-", "318.000000"],
        ["5", "310.000000", "-", "311.000000", "-", "-"],
    ]


def test_columns_of_the_table_are_aligned(tmp_path, capsys):
    runs = [write_run(tmp_path / name, {0: 320.0, 1: 9.5}) for name in ("a", "b")]
    assert main(["pfhub-compare", *map(str, runs)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and len({len(line) for line in lines}) == 1


def test_run_without_the_times_is_refused(tmp_path, capsys):
    folder = write_run(tmp_path / "run", {0: 320.0, 0.9: 319.0, 3: 317.0})
    assert main(["pfhub-compare", str(folder)]) == 1
    captured = capsys.readouterr()
    times = "1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000"
    assert captured.err == f"spinode_post: {folder}/timeseries.csv: no row at t = {times}\n"
    assert captured.out == ""


def test_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert main(["pfhub-compare", str(tmp_path / "nowhere")]) == 1
    assert capsys.readouterr().err == f"spinode_post: {tmp_path / 'nowhere'}: no such folder\n"
