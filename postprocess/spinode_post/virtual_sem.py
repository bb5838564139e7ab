"""A picture as a scanning electron microscope would take it: atomic-number contrast, beam width, shot noise, data bar.

Backscattered electrons of an alloy, taken as proportional to its mean atomic number Z = (1 - x) Z_host + x Z_solute (Goldstein et al.,
Scanning Electron Microscopy and X-Ray Microanalysis, on compositional contrast), from a flat cut, seen with a Gaussian beam.
"""

import argparse
import json
import math
from dataclasses import dataclass
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from .lengths import length, positive, whole_numbers
from .results import Results, ResultsError, Snapshot
from .times import add_times, choose
from .units import Scale, format_time, scale_for

ELEMENTS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe "
    "Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U"
).split()
UNKNOWN_CONTRAST = 0.5  # between species that are not elements
PIXELS = 1024  # along the longer side of the box, unless the size of a pixel is given
MOST_PIXELS = 8192  # along a side
LEAST_WIDTH = 768  # of a picture with a data bar; pixels of a smaller one are repeated
HEADROOM = 4.0  # standard deviations of the noise between the signals of the pure species and black or white
FULL = 65535  # white of the 16-bit image


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_times(parser)
    parser.add_argument("--axis", choices=["x", "y", "z"], help="axis normal to the plane, in 3D (default: z)")
    parser.add_argument("--fraction", type=float, help="place of the plane along that axis, 0 to 1 (default: 0.5)")
    parser.add_argument("--pixel", type=positive, metavar="LENGTH", help=f"side of a pixel, such as 2nm (default: {PIXELS} along the longer side of the box)")
    parser.add_argument("--size", type=whole_numbers, metavar="W,H", help="pixels of the picture; beyond the box the structure goes on (default: the box)")
    parser.add_argument("--blur", type=length, metavar="LENGTH", help="full width at half maximum of the beam (default: two pixels)")
    noise = parser.add_mutually_exclusive_group()
    noise.add_argument("--noise", type=float, default=0.1, help="standard deviation over signal at the mean signal, 1/sqrt(dose); 0: none (default: 0.1)")
    noise.add_argument("--dose", type=float, metavar="ELECTRONS", help="mean count of a pixel")
    parser.add_argument("--contrast", type=float, help="1 - dark/bright of the pure species (default: from their atomic numbers; 0.5 if not elements)")
    parser.add_argument("--seed", type=int, default=1, help="of the noise (default: 1)")


@dataclass(frozen=True)
class Detector:
    """Signal of a composition: 1 from the brighter species, 1 - contrast from the other one."""

    contrast: float
    solute_bright: bool

    def signal(self, x: np.ndarray) -> np.ndarray:
        """Linear in x, of its shape; never below 0."""
        return np.maximum(1 - self.contrast * ((1 - x) if self.solute_bright else x), 0)


@dataclass(frozen=True)
class Picture:
    """Grey from 0 to 1, top row first, shape (height, width), and the counts (signals, without noise) that are black and white."""

    grey: np.ndarray
    black: float
    white: float


def detector(host: str, solute: str, contrast: float | None) -> Detector:
    """The detector for two species; their contrast follows from their atomic numbers unless it is given."""
    if host not in ELEMENTS or solute not in ELEMENTS or host == solute:
        return Detector(UNKNOWN_CONTRAST if contrast is None else contrast, True)
    dark, bright = sorted(ELEMENTS.index(species) + 1 for species in (host, solute))
    return Detector(1 - dark / bright if contrast is None else contrast, solute == ELEMENTS[bright - 1])


