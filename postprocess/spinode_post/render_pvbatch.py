"""Run by pvbatch: iso-surfaces of x, closed at the faces of the box, or x as a cloud, one PNG per snapshot.

Argument: a JSON file with `jobs` (list of [snapshot, picture, sides of the box]), `size` (pixels), `centre` of the view, `camera` (direction from
there to the camera) and `up`; for surfaces `threshold` and `colour` (r, g, b from 0 to 1); for clouds `colours` (list of [x, r, g, b]), `opacities`
(list of [x, opacity]) and `depth` (path that has these opacities).
"""

import json
import sys

from paraview.simple import (
    Clip,
    Contour,
    CreateView,
    Delete,
    ExtractSubset,
    GenerateSurfaceNormals,
    GetColorTransferFunction,
    GetOpacityTransferFunction,
    OpenDataFile,
    Outline,
    SaveScreenshot,
    Show,
)


def faces(extent: tuple[int, ...]) -> list[list[int]]:
    """The six faces of an extent (x0, x1, y0, y1, z0, z1)."""
    result = []
    for axis in range(3):
        for end in (0, 1):
            face = list(extent)
            face[2 * axis : 2 * axis + 2] = [extent[2 * axis + end]] * 2
            result.append(face)
    return result


def surfaces(source: object, extent: tuple[int, ...], threshold: float) -> list[object]:
    """The iso-surface, and what is above the threshold on each face of the box."""
    surface = Contour(Input=source, ContourBy=["POINTS", "x"], Isosurfaces=[threshold], ComputeNormals=0)
    pieces = [GenerateSurfaceNormals(Input=surface, FeatureAngle=180)]
    for face in faces(extent):
        layer = ExtractSubset(Input=source, VOI=face)
        pieces.append(Clip(Input=layer, ClipType="Scalar", Scalars=["POINTS", "x"], Value=threshold, Invert=0))
    return pieces


def render(snapshot: str, picture: str, sides: list[float], task: dict) -> None:
    """One snapshot to one picture, its box of the given sides with a corner at the origin."""
    view = CreateView("RenderView")
    view.ViewSize = [task["size"]] * 2
    view.UseColorPaletteForBackground = 0
    view.Background = [1, 1, 1]
    view.OrientationAxesVisibility = 0
    view.CameraParallelProjection = 1

    source = OpenDataFile(snapshot)
    source.UpdatePipeline()
    information = source.GetDataInformation()
    extent, bounds = information.GetExtent(), information.GetBounds()
    # Nanometres in metres are below what the renderer resolves. The image spans the centres of the cells, its picture the box.
    scale = [sides[a] / (bounds[2 * a + 1] - bounds[2 * a]) for a in range(3)]

    def show(item: object) -> object:
        display = Show(item, view)
        display.Scale = scale
        display.Position = [-scale[a] * bounds[2 * a] for a in range(3)]
        display.ColorArrayName = [None, ""]
        return display

    if "threshold" in task:
        for piece in surfaces(source, extent, task["threshold"]):
            display = show(piece)
            display.DiffuseColor = display.AmbientColor = task["colour"]
            display.Ambient, display.Diffuse = 0.25, 0.8
            display.Specular, display.SpecularPower = 0.25, 25
    else:
        cloud = show(source)
        cloud.SetRepresentationType("Volume")
        cloud.ColorArrayName = ["POINTS", "x"]
        cloud.LookupTable = GetColorTransferFunction("x")
        cloud.LookupTable.ColorSpace = "RGB"
        cloud.LookupTable.RGBPoints = [value for point in task["colours"] for value in point]
        cloud.ScalarOpacityFunction = GetOpacityTransferFunction("x")
        cloud.ScalarOpacityFunction.Points = [value for x, opacity in task["opacities"] for value in (x, opacity, 0.5, 0)]
        cloud.ScalarOpacityUnitDistance = task["depth"] / max(scale)  # in the lengths of the file
    frame = show(Outline(Input=source))
    frame.DiffuseColor = frame.AmbientColor = [0.15, 0.15, 0.15]
    frame.LineWidth = 2

    view.CameraFocalPoint = task["centre"]
    view.CameraPosition = [c + 5 * d for c, d in zip(task["centre"], task["camera"])]
    view.CameraViewUp = task["up"]
    view.CameraParallelScale = 0.9
    SaveScreenshot(picture, view, ImageResolution=[task["size"]] * 2)
    Delete(view)


with open(sys.argv[1], encoding="utf-8") as file:
    TASK = json.load(file)
for job in TASK["jobs"]:
    render(*job, TASK)
