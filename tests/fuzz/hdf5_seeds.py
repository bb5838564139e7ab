"""Writes small HDF5 files to fuzz from: a field of 6 x 4 cells as snapshots hold it, in every way that HDF5 can store one."""

import sys
from pathlib import Path

import h5py
import numpy as np

FIELD = np.linspace(0.1, 0.9, 48).reshape(2, 4, 6)


def write(folder, name, add_field, **options):
    """`add_field(group)` makes the dataset x."""
    with h5py.File(folder / f"{name}.h5", "w", **options) as file:
        group = file.create_group("VTKHDF/PointData")
        file["VTKHDF"].attrs["Spacing"] = [1.0, 1.0, 1.0]
        for key, value in {"step": 3, "time": 0.5, "x_host": 0.2, "x_solute": 0.8}.items():
            file.attrs[key] = value
        add_field(group)


def with_dtype(dtype):
    return lambda group: group.create_dataset("x", FIELD.shape, dtype)


def with_options(**options):
    return lambda group: group.create_dataset("x", data=FIELD, **options)


def external_storage(group):
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_external(b"/dev/zero", 0, h5py.h5f.UNLIMITED)
    space = h5py.h5s.create_simple(FIELD.shape)
    h5py.h5d.create(group.id, b"x", h5py.h5t.NATIVE_DOUBLE, space, properties)


def virtual(group):
    layout = h5py.VirtualLayout(FIELD.shape, "f8")
    layout[:] = h5py.VirtualSource(".", "/VTKHDF/PointData/x", FIELD.shape)
    group.create_virtual_dataset("x", layout)


def soft_loop(group):
    group["x"] = h5py.SoftLink("/VTKHDF/PointData/y")
    group["y"] = h5py.SoftLink("/VTKHDF/PointData/x")


def external_link(group):
    group["x"] = h5py.ExternalLink("/dev/stdin", "/x")


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "plain", with_options())
    write(folder, "latest", with_options(), libver="latest")
    write(folder, "compressed", with_options(chunks=(1, 4, 6), compression=9, shuffle=True))
    write(folder, "compressed_latest", with_options(chunks=(1, 4, 6), compression=9), libver="latest")
    write(folder, "checksum", with_options(chunks=(2, 3, 5), fletcher32=True))
    write(folder, "rounded", with_options(chunks=(2, 4, 6), scaleoffset=3))
    write(folder, "resizable", with_options(maxshape=(None, None, None), chunks=(1, 1, 6)), libver="latest")
    write(folder, "huge_chunk", lambda g: g.create_dataset("x", (2, 4, 6), maxshape=(None,) * 3, chunks=(1024, 1024, 500)))
    write(folder, "huge_shape", lambda g: g.create_dataset("x", (2**20, 2**20, 2**20), chunks=(1, 1, 64)))
    write(folder, "no_axis", lambda g: g.create_dataset("x", data=0.5))
    write(folder, "no_space", lambda g: g.create_dataset("x", data=h5py.Empty("f8")))
    write(folder, "no_layer", lambda g: g.create_dataset("x", (0, 4, 6)))
    write(folder, "half", with_dtype("f2"))
    write(folder, "integer", with_dtype(">i8"))
    write(folder, "string", with_dtype("S8"))
    write(folder, "long_string", with_dtype(h5py.string_dtype()))
    write(folder, "ragged", with_dtype(h5py.vlen_dtype("f8")))
    write(folder, "enumeration", with_dtype(h5py.enum_dtype({"a": 0, "b": 1})))
    write(folder, "compound", with_dtype(np.dtype([("a", "f8"), ("b", "i4")])))
    write(folder, "array", with_dtype(np.dtype(("f8", (3,)))))
    write(folder, "opaque", with_dtype("V8"))
    write(folder, "reference", with_dtype(h5py.ref_dtype))
    write(folder, "external_storage", external_storage)
    write(folder, "external_link", external_link)
    write(folder, "soft_loop", soft_loop)
    write(folder, "virtual", virtual, libver="latest")
    with h5py.File(folder / "attributes.h5", "w") as file:
        group = file.create_group("VTKHDF")
        group.create_group("PointData").create_dataset("x", data=FIELD)
        group.attrs["Spacing"] = ["a", "b", "c"]
        group.attrs["Type"] = np.bytes_(b"ImageData")
        file.attrs["step"] = 1e300
        file.attrs["time"] = np.nan
        file.attrs["x_host"] = np.arange(5)


if __name__ == "__main__":
    main()
