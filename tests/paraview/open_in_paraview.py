"""Run by pvbatch: opens a results folder by every route that ParaView offers and saves what it sees.

Arguments: results folder, output folder. Each route leaves ROUTE.npz in the output folder (times, and for each of them the
points' arrays, dimensions, spacing, origin), so that a reader that takes ParaView down shows by the file that is missing.
"""

import sys
from pathlib import Path

import numpy as np
from paraview import servermanager, simple
from vtk.util.numpy_support import vtk_to_numpy


def record(reader: object, path: Path) -> None:
    """All that the reader gives, at each of its times."""
    reader.UpdatePipelineInformation()
    times = np.atleast_1d(np.array(reader.TimestepValues or [0.0], dtype=float))
    seen = {"times": times, "reader": reader.GetXMLName()}
    for i, time in enumerate(times):
        reader.UpdatePipeline(time)
        image = servermanager.Fetch(reader)
        points = image.GetPointData()
        for j in range(points.GetNumberOfArrays()):
            # A copy: the Xdmf3 readers lend their own memory, and use it anew at the next time.
            seen[f"{i}/{points.GetArrayName(j)}"] = vtk_to_numpy(points.GetArray(j)).copy()
        seen[f"{i}/dimensions"] = image.GetDimensions()
        seen[f"{i}/spacing"] = image.GetSpacing()
        seen[f"{i}/origin"] = image.GetOrigin()
    np.savez(path, **seen)


def warp(file: str, path: Path) -> None:
    """The points that Warp By Vector moves by the displacement."""
    warped = simple.WarpByVector(Input=simple.OpenDataFile(file))
    warped.Vectors = ["POINTS", "displacement"]
    np.savez(path, points=vtk_to_numpy(servermanager.Fetch(warped).GetPoints().GetData()))


def components(file: str, path: Path) -> None:
    """What ParaView calls the components of the stress."""
    reader = simple.OpenDataFile(file)
    reader.UpdatePipeline()
    stress = reader.PointData["stress"]
    np.savez(path, stress=[stress.GetComponentName(c) for c in range(stress.GetNumberOfComponents())])


def picture(file: str, path: Path) -> None:
    """The last time, as a user sees it: the file opened, coloured by x, the camera reset."""
    reader = simple.OpenDataFile(file)
    view = simple.CreateView("RenderView")
    view.ViewSize = [400, 300]
    view.OrientationAxesVisibility = 0
    reader.UpdatePipelineInformation()
    view.ViewTime = max(np.atleast_1d(reader.TimestepValues), default=0.0)
    display = simple.Show(reader, view)
    display.SetRepresentationType("Surface")
    simple.ColorBy(display, ("POINTS", "x"))
    display.RescaleTransferFunctionToDataRange()
    view.CameraPosition = [1, -2, 1.5]
    view.CameraFocalPoint = [0, 0, 0]
    view.CameraViewUp = [0, 0, 1]
    simple.ResetCamera(view)
    simple.SaveScreenshot(str(path), view)


def main(results: Path, output: Path) -> None:
    index = str(next(results.glob("*.xdmf")))
    snapshots = [str(path) for path in sorted(results.glob("snapshots/*.hdf"))]
    record(simple.OpenDataFile(index), output / "xdmf.npz")
    record(simple.XDMFReader(FileNames=[index]), output / "XDMFReader.npz")
    record(simple.Xdmf3ReaderS(FileName=[index]), output / "Xdmf3ReaderS.npz")
    record(simple.Xdmf3ReaderT(FileName=[index]), output / "Xdmf3ReaderT.npz")
    record(simple.OpenDataFile(snapshots[-1]), output / "snapshot.npz")
    record(simple.OpenDataFile(snapshots), output / "series.npz")
    warp(snapshots[-1], output / "warp.npz")
    components(snapshots[-1], output / "components.npz")
    picture(index, output / "xdmf.png")
    picture(snapshots[-1], output / "snapshot.png")


main(Path(sys.argv[1]), Path(sys.argv[2]))
