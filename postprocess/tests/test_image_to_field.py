"""image-to-field: from the image of a known structure to a run of the real spinode that starts from it."""

import math
import os
import re
import subprocess
from pathlib import Path

import h5py
import numpy as np
import pytest
from conftest import write_results
from PIL import Image
from spinode_post.__main__ import main
from spinode_post.image_to_field import otsu, read_images, resample, smooth
from spinode_post.results import open_results

SYSTEM = Path(__file__).resolve().parents[2] / "configs" / "systems" / "li-na.toml"


def drop(ny: int = 24, nx: int = 40) -> np.ndarray:
    """True inside a disc in the upper left and in the lowest two rows, top row first."""
    row, column = np.mgrid[:ny, :nx] + 0.5
    return ((row - 8) ** 2 + (column - 10) ** 2 < 30) | (row > ny - 2)


def save(path: Path, pixels: np.ndarray, **options) -> Path:
    """An image file."""
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.fixture
def image(tmp_path):
    """The drop, dark 40 and bright 200 of 255."""
    return save(tmp_path / "drop.png", np.where(drop(), 200, 40).astype(np.uint8))


def convert(image, capsys, *options):
    """The field, its attributes, and the lines for the case."""
    output = image.parent / "field.h5"
    assert main(["image-to-field", str(image), str(output), "--pixel", "0.2nm", *options]) == 0, capsys.readouterr().err
    with h5py.File(output, "r") as file:
        return file["x"][()], dict(file["x"].attrs), capsys.readouterr().out


def test_two_phases_the_top_row_at_the_far_end(image, capsys):
    x, attributes, lines = convert(image, capsys, "--phases", "0.02,0.8")
    np.testing.assert_array_equal(x, np.where(drop()[::-1], 0.8, 0.02))
    assert attributes["source"] == "drop.png" and attributes["pixel"] == pytest.approx(2e-10)
    assert attributes["threshold"] == pytest.approx(120 / 255) and attributes["bright_fraction"] == drop().mean()
    share = 100 * drop().mean()
    assert lines.splitlines() == [
        f"# drop.png: 40 x 24 pixels, {share:.2f} % above 0.4706 of white, mean x = {0.02 + 0.78 * drop().mean():.6g}",
        'domain.length = ["8 nm", "4.8 nm"]',
        "domain.cells = [40, 24]",
        'domain.boundary = ["no_flux", "no_flux"]',
        'initial.model = "file"',
        f'initial.file = "{image.parent / "field.h5"}"',
        'initial.dataset = "x"',
    ]


def test_which_phase_is_bright(image, capsys):
    solute, _, _ = convert(image, capsys)
    host, _, _ = convert(image, capsys, "--bright", "host")
    np.testing.assert_array_equal(solute, np.where(drop()[::-1], 0.99, 0.01))
    np.testing.assert_array_equal(host, 1 - solute)


@pytest.mark.parametrize("kind", ["grey8.png", "grey16.png", "grey16.tif", "colour.png", "colour.tif", "alpha.png", "palette.png", "bilevel.png"])
def test_kinds_of_images(tmp_path, capsys, kind):
    dark, bright = (2000, 50000) if "16" in kind else (40, 200)
    pixels = np.where(drop(), bright, dark).astype(np.uint16 if "16" in kind else np.uint8)
    path = tmp_path / kind
    if "16" in kind or kind == "grey8.png":
        save(path, pixels)
    else:
        mode = {"colour": "RGB", "alpha": "RGBA", "palette": "P", "bilevel": "1"}[path.stem]
        Image.fromarray(pixels).convert(mode, dither=Image.Dither.NONE).save(path)
        assert Image.open(path).mode == mode
    x, attributes, _ = convert(path, capsys)
    np.testing.assert_array_equal(x > 0.5, drop()[::-1])
    middle = 0.5 if "bilevel" in kind else (dark + bright) / 2 / (65535 if "16" in kind else 255)
    assert attributes["threshold"] == pytest.approx(middle, abs=1e-12)


def test_colours_count_by_luminance(tmp_path):
    pixels = np.zeros((1, 3, 3), np.uint8)
    pixels[0, :, :] = 255 * np.eye(3, dtype=np.uint8)
    grey = read_images(save(tmp_path / "rgb.png", pixels), None)
    np.testing.assert_allclose(grey.levels[0], 255 * np.array([0.299, 0.587, 0.114]), atol=0.51)


def test_threshold_is_a_share_of_white(tmp_path, capsys):
    path = save(tmp_path / "ramp.png", np.tile(np.arange(256, dtype=np.uint8), (8, 1)))
    for threshold, bright in (("0.25", 192), ("0.5", 128), ("otsu", 128)):
        x, _, _ = convert(path, capsys, "--threshold", threshold)
        assert (x[0] > 0.5).sum() == bright and x[0, -1] == 0.99


