"""A micrograph, or a stack of slices, as the initial state of a case: two phases by a threshold, interfaces of a given width."""

import argparse
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from PIL import Image, ImageSequence
from scipy import ndimage

from .lengths import length, positive, whole_numbers
from .results import ResultsError

SUFFIXES = (".png", ".tif", ".tiff")
WHITE = {"1": 255, "L": 255, "LA": 255, "P": 255, "RGB": 255, "RGBA": 255, "I": 65535, "I;16": 65535, "I;16B": 65535, "I;16L": 65535}
PURE = (0.01, 0.99)  # x of the host-rich and the solute-rich phase, unless they are given
DATASET = "x"


@dataclass(frozen=True)
class Grey:
    """Levels of grey as they are in the file, the top row of the picture last: shape (ny, nx), or (nz, ny, nx) of a stack."""

    levels: np.ndarray
    white: int


def read_images(path: Path, crop: tuple[int, ...] | None) -> Grey:
    """A PNG or TIFF of 8 or 16 bits, colours by their luminance (ITU-R 601); the pages of a TIFF, or a folder in the order of its names, are a stack.

    `crop` is left, top, width and height in pixels. ResultsError when the file is no such image.
    """
    files = [path]
    if path.is_dir():
        files = sorted((file for file in path.iterdir() if file.suffix.lower() in SUFFIXES), key=_by_number)
        if not files:
            raise ResultsError(f"{path}: holds no image: expected {', '.join(SUFFIXES)}")
    pages = [page for file in files for page in _read_pages(file)]
    if len({(page.levels.shape, page.white) for page in pages}) > 1:
        raise ResultsError(f"{path}: its slices are not all of one size and depth")
    height, width = pages[0].levels.shape
    left, top, columns, rows = crop or (0, 0, width, height)
    if left + columns > width or top + rows > height:
        raise ResultsError(f"--crop {left},{top},{columns},{rows}: the image has {width} x {height} pixels")
    levels = np.stack([page.levels[top : top + rows, left : left + columns][::-1] for page in pages])
    return Grey(levels if len(pages) > 1 else levels[0], pages[0].white)


