#include "spinode/hdf5.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <cstring>
#include <numeric>
#include <utility>

#include "spinode/error.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// An HDF5 identifier with the function that closes it.
class Handle {
 public:
  Handle(hid_t id, herr_t (*closer)(hid_t)) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() { close(); }
  herr_t close() { return id_ >= 0 ? close_(std::exchange(id_, -1)) : 0; }
  operator hid_t() const { return id_; }
  bool valid() const { return id_ >= 0; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

void silence() {
  static const herr_t done = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static_cast<void>(done);
}

template <class Real>
hid_t native();
template <>
hid_t native<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t native<float>() {
  return H5T_NATIVE_FLOAT;
}

}  // namespace

struct Hdf5File::Impl {
  fs::path path, temporary;  // temporary is empty for a file that is read
  Handle file{-1, H5Fclose};

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (temporary.empty()) return;
    file.close();
    std::error_code ignored;
    fs::remove(temporary, ignored);
  }

  [[noreturn]] void fail(const std::string& what) const { throw IoError(fmt::format("{}: {}", path.string(), what)); }

  Handle check(Handle handle, const std::string& what) const {
    if (!handle.valid()) fail(what);
    return handle;
  }
  void check(herr_t status, const std::string& what) const {
    if (status < 0) fail(what);
  }

  template <class Real>
  void write(const std::string& name, const Real* data, const std::vector<std::size_t>& shape, int compression) const {
    const std::vector<hsize_t> extents(shape.begin(), shape.end());
    const Handle space = check({H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose},
                               "cannot be written");
    const Handle links = check({H5Pcreate(H5P_LINK_CREATE), H5Pclose}, "cannot be written");
    check(H5Pset_create_intermediate_group(links, 1), "cannot be written");
    const Handle properties = check({H5Pcreate(H5P_DATASET_CREATE), H5Pclose}, "cannot be written");
    if (compression > 0) {
      // Slabs along the slowest axis: one is what a slice of a picture reads.
      std::vector<hsize_t> slab = extents;
      slab.front() = std::max<hsize_t>(1, slab.front() / 16);
      check(H5Pset_chunk(properties, static_cast<int>(slab.size()), slab.data()), "cannot be written");
      check(H5Pset_shuffle(properties), "cannot be written");
      check(H5Pset_deflate(properties, static_cast<unsigned>(compression)), "cannot be written");
    }
    const Handle dataset =
        check({H5Dcreate2(file, name.c_str(), native<Real>(), space, links, properties, H5P_DEFAULT), H5Dclose},
              "cannot be written");
    check(H5Dwrite(dataset, native<Real>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, data),
          fmt::format("dataset {} cannot be written", name));
  }

  void attribute(const std::string& object, const std::string& name, hid_t type, const Handle& space,
                 const void* value) const {
    const std::string what = fmt::format("attribute {} cannot be written", name);
    const Handle owner = check({H5Oopen(file, object.c_str(), H5P_DEFAULT), H5Oclose}, what);
    const Handle attribute =
        check({H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose}, what);
    check(H5Awrite(attribute, type, value), what);
  }

  Handle open_attribute(const std::string& object, const std::string& name) const {
    return check({H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose},
                 fmt::format("has no attribute {} at {}", name, object));
  }

  Handle open_dataset(const std::string& name) const {
    return check({H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose}, fmt::format("has no dataset {}", name));
  }
};

