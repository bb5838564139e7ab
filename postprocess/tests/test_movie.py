"""A movie has the frames, the size and the length that were asked for, and its frames show the structure of their time."""

import json
import shutil
import subprocess

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import TIMES, wave, write_electrode, write_results
from spinode_post import movie
from spinode_post.__main__ import main
from spinode_post.movie import frames, layout
from spinode_post.results import Snapshot, open_results

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def probe(path) -> dict:
    """What ffprobe says of the one stream; rates and times as numbers."""
    entries = "stream=codec_name,pix_fmt,width,height,nb_read_frames,avg_frame_rate,duration"
    done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_entries", entries, "-of", "json", path], capture_output=True, check=True)
    (stream,) = json.loads(done.stdout)["streams"]
    return stream | {"nb_read_frames": int(stream["nb_read_frames"]), "duration": float(stream["duration"])}


def pictures(path) -> np.ndarray:
    """All frames, shape (frames, rows, columns, rgb)."""
    stream = probe(path)
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, stream["height"], stream["width"], 3) / 255


def structure(picture: np.ndarray, shape: float) -> np.ndarray:
    """The rectangle of the picture that layout gives the structure."""
    figure, (left, bottom, wide, tall) = layout(shape, picture.shape[1], bar=True)
    plt.close(figure)
    rows, columns = picture.shape[:2]
    return picture[round((1 - bottom - tall) * rows) : round((1 - bottom) * rows), round(left * columns) : round((left + wide) * columns)]


@needs_ffmpeg
def test_a_frame_per_snapshot(tmp_path, dimension, capsys):
    folder = write_results(tmp_path / "wave", dimension)
    assert main(["movie", str(folder), "--fps", "5", "--width", "480"]) == 0
    path = folder / "figures" / "movie.mp4"
    assert capsys.readouterr().out == f"{path}\n"
    found = probe(path)
    assert (found["codec_name"], found["pix_fmt"], found["width"], found["avg_frame_rate"]) == ("h264", "yuv420p", 480, "5/1")
    assert found["height"] % 2 == 0 and found["nb_read_frames"] == TIMES.size
    assert found["duration"] == pytest.approx(TIMES.size / 5)
    shots = pictures(path)
    for one, next_one in zip(shots, shots[1:]):
        assert np.abs(one - next_one).max() > 0.2
    # The index comes first, for a browser to begin before all is there.
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


@needs_ffmpeg
def test_frames_show_the_structure(tmp_path):
    folder = write_results(tmp_path / "wave", 2)
    assert main(["movie", str(folder), "--width", "800"]) == 0
    for picture, i in zip(pictures(folder / "figures" / "movie.mp4"), range(TIMES.size)):
        inside = structure(picture, 32 / 48)
        rows, columns = inside.shape[:2]
        for y, x in ((3, 5), (8, 12), (12, 20)):
            seen = inside[round(rows * (1 - (y + 0.5) / 16)), round(columns * (x + 0.5) / 24)]
            # The extremes of all times are 0.3 -+ 0.29.
            expected = plt.get_cmap("viridis")(wave(2, i)[y, x])[:3]
            np.testing.assert_allclose(seen, expected, atol=0.04)


@needs_ffmpeg
def test_a_shrinking_electrode_keeps_its_scale(tmp_path):
    folder = write_electrode(tmp_path / "strip", 2)
    assert main(["movie", str(folder), "--width", "800"]) == 0
    for picture, left in zip(pictures(folder / "figures" / "movie.mp4"), 1 - 0.1 * np.arange(TIMES.size)):
        inside = structure(picture, 32 / 48)
        filled = (inside[:, 50:-50] < 0.9).any(axis=2).all(axis=1).mean()
        assert filled == pytest.approx(left, abs=0.012)


