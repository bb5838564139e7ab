"""Results of the real spinode, opened by the real ParaView: values, grid, times, a picture and a deformed box, by every route.

Environment: SPINODE, the path of the spinode binary. Needs the Debian packages paraview, python3-paraview, xvfb, xauth.
"""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import h5py
import matplotlib.image
import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
PACKAGES = "paraview python3-paraview xvfb xauth"
# -noreset: else the server starts anew when its first client leaves, and pvbatch now and then meets it half way.
PVBATCH = ["xvfb-run", "-a", "-s", "-screen 0 1280x1024x24 -noreset", "pvbatch"]
TIME_LIMIT = 120  # s; a reader that corrupts memory can leave pvbatch hanging

# Per dimension: cells, lengths in nm, boundaries, and other settings of the output.
CASES = {
    1: ([48], [6.0], ["no_flux"], 'precision = "float32"'),
    2: ([24, 32], [3.0, 5.0], ["periodic", "no_flux"], 'precision = "float64"'),
    3: ([16, 12, 20], [2.0, 1.8, 2.2], ["periodic", "periodic", "no_flux"], 'precision = "float32"\ncompression = 4'),
}
# Numbers per point; 1 is left out in the file.
FIELDS = {"x": 1, "mu": 1, "displacement": 3, "strain": 6, "stress": 6, "pressure": 1, "von_mises": 1, "elastic_energy_density": 1}
INDEX_ROUTES = ["xdmf", "XDMFReader", "Xdmf3ReaderS", "Xdmf3ReaderT"]

pytestmark = pytest.mark.skipif(
    not (shutil.which("pvbatch") and shutil.which("xvfb-run")), reason=f"ParaView is not installed: apt-get install {PACKAGES}"
)


