"""virtual-sem: grey is that of the composition, the beam has its width, the noise is Poisson's, lengths in the picture are what the bar says."""

import json
import math

import h5py
import numpy as np
import pytest
from conftest import MEAN, TIMES, wave, write_electrode, write_results
from PIL import Image
from scipy.optimize import curve_fit
from scipy.special import erf
from spinode_post.__main__ import main
from spinode_post.virtual_sem import Detector, beam, detector, expose, round_length, with_data_bar

LI, NA = 3, 11  # atomic numbers


def raw(path):
    """Grey of a TIFF from 0 to 1, top row first, and the settings inside."""
    with Image.open(path) as image:
        return np.array(image) / 65535, json.loads(image.tag_v2[270]), image.tag_v2


def take(folder, *options):
    """The picture (8 bits, with data bar) and the raw grey of the folder's last time."""
    assert main(["virtual-sem", str(folder), *options]) == 0
    grey, settings, tags = raw(folder / "figures" / "virtual_sem.tif")
    return np.asarray(Image.open(folder / "figures" / "virtual_sem.png")), grey, settings, tags


@pytest.fixture
def plane(tmp_path):
    """A 2D results folder, 48 x 32 nm."""
    return write_results(tmp_path / "wave", 2)


def test_beam_leaves_waves_and_damps_them():
    """cos(k x) between the cell centres, times exp(-sigma^2 k^2 / 2): on both kinds of axis, odd and even, beyond the box too."""
    places = np.linspace(-13.7, 29.3, 57)
    fwhm = 2.5
    sigma = fwhm / 2.3548200450309493
    for cells in (12, 13):
        centres = np.arange(cells) + 0.5
        for n in range(cells // 2 + (cells % 2)):
            for phase in (0.0, 0.7):
                k = 2 * np.pi * n / cells
                seen = beam(cells, cells, places, fwhm, "periodic") @ np.cos(k * centres + phase)
                np.testing.assert_allclose(seen, np.exp(-((sigma * k) ** 2) / 2) * np.cos(k * places + phase), atol=1e-12)
        for n in range(cells):
            k = np.pi * n / cells
            seen = beam(cells, cells, places, fwhm, "no_flux") @ np.cos(k * centres)
            np.testing.assert_allclose(seen, np.exp(-((sigma * k) ** 2) / 2) * np.cos(k * places), atol=1e-12)


@pytest.mark.parametrize("boundary", ["periodic", "no_flux"])
@pytest.mark.parametrize("cells", [12, 13])
def test_sharp_beam_reads_the_cells(cells, boundary):
    values = np.random.default_rng(3).random(cells)
    np.testing.assert_allclose(beam(cells, 6.0, (np.arange(cells) + 0.5) * 6.0 / cells, 0.0, boundary) @ values, values, atol=1e-12)


@pytest.mark.parametrize(("boundary", "edge"), [("periodic", 48.0), ("no_flux", 48.0)])
def test_width_of_the_beam_at_an_edge(boundary, edge):
    """A step seen across is the integral of a Gaussian whose full width at half maximum is the one asked for."""
    step = (np.arange(96) >= edge).astype(float)
    places = np.linspace(24, 72, 481)
    seen = beam(96, 96.0, places, 6.0, boundary) @ step
    (middle, sigma), _ = curve_fit(lambda p, m, s: (1 + erf((p - m) / (math.sqrt(2) * s))) / 2, places, seen, (40, 1))
    assert middle == pytest.approx(edge, abs=0.01)
    # Values at cell centres are no means over cells: without these, of variance 1/12, the edge is sharper by that (Euler and Maclaurin).
    assert sigma**2 + 1 / 12 == pytest.approx(6.0**2 / (8 * math.log(2)), rel=1e-4)


def test_contrast_follows_atomic_numbers():
    li_na = detector("Li", "Na", None)
    assert li_na == Detector(1 - LI / NA, True)
    x = np.array([0.0, 0.25, 1.0])
    np.testing.assert_allclose(li_na.signal(x), ((1 - x) * LI + x * NA) / NA)
    np.testing.assert_allclose(detector("Na", "Li", None).signal(x), ((1 - x) * NA + x * LI) / NA)
    np.testing.assert_allclose(detector("Fe", "Cr", None).signal(x), ((1 - x) * 26 + x * 24) / 26)
    np.testing.assert_allclose(detector("W", "U", None).signal(x), ((1 - x) * 74 + x * 92) / 92)
    assert detector("Li2S", "Li3N", None) == Detector(0.5, True) == detector("host", "solute", None)
    assert detector("Na", "Li", 0.3) == Detector(0.3, False)


@pytest.mark.parametrize("dose", [20.0, 400.0])
def test_noise_is_that_of_counting(dose):
    """Two halves of one signal each: their counts have the ratio of the signals, the mean dose, and variance = mean."""
    sensor = Detector(0.6, True)
    signal = np.repeat(sensor.signal(np.array([0.1, 0.8])), 100000).reshape(2, -1)
    picture = expose(signal, sensor, dose, 5)
    counts = picture.grey * (picture.white - picture.black) + picture.black
    inside = picture.grey.mean(axis=1) > 0.05
    assert inside.all()
    assert counts.mean() == pytest.approx(dose, rel=5e-3)
    np.testing.assert_allclose(counts.mean(axis=1), dose * signal[:, 0] / signal.mean(), rtol=5e-3)
    np.testing.assert_allclose(counts.var(axis=1), counts.mean(axis=1), rtol=0.02)
    skew = ((counts - counts.mean(axis=1, keepdims=True)) ** 3).mean(axis=1) / counts.var(axis=1) ** 1.5
    np.testing.assert_allclose(skew, 1 / np.sqrt(counts.mean(axis=1)), atol=0.03)
    neighbours = np.corrcoef(counts[0, :-1], counts[0, 1:])[0, 1]
    assert abs(neighbours) < 0.015


def test_mean_grey_is_that_of_the_mean_composition(plane):
    """Grey runs from black, 4 standard deviations below Li, to white, 4 above Na."""
    _, grey, settings, _ = take(plane, "--dose", "100", "--pixel", "0.25nm")
    na = 100 * NA / ((1 - MEAN) * LI + MEAN * NA)
    li = na * LI / NA
    black, white = li - 4 * math.sqrt(li), na + 4 * math.sqrt(na)
    assert settings["black"] == pytest.approx(black, rel=1e-4) and settings["white"] == pytest.approx(white, rel=1e-4)
    assert grey.shape == (128, 192)
    assert grey.mean() == pytest.approx((100 - black) / (white - black), abs=4 * 10 / math.sqrt(grey.size) / (white - black))
    assert (settings["bright"], settings["dose"], settings["time"]) == ("Na", 100, TIMES[-1])


def test_without_noise_grey_is_x(plane):
    """Top row first; the wave at the pixels' places is known, and continues by translation."""
    _, grey, _, _ = take(plane, "--noise", "0", "--blur", "0", "--pixel", "0.5nm", "--size", "200,150")
    u, v = (np.arange(n) * 0.5 + 0.25 for n in (200, 150))
    expected = MEAN + 0.29 * np.cos(2 * np.pi * u / 48) * np.cos(2 * np.pi * v / 32)[::-1, None]
    np.testing.assert_allclose(grey, expected, atol=1e-5)
    np.testing.assert_allclose(grey[-64:, :96], grey[-128:-64, 96:192], atol=1e-5)


def test_structure_is_mirrored_at_a_face_without_flux(tmp_path):
    """An electrode of 2.4 times its first thickness in the picture; x rises with depth, so that only the mirror is continuous."""
    folder = write_electrode(tmp_path / "cell", 2)
    path = sorted((folder / "snapshots").iterdir())[-1]
    depth = (np.arange(16) + 0.5) / 16
    with h5py.File(path, "a") as file:
        file["VTKHDF/PointData/x"][...] = (0.3 + 0.2 * np.cos(np.pi * depth))[:, None] * np.ones(24)
        thickness = file["VTKHDF"].attrs["Spacing"][1] * 16
    assert thickness == pytest.approx(0.4 * 32)
    _, grey, _, _ = take(folder, "--noise", "0", "--blur", "0", "--pixel", f"{thickness / 64}nm", "--size", "8,154")
    z = (np.arange(154)[::-1] + 0.5) / 64
    np.testing.assert_allclose(grey[:, 3], 0.3 + 0.2 * np.cos(np.pi * z), atol=1e-5)


def test_plane_of_a_box(box):
    _, grey, _, _ = take(box, "--axis", "x", "--fraction", "0.25", "--noise", "0", "--blur", "0", "--pixel", "2nm")
    assert grey.shape == (12, 16)
    np.testing.assert_allclose(grey[::-1], wave(3, 6)[:, :, 6], atol=1e-5)


def test_blur_is_the_full_width(plane):
    """A wave of 48 nm by 32 nm under a beam of 12 nm."""
    _, grey, _, _ = take(plane, "--noise", "0", "--blur", "12nm", "--pixel", "1nm")
    sigma2 = 12**2 / (8 * math.log(2))
    damped = 0.29 * math.exp(-sigma2 / 2 * ((2 * math.pi / 48) ** 2 + (2 * math.pi / 32) ** 2))
    amplitude = 4 * np.mean((grey[::-1] - MEAN) * np.cos(2 * np.pi * (np.arange(48) + 0.5) / 48) * np.cos(2 * np.pi * (np.arange(32) + 0.5) / 32)[:, None])
    assert amplitude == pytest.approx(damped, rel=1e-3)


@pytest.mark.parametrize(("pixel", "length", "size"), [("0.05nm", 10.0, "960,640"), ("0.03nm", 5.0, "700,300"), ("0.5nm", 10.0, "97,64")])
def test_scale_bar_is_as_long_as_it_says(plane, pixel, length, size):
    picture, grey, _, _ = take(plane, "--pixel", pixel, "--size", size)
    width, height = map(int, size.split(","))
    zoom = picture.shape[1] // width
    assert picture.shape[1] == zoom * width >= 768
    strip = picture[zoom * height :]
    longest = max(run_of_white(row) for row in strip)
    assert longest == pytest.approx(length / float(pixel.removesuffix("nm")) * zoom, abs=1)
    shown = picture[: zoom * height : zoom, ::zoom]
    np.testing.assert_array_equal(shown, np.round(grey * 255))


def test_a_tall_picture_does_not_grow_without_end(plane):
    picture, grey, _, _ = take(plane, "--size", "3,2000")
    assert grey.shape == (2000, 3) and picture.shape[1] == 4 * 3


def run_of_white(row):
    """The longest run of white pixels."""
    ends = np.flatnonzero(np.diff(np.concatenate([[0], row > 250, [0]]).astype(int)))
    return max(np.diff(ends)[::2], default=0)


@pytest.mark.parametrize(("width", "length"), [(1.0, 0.2), (3.99e-8, 5e-9), (4.01e-8, 1e-8), (810.0, 200.0), (4 * 9.999999999999999e-10, 5e-10)])
def test_round_length(width, length):
    assert round_length(width) == pytest.approx(length)


def test_data_bar_says_what_was_taken(plane, monkeypatch):
    notes = []
    monkeypatch.setattr("spinode_post.virtual_sem.with_data_bar", lambda *arguments: notes.append(arguments[1:]) or with_data_bar(*arguments))
    take(plane, "--pixel", "0.1nm", "--blur", "0.3nm", "--noise", "0.05")
    pixel, unit, text = notes[0]
    assert (pixel, unit) == (pytest.approx(1e-10), "m")
    assert text == "Li–Na, Na bright, t = 32 µs\nsimulated, field 48 nm × 32 nm, pixel 0.1 nm, beam 0.3 nm, 400 e/pixel"


def test_same_seed_same_picture(plane):
    first, again, other = (take(plane, "--seed", seed)[1] for seed in "778")
    np.testing.assert_array_equal(first, again)
    assert np.mean(first != other) > 0.9


def test_size_of_a_pixel_is_in_the_file(plane):
    _, grey, settings, tags = take(plane)
    assert grey.shape == (683, 1024)
    assert settings["pixel"] == pytest.approx(48e-9 / 1024) and settings["beam_fwhm"] == pytest.approx(2 * settings["pixel"])
    assert tags[296] == 3 and float(tags[282]) == float(tags[283]) == pytest.approx(0.01 / settings["pixel"], rel=1e-6)


def test_several_times_and_no_units(tmp_path, capsys):
    folder = write_results(tmp_path / "plain", 2, dimensionless=True)
    assert main(["virtual-sem", str(folder), "--times", "0,32e-6", "--noise", "0", "--pixel", "0.5", "--output", str(tmp_path / "out")]) == 0
    names = [f"virtual_sem_{i}.{suffix}" for i in (1, 2) for suffix in ("png", "tif")]
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "out" / name) for name in names]
    quiet, late = (raw(tmp_path / "out" / name)[0] for name in names[1::2])
    assert late.std() == pytest.approx(290 * quiet.std(), rel=0.05)
    assert 282 not in raw(tmp_path / "out" / names[1])[2]