Hdf5File::Hdf5File(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;

Hdf5File::~Hdf5File() = default;

Hdf5File Hdf5File::open(const fs::path& path) {
  silence();
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  if (!fs::exists(path)) impl->fail("no such file");
  impl->file =
      impl->check({H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose}, "is not an HDF5 file, or is damaged");
  return Hdf5File(std::move(impl));
}

Hdf5File Hdf5File::create(const fs::path& path) {
  silence();
  auto impl = std::make_unique<Impl>();
  impl->path = path;
  impl->temporary = path.string() + ".part";
  impl->file = impl->check({H5Fcreate(impl->temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose},
                           "cannot be created");
  return Hdf5File(std::move(impl));
}

void Hdf5File::write(const std::string& name, const double* data, const std::vector<std::size_t>& shape,
                     int compression) {
  impl_->write(name, data, shape, compression);
}

void Hdf5File::write(const std::string& name, const float* data, const std::vector<std::size_t>& shape,
                     int compression) {
  impl_->write(name, data, shape, compression);
}

void Hdf5File::attribute(const std::string& object, const std::string& name, const std::string& value) {
  const Handle type = impl_->check({H5Tcopy(H5T_C_S1), H5Tclose}, "cannot be written");
  impl_->check(H5Tset_size(type, std::max<std::size_t>(1, value.size())), "cannot be written");
  impl_->check(H5Tset_strpad(type, H5T_STR_NULLPAD), "cannot be written");
  impl_->attribute(object, name, type, impl_->check({H5Screate(H5S_SCALAR), H5Sclose}, "cannot be written"),
                   value.c_str());
}

void Hdf5File::attribute(const std::string& object, const std::string& name, const std::vector<double>& values) {
  const hsize_t size = values.size();
  impl_->attribute(object, name, H5T_NATIVE_DOUBLE,
                   impl_->check({H5Screate_simple(1, &size, nullptr), H5Sclose}, "cannot be written"), values.data());
}

void Hdf5File::attribute(const std::string& object, const std::string& name, const std::vector<std::int64_t>& values) {
  const hsize_t size = values.size();
  impl_->attribute(object, name, H5T_NATIVE_INT64,
                   impl_->check({H5Screate_simple(1, &size, nullptr), H5Sclose}, "cannot be written"), values.data());
}

void Hdf5File::attribute(const std::string& object, const std::string& name, double value) {
  impl_->attribute(object, name, H5T_NATIVE_DOUBLE,
                   impl_->check({H5Screate(H5S_SCALAR), H5Sclose}, "cannot be written"), &value);
}

void Hdf5File::attribute(const std::string& object, const std::string& name, std::int64_t value) {
  impl_->attribute(object, name, H5T_NATIVE_INT64, impl_->check({H5Screate(H5S_SCALAR), H5Sclose}, "cannot be written"),
                   &value);
}

void Hdf5File::publish() {
  impl_->check(H5Fflush(impl_->file, H5F_SCOPE_GLOBAL), "cannot be written");
  impl_->check(impl_->file.close(), "cannot be written");
  const int descriptor = ::open(impl_->temporary.c_str(), O_RDONLY);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) impl_->fail(fmt::format("cannot be written: {}", std::strerror(errno)));
  std::error_code error;
  fs::rename(impl_->temporary, impl_->path, error);
  if (error) impl_->fail(fmt::format("cannot be written: {}", error.message()));
  impl_->temporary.clear();
}

bool Hdf5File::has(const std::string& name) const {
  return H5Oexists_by_name(impl_->file, name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::size_t> Hdf5File::shape(const std::string& name) const {
  const Handle dataset = impl_->open_dataset(name);
  const Handle space = impl_->check({H5Dget_space(dataset), H5Sclose}, "is damaged");
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) impl_->fail("is damaged");
  std::vector<hsize_t> extents(rank);
  impl_->check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), "is damaged");
  return {extents.begin(), extents.end()};
}

std::vector<double> Hdf5File::read(const std::string& name) const {
  const std::vector<std::size_t> extents = shape(name);
  std::vector<double> values(std::accumulate(extents.begin(), extents.end(), std::size_t{1}, std::multiplies<>()));
  const Handle dataset = impl_->open_dataset(name);
  impl_->check(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
               fmt::format("dataset {} cannot be read as numbers", name));
  return values;
}

std::vector<double> Hdf5File::read_numbers(const std::string& object, const std::string& name) const {
  const Handle attribute = impl_->open_attribute(object, name);
  const Handle space = impl_->check({H5Aget_space(attribute), H5Sclose}, "is damaged");
  const hssize_t size = H5Sget_simple_extent_npoints(space);
  if (size < 0) impl_->fail("is damaged");
  std::vector<double> values(size);
  impl_->check(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()), fmt::format("attribute {} is no number", name));
  return values;
}

double Hdf5File::read_number(const std::string& object, const std::string& name) const {
  const std::vector<double> values = read_numbers(object, name);
  if (values.size() != 1) impl_->fail(fmt::format("attribute {} is not one number", name));
  return values.front();
}

std::string Hdf5File::read_text(const std::string& object, const std::string& name) const {
  const Handle attribute = impl_->open_attribute(object, name);
  const Handle type = impl_->check({H5Aget_type(attribute), H5Tclose}, "is damaged");
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0)
    impl_->fail(fmt::format("attribute {} is no text", name));
  std::string value(H5Tget_size(type), '\0');
  impl_->check(H5Aread(attribute, type, value.data()), fmt::format("attribute {} cannot be read", name));
  value.resize(std::strlen(value.c_str()));
  return value;
}

std::vector<std::string> Hdf5File::datasets(const std::string& group) const {
  const Handle owner = impl_->check({H5Gopen2(impl_->file, group.c_str(), H5P_DEFAULT), H5Gclose},
                                    fmt::format("has no group {}", group));
  std::vector<std::string> names;
  const auto collect = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  impl_->check(H5Literate(owner, H5_INDEX_NAME, H5_ITER_INC, nullptr, collect, &names), "is damaged");
  return names;
}

}  // namespace spinode
