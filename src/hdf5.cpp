#include "spinode/hdf5.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "disk.hpp"
#include "hdf5_driver.hpp"
#include "isolated.hpp"
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
template <>
hid_t native<std::int64_t>() {
  return H5T_NATIVE_INT64;
}
template <>
hid_t native<char>() {
  return H5T_NATIVE_UCHAR;
}

/// An access list that follows no link into another file.
hid_t within_file(hid_t kind) {
  const hid_t access = H5Pcreate(kind);
  const auto refuse = [](const char*, const char*, const char*, const char*, unsigned*, hid_t, void*) -> herr_t {
    return -1;
  };
  if (access >= 0) H5Pset_elink_cb(access, refuse, nullptr);
  return access;
}

/// Whether a type is one of numbers, in as many bytes as this machine's own may take.
bool is_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return (kind == H5T_INTEGER || kind == H5T_FLOAT) && H5Tget_size(type) <= sizeof(long double);
}

/// The number of values in a space; empty when there is none, or too many for memory to have an address for each byte.
std::optional<std::size_t> count_of(hid_t space) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {};
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) return {};
  std::vector<hsize_t> extents(rank);
  if (H5Sget_simple_extent_dims(space, extents.data(), nullptr) < 0) return {};
  std::size_t count = 1;
  constexpr std::size_t most = std::numeric_limits<std::ptrdiff_t>::max() / sizeof(double);
  for (const hsize_t extent : extents) {
    if (extent > 0 && count > most / extent) return {};
    count *= extent;
  }
  return count;
}

constexpr const char* not_hdf5 = "is not an HDF5 file, or is damaged";

/// The bytes before the HDF5 part of a file with a checksum; the least that HDF5 leaves to others.
constexpr std::size_t label_size = 512;

std::string label(std::uint64_t checksum, std::uint64_t bytes) {
  std::string text =
      fmt::format("spinode HDF5 after {} bytes: XXH3-64 {:016x} of {} bytes\n", label_size, checksum, bytes);
  text.resize(label_size);
  return text;
}

/// The checksum of what follows the label.
template <class Read>
std::uint64_t checksum_of(std::uint64_t size, const Read& read) {
  XXH3_state_t checksum;
  XXH3_64bits_reset(&checksum);
  std::vector<char> block(std::size_t{1} << 20);
  for (std::uint64_t at = label_size; at < size; at += block.size()) {
    const std::size_t count = std::min<std::uint64_t>(block.size(), size - at);
    read(block.data(), count, at);
    XXH3_64bits_update(&checksum, block.data(), count);
  }
  return XXH3_64bits_digest(&checksum);
}

}  // namespace

struct Hdf5File::Impl {
  fs::path path;
  bool foreign = false;          // read by child processes, and not open in this one
  std::optional<PartFile> part;  // of a file that is written
  bool has_label = false;
  Handle file{-1, H5Fclose};

  static std::unique_ptr<Impl> create(const fs::path& path, bool with_label) {
    silence();
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->has_label = with_label;
    impl->part.emplace(path);
    const Handle access = impl->check({write_through(*impl->part), H5Pclose}, "cannot be created");
    const Handle creation = impl->check({H5Pcreate(H5P_FILE_CREATE), H5Pclose}, "cannot be created");
    impl->check(H5Pset_userblock(creation, with_label ? label_size : 0), "cannot be created");
    impl->file = impl->check({H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose}, "cannot be created");
    return impl;
  }

  static Hdf5File open_here(const fs::path& path) {
    silence();
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    impl->file = impl->check({H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose}, not_hdf5);
    return Hdf5File(std::move(impl));
  }