def test_otsu_divides_two_normal_distributions():
    """Of equal widths and weights the best level is half-way; of unequal weights it is the one that leaves the least variance within."""
    rng = np.random.default_rng(2)
    equal = np.concatenate([rng.normal(80, 12, 40000), rng.normal(170, 12, 40000)]).round().astype(int)
    assert otsu(equal) == pytest.approx(125, abs=2)
    mixed = np.concatenate([rng.normal(60, 20, 30000), rng.normal(150, 15, 10000)]).round().astype(int)
    within = {level: sum(part.size * part.var() for part in (mixed[mixed <= level], mixed[mixed > level])) for level in range(40, 180)}
    assert math.floor(otsu(mixed)) == min(within, key=within.get)


def test_crop_leaves_the_data_bar_out(image, capsys):
    x, _, lines = convert(image, capsys, "--crop", "4,2,30,16")
    np.testing.assert_array_equal(x > 0.5, drop()[2:18, 4:34][::-1])
    assert 'domain.length = ["6 nm", "3.2 nm"]' in lines


def test_median_takes_salt_and_pepper_away(tmp_path, capsys):
    pixels = np.where(drop(), 200, 40).astype(np.uint8)
    pixels[16:20:4, 20:38:5] = 255
    pixels[8, 10] = 0
    path = save(tmp_path / "noisy.png", pixels)
    x, _, _ = convert(path, capsys)
    assert (x > 0.5).sum() != drop().sum()
    x, attributes, _ = convert(path, capsys, "--median", "3")
    assert np.mean((x > 0.5) != drop()[::-1]) < 0.015 and attributes["median"] == 3
    assert not (x[::-1] > 0.5)[14:21, 15:].any() and (x[::-1] > 0.5)[8, 10]


@pytest.mark.parametrize("cells", [(5, 3), (12, 20), (7, 64), (96, 80)])
def test_resample_is_the_mean_over_each_cell(cells):
    """Compared with cells divided into pieces that pixels and cells have in common."""
    field = np.random.default_rng(1).random((12, 20))
    fine = np.kron(field, np.ones(cells))
    expected = fine.reshape(cells[0], 12, cells[1], 20).mean(axis=(1, 3))
    np.testing.assert_allclose(resample(field, cells), expected, atol=1e-12)


def test_resample_of_a_stack():
    field = np.random.default_rng(1).random((4, 6, 10))
    found = resample(field, (2, 3, 5))
    np.testing.assert_allclose(found, field.reshape(2, 2, 3, 2, 5, 2).mean(axis=(1, 3, 5)), atol=1e-12)


@pytest.mark.parametrize("boundary", ["no_flux", "periodic"])
def test_smooth_gives_interfaces_of_the_width(boundary):
    """Step over largest slope; and the mean is as before, with drops on the edge too."""
    step = np.repeat([[0.0, 1.0]], 50, axis=1).reshape(1, 100)
    smoothed = smooth(step, 3.0, [0.25, 0.25], 2 * [boundary])[0]
    assert 1 / (np.diff(smoothed[25:75]).max() / 0.25) == pytest.approx(3.0, rel=3e-3)
    field = drop()[::-1].astype(float)
    found = smooth(field, 1.2, [0.2, 0.3], 2 * [boundary])
    assert found.mean() == pytest.approx(field.mean(), abs=1e-12) and found.min() >= 0 and found.max() <= 1
    sigma = 1.2 / math.sqrt(2 * math.pi) / 0.2  # in rows; the lowest two are bright

    def strip(low, high):
        return (math.erf(high / sigma / math.sqrt(2)) - math.erf(low / sigma / math.sqrt(2))) / 2

    expected = (strip(-2.5, 1.5), 0) if boundary == "no_flux" else (strip(-0.5, 1.5), strip(0.5, 2.5))
    assert (found[0, 30], found[-1, 30]) == pytest.approx(expected, abs=4e-3)


def test_boundary_of_each_axis(image, capsys):
    """Periodic along x, closed along y: the bright row at the bottom does not come through to the top, a column at the left does to the right."""
    Image.fromarray(np.pad(np.full((22, 38), 40, np.uint8), ((0, 2), (2, 0)), constant_values=200)).save(image)
    x, _, lines = convert(image, capsys, "--smooth", "1nm", "--boundary", "periodic,no_flux")
    assert 'domain.boundary = ["periodic", "no_flux"]' in lines
    assert x[12, -1] > 0.1 and x[-1, 20] < 0.011 and x[0, 20] > 0.5


