// An HDF5 file driver that writes into a file under a temporary name.
#pragma once

#include <hdf5.h>

#include "disk.hpp"

namespace spinode {

/// A file access property list for H5Fcreate; the name given there is not used. To HDF5 every write succeeds, and
/// PartFile keeps the failure: HDF5 1.10 cannot close a file that it cannot write; it keeps it open, tries again when
/// the process ends, and may then abort. Returns a negative number when HDF5 refuses.
hid_t write_through(PartFile& file);

}  // namespace spinode
