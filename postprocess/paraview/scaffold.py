"""ParaView state of a result: the solute-rich phase in 3D, the plane in 2D, coloured by x, with the time and the box.

To see it:          SPINODE_RESULTS=RESULTS.xdmf paraview --script=scaffold.py, or File > Load State
To have a picture:  pvpython scaffold.py RESULTS.xdmf PICTURE.png
Without a RESULTS.xdmf, it takes the newest of results/*/*.xdmf under the current folder, or in the source tree that holds this file.
"""

import math
import os
import sys
import tomllib
from pathlib import Path

import numpy as np
from paraview import servermanager, simple
from vtk.util.numpy_support import vtk_to_numpy

TIMES = {"s": 1.0, "ms": 1e-3, "µs": 1e-6, "ns": 1e-9}
AZIMUTH, ELEVATION = math.radians(-60.0), math.radians(25.0)
INK = [0.15, 0.15, 0.15]


def index() -> str:
    """Path of the .xdmf file to open."""
    if len(sys.argv) > 1 and sys.argv[1].endswith(".xdmf"):
        return sys.argv[1]
    if "SPINODE_RESULTS" in os.environ:
        return os.environ["SPINODE_RESULTS"]
    # ParaView does not tell a script that it runs from a menu where the script is.
    folders = [Path.cwd(), *([Path(__file__).resolve().parents[2]] if "__file__" in globals() else [])]
    found = [path for folder in folders for path in folder.glob("results/*/*.xdmf")]
    if not found:
        raise FileNotFoundError("no results/*/*.xdmf here: set SPINODE_RESULTS to the .xdmf file of a run")
    return str(max(found, key=lambda path: path.stat().st_mtime))


def open_run(path: str) -> tuple[object, float, np.ndarray, tuple[int, ...]]:
    """The reader at its last time, that time, x at that time, and the number of points along each axis."""
    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such file")
    run = simple.OpenDataFile(path)
    simple.RenameSource("run", run)
    scene = simple.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    scene.AnimationTime = end = float(np.max(run.TimestepValues))
    run.UpdatePipeline(end)
    image = servermanager.Fetch(run)
    return run, end, vtk_to_numpy(image.GetPointData().GetArray("x")), image.GetDimensions()


def settings(path: str) -> tuple[bool, str]:
    """Whether the times of a run are in seconds, and what its x is."""
    case = Path(path).with_name("resolved.toml")
    config = tomllib.loads(case.read_text(encoding="utf-8")) if case.is_file() else {}
    if config.get("units") == "none":
        return False, "composition x"
    return True, f"mole fraction {config.get('species', {}).get('solute', 'of solute')} x"


def solute_rich(run: object, middle: float) -> list[object]:
    """The iso-surface of x, and what is above it on the faces of the box."""
    interface = simple.Contour(registrationName="interface", Input=run, ContourBy=["POINTS", "x"], Isosurfaces=[middle])
    faces = simple.ExtractSurface(registrationName="faces", Input=run)
    rich = simple.Clip(registrationName="solute-rich faces", Input=faces, ClipType="Scalar", Scalars=["POINTS", "x"], Value=middle, Invert=0)
    return [interface, rich]


def colour(items: list[object], view: object, flat: bool, limits: tuple[float, float], title: str) -> None:
    """Colour by x between the limits; a plane is as bright as its colour bar."""
    for item in items:
        display = simple.Show(item, view)
        display.SetRepresentationType("Surface")
        simple.ColorBy(display, ("POINTS", "x"))
        display.Ambient, display.Diffuse = (1.0, 0.0) if flat else (0.35, 0.75)
    colours = simple.GetColorTransferFunction("x")
    colours.ApplyPreset("Viridis (matplotlib)", True)
    colours.AutomaticRescaleRangeMode = "Never"
    colours.RescaleTransferFunction(*limits)
    display.SetScalarBarVisibility(view, True)
    bar = simple.GetScalarBar(colours, view)
    bar.Title, bar.ComponentTitle = title, ""
    bar.TitleColor = bar.LabelColor = INK
    bar.RangeLabelFormat = "%.2g"
    bar.TitleFontSize, bar.LabelFontSize = 20, 18
    bar.WindowLocation, bar.Position, bar.ScalarBarLength = "Any Location", [0.88, 0.3], 0.4


def annotate(run: object, view: object, end: float, seconds: bool) -> None:
    """The box, and the time in the unit of the last one."""
    outline = simple.Show(simple.Outline(registrationName="box", Input=run), view)
    outline.DiffuseColor = outline.AmbientColor = INK
    unit = next((name for name, size in TIMES.items() if end >= size), "s") if seconds else ""
    time = simple.AnnotateTimeFilter(registrationName="time", Input=run, Scale=1 / TIMES.get(unit, 1.0), Format=f"t = {{time:.4g}} {unit}")
    note = simple.Show(time, view)
    note.Color, note.FontSize = INK, 24


def look(view: object, flat: bool) -> None:
    """The camera: from above in 2D, from the front and the right in 3D, z up."""
    view.CameraParallelProjection = 1
    view.CameraFocalPoint = [0.0, 0.0, 0.0]
    direction = [math.cos(ELEVATION) * math.cos(AZIMUTH), math.cos(ELEVATION) * math.sin(AZIMUTH), math.sin(ELEVATION)]
    view.CameraPosition, view.CameraViewUp = ([0.0, 0.0, 1.0], [0.0, 1.0, 0.0]) if flat else (direction, [0.0, 0.0, 1.0])
    simple.ResetCamera(view)


def main() -> None:
    """The pipeline at the last time, and its picture where one is asked for."""
    view = simple.GetActiveViewOrCreate("RenderView")
    view.UseColorPaletteForBackground = 0
    view.Background = [1.0, 1.0, 1.0]
    view.OrientationAxesLabelColor = INK
    if len(sys.argv) > 2:
        view.ViewSize = [1400, 1000]
    path = index()
    run, end, x, points = open_run(path)
    seconds, title = settings(path)
    flat = min(points) <= 2  # an axis that a case lacks has two equal layers
    low, high = float(x.min()), float(x.max())
    shown = [run] if flat or low == high else solute_rich(run, (low + high) / 2)
    colour(shown, view, flat, (0.0, 1.0) if seconds and high - low > 0.5 else (low, high), title)
    annotate(run, view, end, seconds)
    look(view, flat)
    simple.Render(view)
    if len(sys.argv) > 2:
        simple.SaveScreenshot(sys.argv[2], view)


main()