def test_cells_and_smooth_keep_mean_and_share(image, capsys):
    x, attributes, lines = convert(image, capsys, "--phases", "0.8,0.1", "--cells", "60,50", "--smooth", "0.5nm")
    assert x.shape == (50, 60) and "domain.cells = [60, 50]" in lines and 'domain.length = ["8 nm", "4.8 nm"]' in lines
    assert x.mean() == pytest.approx(0.8 - 0.7 * drop().mean(), abs=1e-12)
    assert np.mean(x < 0.45) == pytest.approx(drop().mean(), abs=0.01)
    assert attributes["smooth"] == pytest.approx(5e-10) and list(attributes["spacing"]) == pytest.approx([4.8e-9 / 50, 8e-9 / 60])
    assert f"mean x = {x.mean():.6g}" in lines


def stack():
    """Ten slices: the drop grows thinner with height."""
    return np.stack([drop() & (np.arange(40) < 40 - 3 * i) for i in range(10)])


@pytest.mark.parametrize("kind", ["folder", "tiff"])
def test_stack(tmp_path, capsys, kind):
    pages = [Image.fromarray(np.where(page, 60000, 9000).astype(np.uint16)) for page in stack()]
    if kind == "tiff":
        path = tmp_path / "stack.tif"
        pages[0].save(path, save_all=True, append_images=pages[1:])
    else:
        path = tmp_path / "slices"
        path.mkdir()
        for i, page in enumerate(pages):
            page.save(path / f"slice_{i + 1}.tif")  # slice_10 comes after slice_9
        (path / "notes.txt").write_text("not a slice")
    x, attributes, lines = convert(path, capsys, "--slice", "0.5nm")
    np.testing.assert_array_equal(x > 0.5, stack()[:, ::-1])
    assert 'domain.length = ["8 nm", "4.8 nm", "5 nm"]' in lines and "domain.cells = [40, 24, 10]" in lines
    assert attributes["slice"] == pytest.approx(5e-10)
    small, _, _ = convert(path, capsys, "--slice", "0.5nm", "--cells", "20,12,5", "--smooth", "0.4nm", "--median", "1")
    assert small.shape == (5, 12, 20) and small.mean() == pytest.approx(x.mean(), abs=1e-12)


