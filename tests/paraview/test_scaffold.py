"""The ParaView state of postprocess/paraview: the picture of a plane has its x, the scaffold of a box its surface, and it finds the results.

Environment and packages as in test_paraview.py.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import h5py
import matplotlib.image
import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import ndimage
from test_paraview import HERE, PACKAGES, PVBATCH, TIME_LIMIT, results_folder

STATE = HERE.parents[1] / "postprocess" / "paraview" / "scaffold.py"
PVPYTHON = [*PVBATCH[:-1], "pvpython"]

pytestmark = pytest.mark.skipif(
    not (shutil.which("pvpython") and shutil.which("xvfb-run")), reason=f"ParaView is not installed: apt-get install {PACKAGES}"
)


def field(results: Path) -> np.ndarray:
    """x of the last snapshot, shape (nz, ny, nx)."""
    with h5py.File(max(results.glob("snapshots/*.hdf")), "r") as file:
        return file["VTKHDF/PointData/x"][()].astype(float)


def run(command: list, **options) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=TIME_LIMIT, **options)


def x_of(pixels: np.ndarray, tolerance: float = 0.02) -> np.ndarray:
    """x from 0 to 1 of pixels coloured by viridis, nan of others."""
    table = plt.get_cmap("viridis")(np.linspace(0, 1, 256))[:, :3]
    distance = ((pixels[..., None, :] - table) ** 2).sum(axis=-1)
    return np.where(distance.min(axis=-1) < tolerance**2, distance.argmin(axis=-1) / 255, np.nan)


def test_plane(tmp_path):
    """pvpython with the file and the picture: each point of the plane, from the lower left to the upper right, in the colour of its x."""
    results = results_folder(2, tmp_path)
    picture = tmp_path / "plane.png"
    done = run([*PVPYTHON, STATE, next(results.glob("*.xdmf")), picture])
    assert picture.exists(), done.stdout + done.stderr
    pixels = matplotlib.image.imread(picture)[..., :3]
    assert pixels.shape == (1000, 1400, 3)
    coloured = np.ptp(pixels[:, :1150], axis=2) > 0.1  # the colour bar is to the right
    rows, columns = (np.flatnonzero(coloured.mean(axis=axis) > 0.2) for axis in (1, 0))
    x = field(results)[0]
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    # The picture spans the centres of the outer cells.
    assert height / width == pytest.approx((x.shape[0] - 1) * 5.0 / 32 / ((x.shape[1] - 1) * 3.0 / 24), rel=0.01)
    share = np.linspace(0.02, 0.98, 40)
    at = [np.round(first + (last - first) * share).astype(int) for first, last in ((rows[-1], rows[0]), (columns[0], columns[-1]))]
    j, i = (share * (n - 1) for n in x.shape)
    expected = ndimage.map_coordinates(x, np.meshgrid(j, i, indexing="ij"), order=1)
    found = x_of(pixels[np.ix_(*at)])
    assert np.ptp(x) > 0.5 and np.isfinite(found).mean() > 0.98
    assert np.nanmax(np.abs(found - expected)) < 0.12 and np.nanmean(np.abs(found - expected)) < 0.02


def test_box(tmp_path):
    """As a script from ParaView's menu: the newest results of the folder, what is above the middle of x, the time, the box, nothing hidden."""
    results = results_folder(3, tmp_path)
    for i, name in enumerate(("new", "old")):
        shutil.copytree(results, tmp_path / "results" / name)
        for path in (tmp_path / "results" / name).glob("*.xdmf"):
            path.rename(path.with_name(f"{name}.xdmf"))
            os.utime(path.with_name(f"{name}.xdmf"), (1e9 - i, 1e9 - i))
    environment = {name: value for name, value in os.environ.items() if name != "SPINODE_RESULTS"}
    done = run([*PVBATCH, HERE / "run_state.py", STATE, tmp_path], cwd=tmp_path, env=environment)
    assert (tmp_path / "state.json").exists(), done.stdout + done.stderr
    state = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    x = field(results)
    middle = (x.min() + x.max()) / 2
    assert "new.xdmf" in state["file"]
    assert state["sources"] == ["box", "faces", "interface", "run", "solute-rich faces", "time"]
    assert state["shown"] == ["box", "interface", "solute-rich faces", "time"]
    assert state["time"] == pytest.approx(60e-6) and state["note"] == "t = 60 µs"
    assert state["surface"] == pytest.approx([middle]) and state["cut"] == pytest.approx(middle)
    assert (state["colours"][0], state["colours"][-4]) == (0, 1)
    pixels = matplotlib.image.imread(tmp_path / "state.png")[..., :3]
    box = pixels[:, :560]
    red, green, blue = np.moveaxis(box, 2, 0)
    assert 0.05 < ((green > red + 0.1) & (blue > 0.1)).mean() < 0.6  # teal to green
    assert ((red > green + 0.1) & (blue > green + 0.1)).mean() < 0.005  # violet, of Li-rich metal, which is left clear
    assert (box > 0.99).all(axis=2).mean() > 0.3


def test_missing_results_are_said(tmp_path):
    done = run([*PVPYTHON, STATE, tmp_path / "none.xdmf", tmp_path / "out.png"])
    assert f"{tmp_path / 'none.xdmf'}: no such file" in done.stdout + done.stderr
    assert not (tmp_path / "out.png").exists()
