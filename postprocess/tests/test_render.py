"""render: the cloud is dense where x is large, in the colours of its bar, and what it cannot draw is refused. The surface: test_pictures.py."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import MEAN, write_results, write_snapshot
from matplotlib.colors import Normalize
from matplotlib.text import Text
from spinode_post import render, style
from spinode_post.__main__ import main
from spinode_post.results import open_results


@pytest.fixture
def paraview():
    try:
        render.pvbatch_command()
    except render.ResultsError as missing:
        pytest.skip(str(missing))


def test_cloud_is_clear_at_the_lowest_and_dense_at_the_highest_x():
    look = render.cloud_look(Normalize(0, 1), 0.1, 0.9)
    x, opacity = np.array(look["opacities"]).T
    assert (x[0], opacity[0]) == (0.1, 0) and x[-1] == pytest.approx(0.9) and opacity[-1] == 0.9
    assert (np.diff(opacity) >= 0).all() and np.interp(0.3, x, opacity) == 0 < np.interp(0.5, x, opacity)
    for value, *colour in look["colours"]:
        assert colour == pytest.approx(plt.get_cmap("viridis")(value)[:3], abs=2 / 256)
    assert [look["colours"][i][0] for i in (0, -1)] == [0, 1]


def ball(r):
    """x of a soft ball of radius 0.3, at a distance from its middle."""
    return 0.1 + 0.8 / (1 + np.exp((r - 0.3) / 0.04))


def seen_through(distance):
    """The colour along a line that passes the middle of the ball at a distance: opacity 0, 0, 0.3, 0.9 per 0.02 at 0, 0.3, 0.7, 1 of the range."""
    step = 1e-4
    # The picture stretches the 47 spacings between the outer centres to the 48 of the box.
    x = ball(47 / 48 * np.hypot(distance, np.arange(-0.5, 0.5, step)))
    opacity = np.interp((x - 0.1) / 0.8, [0, 0.3, 0.7, 1], [0, 0, 0.3, 0.9])
    clear = (1 - opacity) ** (step / 0.02)
    before = np.cumprod(np.insert(clear, 0, 1.0))
    return ((before[:-1] * (1 - clear))[:, None] * plt.get_cmap("viridis")(x)[:, :3]).sum(axis=0) + before[-1]


def test_cloud_in_the_box(paraview, tmp_path):
    """A ball in a box of any size: along each line of sight the colours that its x absorbs and emits, on white."""
    centres = (np.arange(48) + 0.5) / 48 - 0.5
    folder = write_results(tmp_path / "ball", 3)
    path = sorted((folder / "snapshots").iterdir())[-1]
    attributes = {"time": 1.0, "time_unit": "s", "step": 1, "length_unit": "nm", "case": "ball", "boundary": "periodic,periodic,periodic", "config": ""}
    write_snapshot(path, ball(np.sqrt(centres[:, None, None] ** 2 + centres[:, None] ** 2 + centres**2)), attributes)
    (image,) = render.draw_with_paraview(open_results(folder).snapshots[-1:], render.cloud_look(Normalize(0, 1), 0.1, 0.9))
    # In the projection the cube is (sin 60° + cos 60°) sin 25° + cos 25° high.
    height, width = image.shape[:2]
    scale = height / ((np.sin(np.pi / 3) + 0.5) * np.sin(np.radians(25)) + np.cos(np.radians(25)))
    for distance in (0.0, 0.1, 0.2, 0.28, 0.32, 0.36, 0.45):
        # Below and beside the middle, off the edges of the box.
        for right, down in ((0.8, 0.6), (-0.8, 0.6), (-1.0, 0.0)):
            row, column = round(height / 2 + down * distance * scale), round(width / 2 + right * distance * scale)
            found = np.median(image[row - 2 : row + 3, column - 2 : column + 3], axis=(0, 1))
            assert found == pytest.approx(seen_through(distance), abs=0.05), (distance, right, down)


def test_picture_of_the_cloud(paraview, box, capsys, monkeypatch):
    texts, save = [], style.save

    def keep(figure, path):
        texts.extend(text.get_text() for text in figure.findobj(Text) if text.get_visible())
        return save(figure, path)

    monkeypatch.setattr(style, "save", keep)
    assert main(["render", str(box), "--view", "volume", "--times", "4us,32us"]) == 0, capsys.readouterr().err
    assert capsys.readouterr().out == f"{box / 'figures' / 'render_volume.png'}\n"
    for text in ("Li-rich (clear)", "Na-rich", "mole fraction Na $x$", "wave: mole fraction Na $x$", "$t$ = 4 µs", "$t$ = 32 µs", "x: 48 nm"):
        assert text in texts
    image = plt.imread(box / "figures" / "render_volume.png")[..., :3]
    red, green, blue = np.moveaxis(image, 2, 0)
    assert MEAN + 0.29 < 0.6 and ((green > red + 0.1) & (blue > red + 0.1)).mean() > 0.03  # no yellow: x stays below 0.6
    assert ((red > 0.5) & (green > 0.8) & (blue < 0.3)).mean() < 0.01


def test_threshold_is_for_surfaces(box, capsys):
    assert main(["render", str(box), "--view", "volume", "--threshold", "0.3"]) == 1
    assert capsys.readouterr().err == "spinode_post: --threshold is for --view surface\n"