  /// What read(file) gives, a vector of plain values. HDF5 1.10 crashes, or reads beyond its memory, where the metadata
  /// of a file are damaged, so a file that may be is read in a child process.
  template <class Read>
  auto apart(const Read& read) const {
    using Values = decltype(read(std::declval<const Hdf5File&>()));
    using Value = typename Values::value_type;
    std::error_code none;
    const std::uintmax_t size = fs::file_size(path, none);
    // A megabyte a second is slow, and gzip does not make more than a thousand bytes of one.
    const Allowance allowance{.seconds = 2 + size / 1'000'000, .bytes = (std::uint64_t{1} << 30) + 4000 * size};
    const std::vector<char> bytes = isolated(
        [&] {
          const Values values = read(open_here(path));
          const char* const begin = reinterpret_cast<const char*>(values.data());
          return std::vector<char>(begin, begin + values.size() * sizeof(Value));
        },
        allowance, fmt::format("{}: {}", path.string(), not_hdf5));
    Values values(bytes.size() / sizeof(Value), Value{});
    std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(values.data()));
    return values;
  }

  [[noreturn]] void fail(const std::string& what) const {
    if (part) part->check(what);
    throw IoError(fmt::format("{}: {}", path.string(), what));
  }

  Handle check(Handle handle, const std::string& what) const {
    if (!handle.valid()) fail(what);
    return handle;
  }
  void check(herr_t status, const std::string& what) const {
    if (status < 0) fail(what);
  }

  template <class Real>
  void write(const std::string& name, const Real* data, const std::vector<std::size_t>& shape, int compression) const {
    write(name, native<Real>(), data, shape, compression);
  }

  void write(const std::string& name, hid_t type, const void* data, const std::vector<std::size_t>& shape,
             int compression) const {
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
      // HDF5 takes none of 4 GiB.
      constexpr double most = 1 << 30;
      const double size = static_cast<double>(H5Tget_size(type));
      for (hsize_t& extent : slab)
        while (extent > 1 && size * std::accumulate(slab.begin(), slab.end(), 1.0, std::multiplies<>()) > most)
          extent = (extent + 1) / 2;
      check(H5Pset_chunk(properties, static_cast<int>(slab.size()), slab.data()), "cannot be written");
      check(H5Pset_shuffle(properties), "cannot be written");
      check(H5Pset_deflate(properties, static_cast<unsigned>(compression)), "cannot be written");
    }
    const Handle dataset = check(
        {H5Dcreate2(file, name.c_str(), type, space, links, properties, H5P_DEFAULT), H5Dclose}, "cannot be written");
    const std::string what = fmt::format("dataset {} cannot be written", name);
    check(H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), what);
    part->check(what);
  }

  /// The type of texts of up to so many bytes.
  Handle text(std::size_t longest) const {
    Handle type = check({H5Tcopy(H5T_C_S1), H5Tclose}, "cannot be written");
    check(H5Tset_size(type, std::max<std::size_t>(1, longest)), "cannot be written");
    check(H5Tset_strpad(type, H5T_STR_NULLPAD), "cannot be written");
    return type;
  }

  void attribute(const std::string& object, const std::string& name, hid_t type, const Handle& space,
                 const void* value) const {
    const std::string what = fmt::format("attribute {} cannot be written", name);
    const Handle owner = check({H5Oopen(file, object.c_str(), H5P_DEFAULT), H5Oclose}, what);
    const Handle attribute =
        check({H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose}, what);
    check(H5Awrite(attribute, type, value), what);
    part->check(what);
  }

  Handle open_attribute(const std::string& object, const std::string& name) const {
    const Handle links = check({within_file(H5P_LINK_ACCESS), H5Pclose}, "cannot be read");
    return check({H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, links), H5Aclose},
                 fmt::format("has no attribute {} at {}", name, object));
  }

  Handle open_dataset(const std::string& name) const {
    const Handle access = check({within_file(H5P_DATASET_ACCESS), H5Pclose}, "cannot be read");
    return check({H5Dopen2(file, name.c_str(), access), H5Dclose}, fmt::format("has no dataset {}", name));
  }

  /// Refuses what lies outside of the file, what needs more memory than its values, and filters that spinode does not
  /// write: a damaged or hostile file must not choose which code of HDF5 reads it.
  void refuse_odd_storage(hid_t dataset, std::size_t count, const std::string& name) const {
    const Handle properties = check({H5Dget_create_plist(dataset), H5Pclose}, "is damaged");
    const H5D_layout_t layout = H5Pget_layout(properties);
    if ((layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED) ||
        H5Pget_external_count(properties) != 0)
      fail(fmt::format("dataset {} lies in other files, or is damaged", name));
    for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
      unsigned flags = 0;
      std::size_t parameters = 0;
      const H5Z_filter_t filter = H5Pget_filter2(properties, i, &flags, &parameters, nullptr, 0, nullptr, nullptr);
      if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
        fail(fmt::format("dataset {} is compressed by other means than gzip", name));
    }
    if (layout != H5D_CHUNKED) return;
    std::array<hsize_t, H5S_MAX_RANK> chunk{};
    const int rank = H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data());
    if (rank < 1) fail("is damaged");
    const double values = std::accumulate(chunk.begin(), chunk.begin() + rank, 1.0, std::multiplies<>());
    constexpr double always_good = 1 << 20;
    if (values > std::max(always_good, static_cast<double>(count)))
      fail(fmt::format("dataset {} has chunks larger than itself", name));
  }

  template <class Value>
  void read_into(const std::string& name, Value* data, std::size_t count) const {
    if (foreign) {
      const std::vector<Value> values = apart([&](const Hdf5File& in) {
        std::vector<Value> read(count);
        in.impl_->read_into(name, read.data(), count);
        return read;
      });
      std::copy_n(values.begin(), count, data);
      return;
    }
    const Handle dataset = open_dataset(name);
    const Handle space = check({H5Dget_space(dataset), H5Sclose}, "is damaged");
    const Handle type = check({H5Dget_type(dataset), H5Tclose}, "is damaged");
    const hssize_t found = H5Sget_simple_extent_npoints(space);
    if (found < 0 || static_cast<std::size_t>(found) != count)
      fail(fmt::format("dataset {} holds {} values, expected {}", name, found, count));
    if (H5Tequal(type, native<Value>()) <= 0) fail(fmt::format("dataset {} holds values of another kind", name));
    refuse_odd_storage(dataset, count, name);
    check(H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), fmt::format("dataset {} cannot be read", name));
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
  impl->foreign = true;
  std::error_code none;
  if (!fs::exists(path, none)) impl->fail("no such file");
  static_cast<void>(impl->apart([](const Hdf5File&) { return std::string(); }));
  return Hdf5File(std::move(impl));
}