def _by_number(path: Path) -> list[str | int]:
    """A key of names that puts slice_2 before slice_10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", path.name)]


def _read_pages(path: Path) -> list[Grey]:
    try:
        with Image.open(path) as image:
            if image.mode not in WHITE:
                raise ResultsError(f"{path}: pixels of type {image.mode}: expected 8 or 16 bits, grey or RGB")
            white = WHITE[image.mode]
            pages = [np.array(page if white > 255 else page.convert("RGB").convert("L")).astype(np.int64) for page in ImageSequence.Iterator(image)]
    except FileNotFoundError:
        raise ResultsError(f"{path}: no such file or folder") from None
    except (OSError, SyntaxError, ValueError, TypeError, Image.DecompressionBombError):  # Pillow, of files that are broken in one way or another
        raise ResultsError(f"{path}: is not an image that can be read: expected PNG or TIFF") from None
    if any(page.min() < 0 or page.max() > white for page in pages):
        raise ResultsError(f"{path}: grey runs beyond {white}: expected 8 or 16 bits")
    return [Grey(page, white) for page in pages]


def otsu(levels: np.ndarray) -> float:
    """The level that divides the histogram into two classes of the largest variance between them (Otsu 1979, eq. 18), half-way to the next one.

    ResultsError when there is one level only.
    """
    grey, counts = np.unique(levels, return_counts=True)
    if grey.size < 2:
        raise ResultsError("the image has one grey level: no two phases")
    below = np.cumsum(counts)[:-1] / levels.size
    moment = np.cumsum(counts * grey)[:-1] / levels.size
    mean = np.sum(counts * grey) / levels.size
    between = (mean * below - moment) ** 2 / (below * (1 - below))
    best = int(np.argmax(between))
    return (grey[best] + grey[best + 1]) / 2


def resample(field: np.ndarray, cells: tuple[int, ...]) -> np.ndarray:
    """Means over cells, of shape `cells`, of a field that is constant in each pixel: its mean stays as it is."""
    for axis, count in enumerate(cells):
        size = field.shape[axis]
        total = np.insert(np.cumsum(field, axis), 0, 0.0, axis)
        edges = np.linspace(0, size, count + 1)
        left = np.minimum(edges.astype(int), size - 1)
        share = (edges - left).reshape([-1 if a == axis else 1 for a in range(field.ndim)])
        at_edges = (1 - share) * np.take(total, left, axis) + share * np.take(total, left + 1, axis)
        field = np.diff(at_edges, axis=axis) * count / size
    return field


def smooth(field: np.ndarray, width: float, spacing: list[float], boundary: list[str]) -> np.ndarray:
    """Gaussian of sigma = width / sqrt(2 pi): a step becomes an interface whose step over largest slope is `width`, and the mean stays as it is."""
    sigma = [width / math.sqrt(2 * math.pi) / h for h in spacing]
    return ndimage.gaussian_filter(field, sigma, mode=["wrap" if kind == "periodic" else "reflect" for kind in boundary])


def _check(options: argparse.Namespace) -> None:
    if options.crop and (len(options.crop) != 4 or min(options.crop[2:]) < 1):
        raise ResultsError(f"--crop {','.join(map(str, options.crop))}: expected left, top, width and height in pixels")
    if options.phases and (len(options.phases) != 2 or not all(0 < x < 1 for x in options.phases) or options.phases[0] == options.phases[1]):
        raise ResultsError(f"--phases {','.join(f'{x:g}' for x in options.phases)}: expected two different values of x between 0 and 1")


def _check_dimension(options: argparse.Namespace, levels: np.ndarray) -> None:
    dimension = levels.ndim
    if dimension == 3 and options.slice is None:
        raise ResultsError(f"{options.image}: {len(levels)} slices: --slice gives the distance between them")
    if dimension == 2 and options.slice is not None:
        raise ResultsError("--slice is for a stack of images, this is one")
    if options.cells and (len(options.cells) != dimension or min(options.cells) < 1):
        raise ResultsError(f"--cells {','.join(map(str, options.cells))}: expected {dimension} numbers above 0")
    if len(options.boundary) not in (1, dimension):
        raise ResultsError(f"--boundary {','.join(options.boundary)}: expected 1 or {dimension} of them")


def _threshold(options: argparse.Namespace, grey: Grey) -> float:
    level = otsu(grey.levels) if options.threshold == "otsu" else options.threshold * grey.white
    if not grey.levels.min() <= level < grey.levels.max():
        low, high = (f"{value / grey.white:.3g}" for value in (grey.levels.min(), grey.levels.max()))
        raise ResultsError(f"--threshold {options.threshold:g}: grey runs from {low} to {high}, so that there is one phase only")
    return level


def convert(options: argparse.Namespace) -> str:
    """Write the field; returns the lines of a case that starts from it."""
    _check(options)
    grey = read_images(options.image, options.crop)
    _check_dimension(options, grey.levels)
    if options.median:
        in_plane = (options.median, options.median)
        grey = Grey(ndimage.median_filter(grey.levels, in_plane if grey.levels.ndim == 2 else (1, *in_plane)), grey.white)
    level = _threshold(options, grey)
    bright = (grey.levels > level).astype(float)

    pixel = [options.pixel] * 2 if options.slice is None else [options.slice, options.pixel, options.pixel]
    sides = [n * h for n, h in zip(bright.shape, pixel)]
    boundary = options.boundary * bright.ndim if len(options.boundary) == 1 else options.boundary
    share = resample(bright, options.cells[::-1]) if options.cells else bright
    spacing = [side / n for side, n in zip(sides, share.shape)]
    if options.smooth:
        share = smooth(share, options.smooth, spacing, boundary[::-1])
    dark, light = phases = options.phases or (PURE if options.bright == "solute" else PURE[::-1])
    x = dark + (light - dark) * share

    options.output.parent.mkdir(parents=True, exist_ok=True)
    attributes = {"source": options.image.name, "pixel": options.pixel, "threshold": level / grey.white, "bright_fraction": bright.mean()}
    attributes |= {"phases": phases, "median": options.median, "smooth": options.smooth, "spacing": spacing}
    attributes |= ({"crop": options.crop} if options.crop else {}) | ({"slice": options.slice} if options.slice else {})
    with h5py.File(options.output, "w") as file:
        data = file.create_dataset(DATASET, data=x, compression="gzip", shuffle=True)
        data.attrs.update(attributes)

    pixels = " x ".join(map(str, bright.shape[::-1]))
    found = f"{pixels} pixels, {100 * bright.mean():.2f} % above {level / grey.white:.4g} of white, mean x = {x.mean():.6g}"
    lines = {
        "domain.length": [f"{side * 1e9:.12g} nm" for side in sides[::-1]],
        "domain.cells": list(x.shape[::-1]),
        "domain.boundary": boundary,
        "initial.model": "file",
        "initial.file": str(options.output.resolve()),
        "initial.dataset": DATASET,
    }
    return "\n".join([f"# {options.image.name}: {found}", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in lines.items())])


def _level(text: str) -> float | str:
    try:
        if text == "otsu" or 0 <= float(text) <= 1:
            return text if text == "otsu" else float(text)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r}: expected otsu or a number from 0 (black) to 1 (white)")


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: expected numbers such as 0.02,0.97") from None


def _odd(text: str) -> int:
    if re.fullmatch(r"\d*[13579]", text) is None:
        raise argparse.ArgumentTypeError(f"{text!r}: expected an odd number of pixels")
    return int(text)


def _boundaries(text: str) -> list[str]:
    kinds = text.split(",")
    if set(kinds) - {"no_flux", "periodic"}:
        raise argparse.ArgumentTypeError(f"{text!r}: expected no_flux or periodic, for all axes or for each, such as periodic,no_flux")
    return kinds


def add_commands(commands: argparse._SubParsersAction) -> None:
    """The sub-command image-to-field."""
    text = __doc__.splitlines()[0]
    command = commands.add_parser("image-to-field", help=text, description=text)
    option = command.add_argument
    option("image", type=Path, metavar="IMAGE", help="PNG or TIFF, 8 or 16 bits; a TIFF of several pages or a folder of slices is a stack along z")
    option("output", type=Path, metavar="OUTPUT.h5", help="file for initial.file")
    option("--pixel", type=positive, required=True, metavar="LENGTH", help="side of a pixel, such as 20nm")
    option("--slice", type=positive, metavar="LENGTH", help="distance of the slices of a stack")
    option("--crop", type=whole_numbers, metavar="L,T,W,H", help="left, top, width, height in pixels, to leave out a data bar (default: all)")
    option("--median", type=_odd, default=0, metavar="N", help="median over N x N pixels before the threshold, against noise (default: none)")
    option("--threshold", type=_level, default="otsu", metavar="T", help="otsu (1979), or grey between the phases, 0 black to 1 white (default: otsu)")
    phases = command.add_mutually_exclusive_group()
    phases.add_argument("--phases", type=_numbers, metavar="X_DARK,X_BRIGHT", help="x of the two phases")
    phases.add_argument("--bright", choices=["solute", "host"], default="solute", help=f"the bright phase, x = {PURE[1]:g} or {PURE[0]:g} (default: solute)")
    option("--cells", type=whole_numbers, metavar="NX,NY", help="cells of the domain (default: a cell for each pixel)")
    option("--smooth", type=length, default=0.0, metavar="LENGTH", help="width of the interfaces, step over largest slope (default: 0, sharp)")
    option("--boundary", type=_boundaries, default=["no_flux"], metavar="B", help="no_flux or periodic, for all axes or for each (default: no_flux)")
    command.set_defaults(work=convert)