def test_a_run_starts_from_the_image(image, capsys, tmp_path):
    """Through the real command: `check` finds the mean of the file, the first snapshot is the file, the picture of the run looks like the image."""
    if "SPINODE" not in os.environ:
        pytest.skip("set SPINODE to the path of the spinode binary")
    x, _, lines = convert(image, capsys, "--phases", "0.01,0.8", "--smooth", "0.55nm")
    case = tmp_path / "case.toml"
    case.write_text(f'system = "{SYSTEM}"\ntemperature = "298.15 K"\n{lines}time.end = "1 us"\noutput.times = ["1 us"]\n', encoding="utf-8")
    checked = subprocess.run([os.environ["SPINODE"], "check", str(case)], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert float(re.search(r"x0 = (\S+)", checked.stdout)[1]) == pytest.approx(x.mean(), abs=6e-5)
    done = subprocess.run([os.environ["SPINODE"], "run", str(case), "--output", str(tmp_path / "run"), "--quiet"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    results = open_results(tmp_path / "run")
    np.testing.assert_allclose(results.field(results.snapshots[0]), x, atol=1e-7)
    assert results.lengths == pytest.approx((8e-9, 4.8e-9))
    last = results.field(results.snapshots[-1])
    assert last.mean() == pytest.approx(x.mean(), abs=1e-6)
    assert np.mean((last[::-1] > 0.4) == drop()) > 0.95
    assert main(["virtual-sem", str(tmp_path / "run"), "--times", "0", "--pixel", "0.2nm", "--noise", "0", "--blur", "0"]) == 0
    with Image.open(tmp_path / "run" / "figures" / "virtual_sem.tif") as seen:
        assert np.mean((np.array(seen) > 0.4 * 65535) == drop()) > 0.98


def test_what_the_microscope_saw_is_found_again(tmp_path, capsys):
    """A wave, its noisy virtual micrograph, and the solute-rich share of both: half of the box.

    The median leaves a quarter of the noise, 0.03 of the amplitude: it turns 2 * 0.03 * 0.4 of the pixels, where x is near the mean.
    """
    folder = write_results(tmp_path / "wave", 2)
    assert main(["virtual-sem", str(folder), "--pixel", "0.1nm", "--noise", "0.05"]) == 0
    capsys.readouterr()
    x, _, _ = convert(folder / "figures" / "virtual_sem.tif", capsys, "--median", "5")
    j, i = (np.arange(n) + 0.5 for n in x.shape)
    rich = np.cos(2 * np.pi * j / x.shape[0])[:, None] * np.cos(2 * np.pi * i / x.shape[1]) > 0
    assert np.mean((x > 0.5) == rich) > 0.965 and np.mean(x > 0.5) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--threshold", "0.9"], "--threshold 0.9: grey runs from 0.157 to 0.784, so that there is one phase only"),
        (["--threshold", "0.1"], "--threshold 0.1: grey runs from 0.157 to 0.784, so that there is one phase only"),
        (["--crop", "1,2,3"], "--crop 1,2,3: expected left, top, width and height in pixels"),
        (["--crop", "0,0,0,4"], "--crop 0,0,0,4: expected left, top, width and height in pixels"),
        (["--crop", "30,0,20,4"], "--crop 30,0,20,4: the image has 40 x 24 pixels"),
        (["--crop", "30,0,5,5"], "the image has one grey level: no two phases"),
        (["--phases", "0.1"], "--phases 0.1: expected two different values of x between 0 and 1"),
        (["--phases", "0.1,0.1"], "--phases 0.1,0.1: expected two different values of x between 0 and 1"),
        (["--phases", "0,0.9"], "--phases 0,0.9: expected two different values of x between 0 and 1"),
        (["--phases", "nan,0.9"], "--phases nan,0.9: expected two different values of x between 0 and 1"),
        (["--cells", "20"], "--cells 20: expected 2 numbers above 0"),
        (["--cells", "20,0"], "--cells 20,0: expected 2 numbers above 0"),
        (["--boundary", "periodic,periodic,no_flux"], "--boundary periodic,periodic,no_flux: expected 1 or 2 of them"),
        (["--slice", "3nm"], "--slice is for a stack of images, this is one"),
    ],
)
def test_what_does_not_fit_is_refused(image, capsys, options, message):
    output = image.parent / "field.h5"
    assert main(["image-to-field", str(image), str(output), "--pixel", "2nm", *options]) == 1
    assert capsys.readouterr().err == f"spinode_post: {message}\n"
    assert not output.exists()


def test_files_that_are_no_image(tmp_path, capsys, image):
    text = tmp_path / "text.png"
    text.write_text("no image")
    cut = tmp_path / "cut.png"
    cut.write_bytes(image.read_bytes()[:100])
    half = save(tmp_path / "half.tif", np.where(drop(), 60000, 9000).astype(np.uint16))
    half.write_bytes(half.read_bytes()[:1500])
    empty, uneven = tmp_path / "empty", tmp_path / "uneven"
    empty.mkdir(), uneven.mkdir()
    save(uneven / "1.png", drop().astype(np.uint8) * 255)
    save(uneven / "2.png", drop(20).astype(np.uint8) * 255)
    real = save(tmp_path / "real.tif", drop().astype(np.float32))
    pages = tmp_path / "pages.tif"
    Image.fromarray(drop()).save(pages, save_all=True, append_images=[Image.fromarray(drop())])
    wide = save(tmp_path / "wide.tif", np.where(drop(), 100000, 5).astype(np.int32))
    for path, message in (
        (tmp_path / "none.png", "no such file or folder"),
        (text, "is not an image that can be read: expected PNG or TIFF"),
        (cut, "is not an image that can be read: expected PNG or TIFF"),
        (half, "is not an image that can be read: expected PNG or TIFF"),
        (empty, "holds no image: expected .png, .tif, .tiff"),
        (uneven, "its slices are not all of one size and depth"),
        (real, "pixels of type F: expected 8 or 16 bits, grey or RGB"),
        (pages, "2 slices: --slice gives the distance between them"),
        (wide, "grey runs beyond 65535: expected 8 or 16 bits"),
    ):
        assert main(["image-to-field", str(path), str(tmp_path / "out.h5"), "--pixel", "2nm"]) == 1
        assert capsys.readouterr().err == f"spinode_post: {path}: {message}\n"


@pytest.mark.parametrize(
    "options",
    [
        ["--threshold", "2"],
        ["--threshold", "high"],
        ["--phases", "a,b"],
        ["--median", "4"],
        ["--pixel", "0"],
        ["--cells", "4x4"],
        ["--smooth", "wide"],
        ["--boundary", "open"],
    ],
)
def test_bad_options_are_usage_errors(image, capsys, options):
    with pytest.raises(SystemExit) as stop:
        main(["image-to-field", str(image), "out.h5", "--pixel", "2nm", *options])
    assert stop.value.code == 2
    assert f"{options[1]!r}: expected" in capsys.readouterr().err