Hdf5File Hdf5File::open_checked(const fs::path& path) {
  std::error_code error;
  if (const bool found = fs::exists(path, error); !found || !fs::is_regular_file(path, error))
    throw IoError(fmt::format("{}: {}", path.string(), found ? "is no file" : "no such file"));
  std::ifstream in(path, std::ios::binary);
  std::string found(label_size, '\0');
  const std::uint64_t size = fs::file_size(path, error);
  in.read(found.data(), label_size);
  const std::uint64_t checksum =
      checksum_of(size, [&](char* block, std::size_t count, std::uint64_t) { in.read(block, count); });
  if (error || !in || found != label(checksum, size - label_size))
    throw IoError(fmt::format("{}: is damaged: its bytes are not those of its checksum", path.string()));
  return Impl::open_here(path);
}

Hdf5File Hdf5File::create(const fs::path& path) { return Hdf5File(Impl::create(path, false)); }
Hdf5File Hdf5File::create_checked(const fs::path& path) { return Hdf5File(Impl::create(path, true)); }

void Hdf5File::write(const std::string& name, const double* data, const std::vector<std::size_t>& shape,
                     int compression) {
  impl_->write(name, data, shape, compression);
}

void Hdf5File::write(const std::string& name, const float* data, const std::vector<std::size_t>& shape,
                     int compression) {
  impl_->write(name, data, shape, compression);
}

void Hdf5File::attribute(const std::string& object, const std::string& name, const std::string& value) {
  impl_->attribute(object, name, impl_->text(value.size()),
                   impl_->check({H5Screate(H5S_SCALAR), H5Sclose}, "cannot be written"), value.c_str());
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

void Hdf5File::write(const std::string& name, const std::int64_t* data, const std::vector<std::size_t>& shape) {
  impl_->write(name, data, shape, 0);
}

void Hdf5File::write_bytes(const std::string& name, const std::string& bytes) {
  impl_->write(name, bytes.data(), {bytes.size()}, 0);
}

void Hdf5File::write_texts(const std::string& name, const std::vector<std::string>& texts) {
  std::size_t longest = 1;
  for (const std::string& text : texts) longest = std::max(longest, text.size());
  std::string bytes(longest * texts.size(), '\0');
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i].copy(bytes.data() + i * longest, longest);
  impl_->write(name, impl_->text(longest), bytes.data(), {texts.size()}, 0);
}

void Hdf5File::group(const std::string& name) {
  const std::string what = fmt::format("group {} cannot be written", name);
  const Handle links = impl_->check({H5Pcreate(H5P_LINK_CREATE), H5Pclose}, what);
  impl_->check(H5Pset_create_intermediate_group(links, 1), what);
  impl_->check(Handle(H5Gcreate2(impl_->file, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), H5Gclose), what);
  impl_->part->check(what);
}

void Hdf5File::publish() {
  impl_->check(impl_->file.close(), "cannot be written");
  PartFile& part = *impl_->part;
  if (impl_->has_label) {
    const std::uint64_t checksum = checksum_of(
        part.size(), [&](char* block, std::size_t count, std::uint64_t at) { part.read(block, count, at); });
    part.write(label(checksum, part.size() - label_size).data(), label_size, 0);
  }
  part.publish();
}

const fs::path& Hdf5File::path() const { return impl_->path; }

bool Hdf5File::has(const std::string& name) const {
  if (impl_->foreign)
    return !impl_->apart([&](const Hdf5File& in) { return std::string(in.has(name) ? 1 : 0, 'y'); }).empty();
  const Handle links = impl_->check({within_file(H5P_LINK_ACCESS), H5Pclose}, "cannot be read");
  return H5Oexists_by_name(impl_->file, name.c_str(), links) > 0;
}