def results_folder(dimension: int, parent: Path) -> Path:
    """Results of a small Li-Na case, run by the binary that SPINODE names."""
    if "SPINODE" not in os.environ:
        pytest.fail("set SPINODE to the path of the spinode binary")
    cells, lengths, boundary, output = CASES[dimension]
    case = parent / f"case_{dimension}d.toml"
    case.write_text(
        f"""
system = "{HERE.parents[1] / "configs" / "systems" / "li-na.toml"}"
temperature = "298.15 K"
[domain]
length = {[f"{length} nm" for length in lengths]}
cells = {cells}
boundary = {boundary}
[initial]
x = 0.3
noise = 0.02
[elasticity]
model = "isotropic"
E = "0.1 GPa"
nu = 0.33
[time]
end = "60 us"
[output]
times = ["15 us", "40 us", "60 us"]
fields = {list(FIELDS)}
{output}
""",
        encoding="utf-8",
    )
    results = parent / f"results_{dimension}d"
    done = subprocess.run([os.environ["SPINODE"], "run", str(case), "--output", str(results), "--quiet"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return results


class Opened:
    """A results folder, what its files hold, and what ParaView saw of it."""

    def __init__(self, dimension: int, results: Path, seen: Path, log: str) -> None:
        self.dimension, self.seen, self.log = dimension, seen, log
        self.snapshots = []
        for path in sorted(results.glob("snapshots/*.hdf")):
            with h5py.File(path, "r") as file:
                image = file["VTKHDF"]
                fields = {name: data[()] for name, data in image["PointData"].items()}
                self.snapshots.append({"time": file.attrs["time"], "spacing": image.attrs["Spacing"], "origin": image.attrs["Origin"], "unit": file.attrs["length_unit"], "fields": fields})

    def route(self, name: str) -> dict[str, np.ndarray]:
        """What a route recorded; fails where ParaView died before."""
        path = self.seen / f"{name}.npz"
        assert path.exists(), f"ParaView gave nothing by the route {name}:\n{self.log}"
        with np.load(path) as file:
            return dict(file)


@pytest.fixture(scope="module", params=[1, 2, 3], ids=["1D", "2D", "3D"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    parent = tmp_path_factory.mktemp("paraview")
    results = results_folder(request.param, parent)
    seen = parent / "seen"
    seen.mkdir()
    with subprocess.Popen(
        [*PVBATCH, str(HERE / "open_in_paraview.py"), str(results), str(seen)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            log, _ = process.communicate(timeout=TIME_LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            log, _ = process.communicate()
            log += f"\nstopped after {TIME_LIMIT} s"
    return Opened(request.param, results, seen, "\n".join(log.splitlines()[-12:]))


def check_image(seen: dict[str, np.ndarray], i: int, snapshot: dict) -> None:
    """Values, number of points, spacing and origin at the i-th time are those of the file."""
    for name, values in snapshot["fields"].items():
        np.testing.assert_array_equal(seen[f"{i}/{name}"], values.reshape(-1, *values.shape[3:]))
        assert seen[f"{i}/{name}"].dtype == values.dtype
        assert tuple(seen[f"{i}/dimensions"]) == values.shape[2::-1]
    np.testing.assert_array_equal(seen[f"{i}/spacing"], snapshot["spacing"])
    np.testing.assert_array_equal(seen[f"{i}/origin"], snapshot["origin"])


def test_snapshots_hold_the_case(opened):
    """The files that ParaView is compared with are those of the case: cells, several times, structure in x, lengths in nm.

    ParaView shades a box of nanometres given in metres all black and white: its renderer squares such lengths in single precision.
    """
    cells, lengths, _, output = CASES[opened.dimension]
    assert [s["time"] for s in opened.snapshots] == pytest.approx([0.0, 15e-6, 40e-6, 60e-6])
    for snapshot in opened.snapshots:
        assert snapshot["unit"] in ("nm", b"nm")
        assert set(snapshot["fields"]) == set(FIELDS)
        for name, components in FIELDS.items():
            assert snapshot["fields"][name].shape[3:] == (() if components == 1 else (components,))
        x = snapshot["fields"]["x"]
        assert x.dtype == np.float64 if "float64" in output else np.float32
        assert x.shape[::-1][: opened.dimension] == tuple(cells)
        spacing = np.array(lengths) / cells
        np.testing.assert_allclose(snapshot["spacing"][: opened.dimension], spacing, rtol=1e-12)
        np.testing.assert_allclose(snapshot["origin"][: opened.dimension], spacing / 2, rtol=1e-12)
    assert np.ptp(opened.snapshots[-1]["fields"]["x"]) > 0.3


def test_flat_axes_have_two_equal_layers(opened):
    """ParaView 5.11 corrupts its memory on a VTKHDF image with one layer along y or z."""
    for snapshot in opened.snapshots:
        for values in snapshot["fields"].values():
            assert values.shape[: 3 - opened.dimension] == (2,) * (3 - opened.dimension)
            for axis in range(3 - opened.dimension):
                first, second = np.moveaxis(values, axis, 0)
                np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("route", INDEX_ROUTES)
def test_index_over_time(opened, route):
    """The .xdmf file, opened as a user does and by each XDMF reader: physical times and all fields."""
    seen = opened.route(route)
    assert list(seen["times"]) == [s["time"] for s in opened.snapshots]
    for i, snapshot in enumerate(opened.snapshots):
        check_image(seen, i, snapshot)


def test_one_snapshot(opened):
    """A single .hdf file, opened as a user does."""
    check_image(opened.route("snapshot"), 0, opened.snapshots[-1])


def test_series_of_snapshots(opened):
    """The .hdf files as one series: ParaView numbers them, it has no times for them."""
    seen = opened.route("series")
    assert list(seen["times"]) == list(range(len(opened.snapshots)))
    for i, snapshot in enumerate(opened.snapshots):
        check_image(seen, i, snapshot)


def test_components(opened):
    """The components of the stress are in the order that ParaView gives a symmetric tensor: XX YY ZZ XY YZ XZ."""
    assert list(opened.route("components")["stress"]) == ["XX", "YY", "ZZ", "XY", "YZ", "XZ"]
    stress, pressure, von_mises = (opened.snapshots[-1]["fields"][name].astype(float) for name in ("stress", "pressure", "von_mises"))
    xx, yy, zz, xy, yz, xz = np.moveaxis(stress, -1, 0)
    largest = np.abs(stress).max()
    assert largest > 1e5
    np.testing.assert_allclose(pressure, -(xx + yy + zz) / 3, atol=1e-6 * largest)
    np.testing.assert_allclose(von_mises, np.sqrt(((xx - yy) ** 2 + (yy - zz) ** 2 + (zz - xx) ** 2) / 2 + 3 * (xy**2 + yz**2 + xz**2)), atol=1e-6 * largest)
    for flat, shears in ((2, (yz, xz)), (1, (xy,))):
        if opened.dimension <= flat:
            assert not any(shear.any() for shear in shears)


def test_warp_by_vector(opened):
    """Warp By Vector moves the points of the box by the displacement, which is in its unit of length."""
    snapshot = opened.snapshots[-1]
    displacement = snapshot["fields"]["displacement"].astype(float)
    assert np.abs(displacement).max() > 1e-3
    points = np.stack(np.meshgrid(*(np.arange(n) for n in displacement.shape[:3]), indexing="ij")[::-1], axis=-1)
    wanted = snapshot["origin"] + snapshot["spacing"] * points + displacement
    np.testing.assert_allclose(opened.route("warp")["points"], wanted.reshape(-1, 3), atol=1e-5)


@pytest.mark.parametrize("route", ["xdmf", "snapshot"])
def test_picture(opened, route):
    """The structure is on the screen, by either route: a good part of the view in colour, from blue (low x) to red (high x)."""
    path = opened.seen / f"{route}.png"
    assert path.exists(), f"ParaView made no picture:\n{opened.log}"
    red, green, blue = np.moveaxis(matplotlib.image.imread(path)[..., :3], 2, 0)
    part = {1: 0.002, 2: 0.01, 3: 0.02}[opened.dimension]
    low, high = ((blue > red + 0.2) & (blue > green + 0.2)).mean(), ((red > blue + 0.2) & (red > green + 0.2)).mean()
    assert low > part and high > part