def test_pixels_too_small_for_a_tag(plane):
    _, _, settings, tags = take(plane, "--pixel", "0.001nm", "--size", "20,10")
    assert settings["pixel"] == pytest.approx(1e-12) and 282 not in tags


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--noise", "2"], "--noise 2: expected 0 to 1"),
        (["--noise", "nan"], "--noise nan: expected 0 to 1"),
        (["--dose", "0"], "--dose 0: expected above 0, at most 1e9"),
        (["--contrast", "0"], "--contrast 0: expected above 0, at most 1"),
        (["--size", "100"], "--size 100: expected width and height above 0"),
        (["--size", "0,100"], "--size 0,100: expected width and height above 0"),
        (["--seed", "-1"], "--seed -1: expected 0 or more"),
        (["--pixel", "0.001nm"], "48000 x 32000 pixels: expected at most 8192 along a side; choose a larger --pixel or a smaller --size"),
        (["--axis", "x"], "{folder}: --axis and --fraction are for 3D results, this one is 2D"),
    ],
)
def test_what_makes_no_sense_is_refused(plane, capsys, options, message):
    assert main(["virtual-sem", str(plane), *options]) == 1
    assert capsys.readouterr().err == f"spinode_post: {message.format(folder=plane)}\n"


def test_what_has_no_plane_is_refused(tmp_path, box, capsys):
    line = write_results(tmp_path / "line", 1)
    assert main(["virtual-sem", str(line)]) == 1
    assert capsys.readouterr().err == f"spinode_post: {line}: a 1D result has no plane to look at\n"
    assert main(["virtual-sem", str(box), "--fraction", "1.5"]) == 1
    assert capsys.readouterr().err == "spinode_post: --fraction 1.5: expected 0 to 1\n"


@pytest.mark.parametrize(("option", "text"), [("--pixel", "2 parsec"), ("--pixel", "0nm"), ("--blur", "-1nm"), ("--size", "a,b")])
def test_bad_lengths_are_usage_errors(plane, capsys, option, text):
    with pytest.raises(SystemExit) as stop:
        main(["virtual-sem", str(plane), f"{option}={text}"])
    assert stop.value.code == 2
    assert f"{text!r}: expected" in capsys.readouterr().err