def beam(cells: int, side: float, places: np.ndarray, fwhm: float, boundary: str) -> np.ndarray:
    """Weights, shape (places, cells), that turn values at cell centres into what a Gaussian beam sees at the places along one axis.

    The waves of the axis, Fourier or cosine, each damped by exp(-sigma^2 k^2 / 2): they continue the structure beyond the box,
    by translation where it is periodic and by reflection where there is no flux.
    """
    centres, sigma = (np.arange(cells) + 0.5) * side / cells, fwhm / math.sqrt(8 * math.log(2))
    if boundary == "periodic":
        k = 2 * np.pi / side * np.arange(cells // 2 + 1)
        share = np.full(k.size, 2 / cells)
        share[-1] /= 1 + (cells % 2 == 0)  # the shortest wave is its own complex conjugate
    else:
        k, share = np.pi / side * np.arange(cells), np.full(cells, 2 / cells)
    share[0] = 1 / cells
    share *= np.exp(-((sigma * k) ** 2) / 2)
    at, of = np.outer(places, k), np.outer(centres, k)
    weights = (np.cos(at) * share) @ np.cos(of).T
    return weights + (np.sin(at) * share) @ np.sin(of).T if boundary == "periodic" else weights


def expose(signal: np.ndarray, sensor: Detector, dose: float, seed: int) -> Picture:
    """Poisson counts of mean `dose` (infinite: no noise), as grey between the signals of the pure species with room for their noise."""
    per_signal = 1.0 if math.isinf(dose) else dose / signal.mean()
    counts = signal if math.isinf(dose) else np.random.default_rng(seed).poisson(signal * per_signal).astype(float)
    dark, bright = (1 - sensor.contrast) * per_signal, per_signal
    room = 0.0 if math.isinf(dose) else HEADROOM
    black, white = max(dark - room * math.sqrt(dark), 0.0), bright + room * math.sqrt(bright)
    return Picture(np.clip((counts - black) / (white - black), 0, 1), black, white)


def round_length(width: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is at most a quarter of the width."""
    power = 10.0 ** math.floor(math.log10(width / 4))
    return max(digit * power for digit in (0.5, 1, 2, 5) if digit * power <= width / 4)


def _said(value: float, unit: str) -> str:
    """A length, below a micrometre in nanometres."""
    scale = Scale(1e9, "nm") if unit == "m" and value < 1e-6 else scale_for(value, unit)
    return f"{value * scale.factor:.3g} {scale.unit}".strip()


def with_data_bar(grey: np.ndarray, pixel: float, unit: str, notes: str) -> np.ndarray:
    """8-bit picture of one pixel to a pixel (or more, of a small one), below it the scale bar and the notes, white on black."""
    zoom = max(min(-(-LEAST_WIDTH // grey.shape[1]), MOST_PIXELS // grey.shape[0]), 1)
    grey = np.kron(np.round(grey * 255).astype(np.uint8), np.ones((zoom, zoom), np.uint8))
    height, width = grey.shape
    size = width / 72  # of the letters, in pixels
    figure = plt.figure(figsize=(width / 100, 3.6 * size / 100), dpi=100, facecolor="black", layout="none")
    bar = round_length(width / zoom * pixel)
    left, length_of_bar = 0.02 * width, bar / pixel * zoom
    figure.add_artist(plt.Rectangle((left, 0.6 * size), length_of_bar, 0.5 * size, transform=None, color="white", linewidth=0, antialiased=False))
    text = {"color": "white", "transform": None, "fontsize": size * 0.72, "va": "center"}
    figure.text(left + length_of_bar / 2, 2.3 * size, _said(bar, unit), ha="center", **text)
    figure.text(width - left, 1.8 * size, notes, ha="right", linespacing=1.5, **text)
    figure.canvas.draw()
    strip = np.asarray(figure.canvas.buffer_rgba())[..., 0].copy()
    plt.close(figure)
    return np.vstack([grey, strip[:, :width]])


def _save_raw(picture: Picture, path: Path, pixel: float, dimensionless: bool, settings: dict) -> Path:
    tags = {"description": json.dumps(settings), "software": "spinode_post virtual-sem"}
    if not dimensionless and 0.01 / pixel < 2**32:  # a tag holds 32 bits
        tags |= {"x_resolution": 0.01 / pixel, "y_resolution": 0.01 / pixel, "resolution_unit": "cm"}
    Image.fromarray(np.round(picture.grey * FULL).astype(np.uint16)).save(path, compression="tiff_adobe_deflate", **tags)
    return path


def _check(results: Results, options: argparse.Namespace) -> None:
    if results.dimension == 1:
        raise ResultsError(f"{results.folder}: a 1D result has no plane to look at")
    if results.dimension < 3 and (options.axis or options.fraction is not None):
        raise ResultsError(f"{results.folder}: --axis and --fraction are for 3D results, this one is {results.dimension}D")
    if options.fraction is not None and not 0 <= options.fraction <= 1:
        raise ResultsError(f"--fraction {options.fraction:g}: expected 0 to 1")
    if options.size and (len(options.size) != 2 or min(options.size) < 1):
        raise ResultsError(f"--size {','.join(map(str, options.size))}: expected width and height above 0")
    if not 0 <= options.noise <= 1:
        raise ResultsError(f"--noise {options.noise:g}: expected 0 to 1")
    if options.dose is not None and not 0 < options.dose <= 1e9:
        raise ResultsError(f"--dose {options.dose:g}: expected above 0, at most 1e9")
    if options.contrast is not None and not 0 < options.contrast <= 1:
        raise ResultsError(f"--contrast {options.contrast:g}: expected above 0, at most 1")
    if options.seed < 0:
        raise ResultsError(f"--seed {options.seed}: expected 0 or more")


def _photograph(results: Results, snapshot: Snapshot, stem: Path, options: argparse.Namespace) -> list[Path]:
    """Take one picture and save it, with a data bar (PNG) and bare (16-bit TIFF); returns both paths."""
    normal, fraction = "xyz".index(options.axis or "z"), 0.5 if options.fraction is None else options.fraction
    axes = [a for a in range(3) if a != normal] if results.dimension == 3 else [0, 1]
    sides = [snapshot.lengths[a] for a in axes]
    pixel = options.pixel or max(sides) / PIXELS
    fwhm = 2 * pixel if options.blur is None else options.blur
    size = options.size or [max(round(side / pixel), 1) for side in sides]
    if max(size) > MOST_PIXELS:
        raise ResultsError(f"{size[0]} x {size[1]} pixels: expected at most {MOST_PIXELS} along a side; choose a larger --pixel or a smaller --size")

    plane = results.plane(snapshot, normal, fraction) if results.dimension == 3 else results.field(snapshot)
    right, up = (
        beam(results.cells[a], side, (np.arange(n) + 0.5) * pixel, fwhm, results.boundary[a]) for a, side, n in zip(axes, sides, size)
    )
    sensor = detector(results.host, results.solute, options.contrast)
    dose = options.dose or (1 / options.noise**2 if options.noise else math.inf)
    picture = expose(sensor.signal(np.flipud(up @ plane @ right.T)), sensor, dose, options.seed)

    unit, bright = results.length_unit, results.solute if sensor.solute_bright else results.host
    where = f", {'xyz'[normal]} = {_said(fraction * snapshot.lengths[normal], unit)}" if results.dimension == 3 else ""
    what = "" if results.dimensionless else f"{results.host}–{results.solute}, {bright} bright, "
    field = " × ".join(_said(n * pixel, unit) for n in size)
    counts = "no noise" if math.isinf(dose) else f"{dose:.3g} e/pixel"
    notes = f"{what}t = {format_time(snapshot.time, results.time_unit)}{where}\n"
    notes += f"simulated, field {field}, pixel {_said(pixel, unit)}, beam {_said(fwhm, unit)}, {counts}"
    settings = {"case": results.case, "time": snapshot.time, "pixel": pixel, "beam_fwhm": fwhm, "dose": None if math.isinf(dose) else dose}
    settings |= {"seed": options.seed, "contrast": sensor.contrast, "bright": bright, "black": picture.black, "white": picture.white}
    Image.fromarray(with_data_bar(picture.grey, pixel, unit, notes)).save(stem.with_suffix(".png"))
    return [stem.with_suffix(".png"), _save_raw(picture, stem.with_suffix(".tif"), pixel, results.dimensionless, settings)]


def run(results: Results, folder: Path, options: argparse.Namespace) -> str:
    """Take and save a picture of each time; returns the paths, one a line."""
    _check(results, options)
    chosen = choose(results, options, 1)
    stems = [f"virtual_sem_{i + 1}" for i in range(len(chosen))] if len(chosen) > 1 else ["virtual_sem"]
    return "\n".join(str(path) for snapshot, stem in zip(chosen, stems) for path in _photograph(results, snapshot, folder / stem, options))
