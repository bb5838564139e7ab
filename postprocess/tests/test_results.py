"""What results.py reads is what the files hold, and what it cannot read it names in one line."""

import shutil

import h5py
import numpy as np
import pytest
from conftest import CELLS, K, SPACING, TIMES, energies, length, structure_factor, wave, write_results
from spinode_post.__main__ import main
from spinode_post.results import open_results


@pytest.mark.parametrize("layers", [1, 2])
def test_layout_and_fields(tmp_path, dimension, layers):
    results = open_results(write_results(tmp_path / "wave", dimension, layers=layers))
    assert results.dimension == dimension
    assert results.cells == CELLS[:dimension]
    np.testing.assert_allclose(results.lengths, np.array(CELLS[:dimension]) * SPACING * 1e-9)
    assert results.length_unit == "m"
    assert [s.time for s in results.snapshots] == list(TIMES)
    assert [s.step for s in results.snapshots] == list(range(0, 70, 10))
    assert (results.case, results.host, results.solute) == ("wave", "Li", "Na")
    for i, snapshot in enumerate(results.snapshots):
        np.testing.assert_array_equal(results.field(snapshot), wave(dimension, i))


def test_plane_cuts_the_cell_at_the_fraction(box):
    results = open_results(box)
    x, last = wave(3, 6), results.snapshots[-1]
    np.testing.assert_array_equal(results.plane(last, 0, 0.0), x[:, :, 0])
    np.testing.assert_array_equal(results.plane(last, 1, 0.5), x[:, 8, :])
    np.testing.assert_array_equal(results.plane(last, 2, 1.0), x[-1])


def test_time_series_and_structure_factor(box):
    results = open_results(box)
    series = results.timeseries
    np.testing.assert_allclose(series["time"], TIMES)
    for part, values in energies(np.arange(TIMES.size)).items():
        np.testing.assert_allclose(series[f"energy_{part}"], values)
    np.testing.assert_allclose(series["length"], length(np.arange(TIMES.size)))
    assert series.units["time"] == "s" and series.units["energy_total"] == "J" and series.units["x_mean"] == "1"
    factor = results.structure_factor
    np.testing.assert_array_equal(factor.k, K)
    np.testing.assert_array_equal(factor.at(7.9e-6), structure_factor()[4])
    assert (factor.k_unit, factor.S_unit) == ("m-1", "m3")


def test_choice_of_times(box):
    results = open_results(box)
    assert [s.time for s in results.nearest([3.1e-6, 0.0, 2.9e-6, 1.0])] == [0.0, 2e-6, 4e-6, 32e-6]
    # The amplitude first passes a fifth of its largest at 4 us; from there on evenly in log(time).
    assert [s.time for s in results.telling(4)] == [4e-6, 8e-6, 16e-6, 32e-6]
    assert [s.time for s in results.telling(2)] == [4e-6, 32e-6]
    assert [s.time for s in results.telling(1)] == [32e-6]
    assert [s.time for s in results.telling(6)] == list(TIMES[1:])


def test_row_being_written_is_left_out(box):
    with (box / "timeseries.csv").open("a", encoding="utf-8") as file:
        file.write("70,6.4e-5,1e-")
    assert open_results(box).timeseries["time"].size == TIMES.size


def break_snapshot(folder):
    (folder / "snapshots" / "wave_000003.hdf").write_bytes(b"not HDF5")


def drop_attribute(folder):
    with h5py.File(folder / "snapshots" / "wave_000006.hdf", "a") as file:
        del file.attrs["time"]


def drop_field(folder):
    with h5py.File(folder / "snapshots" / "wave_000006.hdf", "a") as file:
        del file["VTKHDF/PointData/x"]


def mistake_unit(folder):
    with h5py.File(folder / "snapshots" / "wave_000006.hdf", "a") as file:
        file.attrs["length_unit"] = "inch"


def break_row(folder):
    path = folder / "timeseries.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.3", "oops", 1), encoding="utf-8")


def drop_column(folder):
    path = folder / "timeseries.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("length", "width"), encoding="utf-8")


def keep_header(folder):
    path = folder / "timeseries.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")


def drop_k(folder):
    with h5py.File(folder / "structure_factor.h5", "a") as file:
        del file["k"]


def shrink_S(folder):
    with h5py.File(folder / "structure_factor.h5", "a") as file:
        del file["k"]
        file["k"] = K[:-1]
        file["k"].attrs["unit"] = "m-1"


@pytest.mark.parametrize(
    ("spoil", "command", "message"),
    [
        (shutil.rmtree, "slice", "{dir}: no such folder"),
        (lambda d: shutil.rmtree(d / "snapshots"), "slice", "{dir}: holds no snapshots/*.hdf: expected the results folder of a spinode run"),
        (break_snapshot, "slice", "{dir}/snapshots/wave_000003.hdf: is not a readable HDF5 file"),
        (drop_attribute, "slice", "{dir}/snapshots/wave_000006.hdf: has no attribute time: expected a snapshot of spinode"),
        (drop_field, "slice", "{dir}/snapshots/wave_000006.hdf: has no dataset /VTKHDF/PointData/x"),
        (mistake_unit, "slice", "{dir}/snapshots/wave_000006.hdf: length_unit = 'inch': expected one of 1, m, mm, um, nm"),
        (lambda d: (d / "timeseries.csv").unlink(), "curves", "{dir}/timeseries.csv: no such file"),
        (break_row, "curves", "{dir}/timeseries.csv: is not a table of numbers: could not convert string to float: 'oops'"),
        (drop_column, "curves", "{dir}/timeseries.csv: no column length"),
        (keep_header, "summary", "{dir}/timeseries.csv: holds no rows yet"),
        (lambda d: (d / "structure_factor.h5").unlink(), "structure-factor", "{dir}/structure_factor.h5: no such file"),
        (drop_k, "structure-factor", "{dir}/structure_factor.h5: holds no k with a unit"),
        (shrink_S, "structure-factor", "{dir}/structure_factor.h5: S has shape (7, 15), expected (7, 14)"),
    ],
)
def test_broken_folder_is_one_line(box, capsys, spoil, command, message):
    spoil(box)
    assert main([command, str(box)]) == 1
    captured = capsys.readouterr()
    assert captured.err == f"spinode_post: {message.format(dir=box)}\n"
    assert captured.out == ""


def test_the_threshold_is_the_middle_between_the_phases_where_x_passes_it(box) -> None:
    results = open_results(box)
    x = results.field(results.snapshots[-1])
    assert results.threshold(results.snapshots[-1]) == pytest.approx((x.min() + x.max()) / 2)
    for low, high, expected in ((0.0, 2 * x.mean() + 0.002, x.mean() + 0.001), (0.9, 1.1, (x.min() + x.max()) / 2)):
        with h5py.File(results.snapshots[-1].path, "r+") as file:
            file.attrs["x_host"], file.attrs["x_solute"] = low, high
        changed = open_results(box)
        assert changed.threshold(changed.snapshots[-1]) == pytest.approx(expected)