@needs_ffmpeg
@pytest.mark.parametrize("view", ["box", "surface"])
def test_views_of_a_box(box, monkeypatch, view):
    asked = []

    def draw_surfaces(snapshots, threshold):
        asked.append((snapshots, threshold))
        return [np.tile([1.0, 0.1 * i, 0.0], (20, 20, 1)) for i in range(len(snapshots))]

    monkeypatch.setattr(movie, "draw_surfaces", draw_surfaces)
    assert main(["movie", str(box), "--view", view, "--width", "480"]) == 0
    shots = pictures(box / "figures" / "movie.mp4")
    assert len(shots) == TIMES.size
    if view == "surface":
        assert asked == [(open_results(box).snapshots, pytest.approx(0.3, abs=1e-6))]
        for i, picture in enumerate(shots):
            np.testing.assert_allclose(picture[picture.shape[0] // 2, picture.shape[1] // 2], [1, 0.1 * i, 0], atol=0.06)
    else:
        assert np.abs(shots[0] - shots[-1]).max() > 0.5


@needs_ffmpeg
def test_a_slice_takes_axis_and_fraction(box, monkeypatch):
    planes = []
    draw = movie.draw_plane
    monkeypatch.setattr(movie, "draw_plane", lambda axes, plane, *more: planes.append((plane, *more)) or draw(axes, plane, *more))
    assert main(["movie", str(box), "--axis", "x", "--fraction", "0.25", "--width", "320"]) == 0
    for i, (plane, size, limits, room) in enumerate(planes):
        np.testing.assert_array_equal(plane, wave(3, i)[:, :, 6])
        assert size == room == pytest.approx((32, 24))
        assert (limits.vmin, limits.vmax) == (pytest.approx(wave(3, 6)[:, :, 6].min()), pytest.approx(wave(3, 6)[:, :, 6].max()))


def test_pace():
    shots = [Snapshot(None, time, 0, (1.0,)) for time in (0.0, 1.0, 2.0, 4.0, 100.0)]
    assert frames(shots, "snapshots", 12) == shots
    even = frames(shots, "time", 2.5)
    assert len(even) == 25
    for i, shot in enumerate(even):
        assert abs(shot.time - i * 100 / 24) == min(abs(s.time - i * 100 / 24) for s in shots)
    decades = frames(shots, "log", 2.5)
    assert len(decades) == 25 and decades[0].time == 1 and decades[-1].time == 100
    # 4 is nearest in log from sqrt(2 * 4) to sqrt(4 * 100): ln 2.83 = 1.04 to ln 20 = 3.00 of ln 100 = 4.61, in steps of 0.192
    assert [s.time for s in decades].count(4.0) == 10
    assert frames(shots[:1], "log", 12) == shots[:1]


@needs_ffmpeg
def test_time_passes_evenly(tmp_path):
    folder = write_results(tmp_path / "wave", 1)
    assert main(["movie", str(folder), "--pace", "time", "--fps", "2", "--width", "320"]) == 0
    found = probe(folder / "figures" / "movie.mp4")
    assert found["nb_read_frames"] == 20 and found["duration"] == pytest.approx(10)


@pytest.mark.parametrize("shape", [0.1, 0.5, 1.0, 7 / 6, 3.0, 40.0])
@pytest.mark.parametrize("width", [160, 402, 960, 1280, 1922])
def test_frames_are_of_even_size(shape, width):
    figure, (left, bottom, wide, tall) = layout(shape, width, bar=True)
    columns, rows = figure.canvas.get_width_height()
    assert columns == width and rows % 2 == 0
    assert 0 < left < left + wide < 1 and 0 < bottom < bottom + tall < 1
    assert tall * rows / (wide * columns) == pytest.approx(shape, rel=0.02)
    plt.close(figure)


def test_without_ffmpeg(box, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["movie", str(box)]) == 1
    assert capsys.readouterr().err == "spinode_post: movie: ffmpeg is not installed; on Debian: apt-get install ffmpeg\n"


def test_ffmpeg_that_fails_is_one_line(box, capsys, monkeypatch, tmp_path):
    program = tmp_path / "ffmpeg"
    lines = ["#!/bin/sh", "for last; do :; done", "echo half > $last", "cat > /dev/null", "echo first >&2", "echo Unknown encoder libx264 >&2", "exit 3"]
    program.write_text("\n".join(lines), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert main(["movie", str(box), "--width", "160"]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "spinode_post: movie: ffmpeg failed (exit code 3): Unknown encoder libx264"
    assert not (box / "figures" / "movie.mp4").exists()


@needs_ffmpeg
@pytest.mark.parametrize(
    ("dimension", "arguments", "message"),
    [
        (2, ["--view", "box"], "{dir}: --view box is for 3D results, this one is 2D"),
        (1, ["--view", "surface"], "{dir}: --view surface is for 3D results, this one is 1D"),
        (2, ["--axis", "y"], "{dir}: --axis and --fraction are for slices of 3D results"),
        (3, ["--view", "box", "--fraction", "0.2"], "{dir}: --axis and --fraction are for slices of 3D results"),
        (3, ["--fraction", "nan"], "--fraction nan: expected 0 to 1"),
        (3, ["--fps", "0"], "--fps 0: expected 0.1 to 120"),
        (3, ["--fps", "nan"], "--fps nan: expected 0.1 to 120"),
        (3, ["--width", "321"], "--width 321: expected an even number from 160 to 7680"),
        (3, ["--width", "8"], "--width 8: expected an even number from 160 to 7680"),
    ],
)
def test_movie_refuses(tmp_path, dimension, arguments, message, capsys):
    folder = write_results(tmp_path / "wave", dimension)
    assert main(["movie", str(folder), *arguments]) == 1
    assert capsys.readouterr().err == f"spinode_post: {message.format(dir=folder)}\n"


@needs_ffmpeg
def test_a_uniform_end_has_no_surface(box, capsys, monkeypatch):
    monkeypatch.setattr("spinode_post.results.Results.field", lambda results, snapshot: np.full((12, 16, 24), 0.3))
    assert main(["movie", str(box), "--view", "surface"]) == 1
    assert capsys.readouterr().err == f"spinode_post: {box}: x is uniform at the end: there is no surface to draw\n"
