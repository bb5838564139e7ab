#include "hdf5_driver.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <new>

namespace spinode {
namespace {

/// What HDF5 holds as an open file.
struct Driven : H5FD_t {
  PartFile* part = nullptr;
  haddr_t end_of_allocation = 0;
};

PartFile& part_of(H5FD_t* file) { return *static_cast<Driven*>(file)->part; }

H5FD_t* open(const char*, unsigned, hid_t access, haddr_t) {
  auto* const opened = new (std::nothrow) Driven();
  if (opened != nullptr) opened->part = *static_cast<PartFile* const*>(H5Pget_driver_info(access));
  return opened;
}

herr_t close(H5FD_t* file) {
  delete static_cast<Driven*>(file);
  return 0;
}

/// The layout of a file follows from these: they are those of HDF5's own driver.
herr_t query(const H5FD_t*, unsigned long* features) {
  *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
              H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t get_end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return static_cast<const Driven*>(file)->end_of_allocation;
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  static_cast<Driven*>(file)->end_of_allocation = end;
  return 0;
}

haddr_t get_end_of_file(const H5FD_t* file, H5FD_mem_t) { return static_cast<const Driven*>(file)->part->size(); }

herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  part_of(file).read(buffer, size, address);
  return 0;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  part_of(file).write(buffer, size, address);
  return 0;
}

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
  const haddr_t end = static_cast<Driven*>(file)->end_of_allocation;
  if (part_of(file).size() != end) part_of(file).resize(end);
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t driver{};
  driver.name = "spinode";
  driver.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(PartFile*);
  driver.open = open;
  driver.close = close;
  driver.query = query;
  driver.get_eoa = get_end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = get_end_of_file;
  driver.read = read;
  driver.write = write;
  driver.truncate = truncate;
  constexpr H5FD_mem_t lists[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(lists), std::end(lists), driver.fl_map);
  return driver;
}

}  // namespace

hid_t write_through(PartFile& file) {
  static const H5FD_class_t driver = driver_class();
  static const hid_t id = H5FDregister(&driver);
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  PartFile* const part = &file;
  if (access >= 0 && H5Pset_driver(access, id, &part) < 0) {
    H5Pclose(access);
    return -1;
  }
  return access;
}

}  // namespace spinode