std::vector<std::size_t> Hdf5File::shape(const std::string& name) const {
  if (impl_->foreign) return impl_->apart([&](const Hdf5File& in) { return in.shape(name); });
  const Handle dataset = impl_->open_dataset(name);
  const Handle space = impl_->check({H5Dget_space(dataset), H5Sclose}, "is damaged");
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0) impl_->fail("is damaged");
  std::vector<hsize_t> extents(rank);
  impl_->check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), "is damaged");
  return {extents.begin(), extents.end()};
}

std::vector<double> Hdf5File::read(const std::string& name) const {
  if (impl_->foreign) return impl_->apart([&](const Hdf5File& in) { return in.read(name); });
  const Handle dataset = impl_->open_dataset(name);
  const Handle space = impl_->check({H5Dget_space(dataset), H5Sclose}, "is damaged");
  const Handle type = impl_->check({H5Dget_type(dataset), H5Tclose}, "is damaged");
  const std::optional<std::size_t> count = count_of(space);
  if (!count || !is_number(type)) impl_->fail(fmt::format("dataset {} cannot be read as numbers", name));
  impl_->refuse_odd_storage(dataset, *count, name);
  std::vector<double> values(*count);
  impl_->check(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
               fmt::format("dataset {} cannot be read as numbers", name));
  return values;
}

void Hdf5File::read_into(const std::string& name, double* data, std::size_t count) const {
  impl_->read_into(name, data, count);
}

void Hdf5File::read_into(const std::string& name, float* data, std::size_t count) const {
  impl_->read_into(name, data, count);
}

void Hdf5File::read_into(const std::string& name, std::int64_t* data, std::size_t count) const {
  impl_->read_into(name, data, count);
}

std::string Hdf5File::read_bytes(const std::string& name) const {
  const std::vector<std::size_t> extents = shape(name);
  std::error_code none;
  if (extents.size() != 1 || extents.front() > fs::file_size(impl_->path, none))
    impl_->fail(fmt::format("dataset {} holds no bytes", name));
  std::string bytes(extents.front(), '\0');
  impl_->read_into(name, bytes.data(), bytes.size());
  return bytes;
}

std::vector<double> Hdf5File::read_numbers(const std::string& object, const std::string& name) const {
  if (impl_->foreign) return impl_->apart([&](const Hdf5File& in) { return in.read_numbers(object, name); });
  const Handle attribute = impl_->open_attribute(object, name);
  const Handle space = impl_->check({H5Aget_space(attribute), H5Sclose}, "is damaged");
  const Handle type = impl_->check({H5Aget_type(attribute), H5Tclose}, "is damaged");
  const std::optional<std::size_t> count = count_of(space);
  constexpr std::size_t most = 1 << 20;
  if (!count || *count > most || !is_number(type)) impl_->fail(fmt::format("attribute {} is no number", name));
  std::vector<double> values(*count);
  impl_->check(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()), fmt::format("attribute {} is no number", name));
  return values;
}

double Hdf5File::read_number(const std::string& object, const std::string& name) const {
  const std::vector<double> values = read_numbers(object, name);
  if (values.size() != 1) impl_->fail(fmt::format("attribute {} is not one number", name));
  return values.front();
}

std::string Hdf5File::read_text(const std::string& object, const std::string& name) const {
  if (impl_->foreign) return impl_->apart([&](const Hdf5File& in) { return in.read_text(object, name); });
  const Handle attribute = impl_->open_attribute(object, name);
  const Handle type = impl_->check({H5Aget_type(attribute), H5Tclose}, "is damaged");
  const Handle space = impl_->check({H5Aget_space(attribute), H5Sclose}, "is damaged");
  constexpr std::size_t longest = 1 << 24;
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 || H5Tget_size(type) > longest ||
      count_of(space) != 1)
    impl_->fail(fmt::format("attribute {} is no text", name));
  std::string value(H5Tget_size(type), '\0');
  impl_->check(H5Aread(attribute, type, value.data()), fmt::format("attribute {} cannot be read", name));
  value.resize(std::strlen(value.c_str()));
  return value;
}

std::vector<std::string> Hdf5File::datasets(const std::string& group) const {
  if (impl_->foreign) {
    // No name holds a null.
    const std::string all = impl_->apart([&](const Hdf5File& in) {
      std::string joined;
      for (const std::string& name : in.datasets(group)) (joined += name) += '\0';
      return joined;
    });
    std::vector<std::string> names;
    for (std::size_t at = 0; at < all.size(); at += names.back().size() + 1) names.emplace_back(all.c_str() + at);
    return names;
  }
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
