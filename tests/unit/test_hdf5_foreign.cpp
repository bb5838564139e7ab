// HDF5 files that others have written, or a disk has damaged: right values or an IoError, and no more memory than they
// need.
#include <fmt/format.h>
#include <hdf5.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>

#include "spinode/error.hpp"
#include "spinode/field.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/initial/list.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;
using spinode::test::TemporaryFolder;

namespace {

// Of the bytes that are changed: a child process takes its time.
#ifdef SPINODE_SANITIZE
constexpr std::size_t stride = 16;
#else
constexpr std::size_t stride = 4;
#endif

const Grid grid({{1, 6, Boundary::periodic}, {1, 4, Boundary::periodic}});

std::vector<double> values() {
  std::vector<double> x(grid.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.1 + 0.03 * static_cast<double>(i);
  return x;
}

/// The initial state in dataset /x, or the text of its IoError.
struct Outcome {
  std::vector<double> x;
  std::string error;
};

Outcome initial_state(const fs::path& path) {
  FileInitial initial;
  initial.file = path;
  initial.dataset = "/x";
  Field<double> x(grid);
  try {
    initial.fill(grid, x);
  } catch (const IoError& error) {
    return {{}, error.what()};
  }
  return {{x.data(), x.data() + x.size()}, ""};
}

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What is said of a file that `write` fills with the calls of HDF5 itself, without its path.
std::string refusal(const std::function<void(hid_t file)>& write) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  write(file);
  H5Fclose(file);
  const Outcome outcome = initial_state(path);
  const std::string prefix = path.string() + ": ";
  return outcome.error.starts_with(prefix) ? outcome.error.substr(prefix.size()) : "";
}

const std::vector<hsize_t> fitting{4, 6};

/// A dataset /x without values.
void make(hid_t file, hid_t type, const std::vector<hsize_t>& shape, hid_t properties = H5P_DEFAULT) {
  const std::vector<hsize_t> most(shape.size(), H5S_UNLIMITED);
  const bool chunked = properties != H5P_DEFAULT && H5Pget_layout(properties) == H5D_CHUNKED;
  const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), chunked ? most.data() : nullptr);
  H5Dclose(H5Dcreate2(file, "x", type, space, H5P_DEFAULT, properties, H5P_DEFAULT));
  H5Sclose(space);
}

}  // namespace

TEST_CASE("a file that is cut anywhere is an IoError; one with a changed byte is that, or has other values") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5";
  const std::vector<double> x = values();
  Hdf5File out = Hdf5File::create(path);
  out.write("/x", x.data(), {4, 6});
  out.publish();
  const std::string whole = contents(path);
  const auto outcome_of = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return initial_state(path);
  };
  REQUIRE(outcome_of(whole).x == x);
  std::vector<std::size_t> sizes{whole.size() - 1};
  for (std::size_t size = 0; size < whole.size(); size += 13 * stride) sizes.push_back(size);
  for (const std::size_t size : sizes) {
    INFO("cut to " << size << " of " << whole.size() << " bytes");
    CHECK(outcome_of(whole.substr(0, size)).error == path.string() + ": is not an HDF5 file, or is damaged");
  }
  const std::string data(reinterpret_cast<const char*>(x.data()), x.size() * sizeof(double));
  const std::size_t begin = whole.find(data), end = begin + data.size();
  REQUIRE(begin != whole.npos);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); at += stride) {
    const int flips = std::array{0xff, 0x01, 0x80}[at % 3];
    INFO("byte " << at << " of " << whole.size() << " with bits " << flips << " turned");
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ flips);
    const Outcome outcome = outcome_of(bytes);
    CHECK((outcome.x.size() == x.size()) != outcome.error.starts_with(path.string() + ": "));
    refused += outcome.x.empty();
    // A byte of the data changes its own value alone.
    std::size_t changed = 0;
    for (std::size_t i = 0; i < outcome.x.size(); ++i) changed += outcome.x[i] != x[i];
    if (at >= begin && at < end) CHECK(changed <= 1);
  }
  CHECK(refused > 100 / stride);
}

TEST_CASE("datasets that hold no numbers, or claim more than the domain needs, are refused") {
  CHECK(refusal([](hid_t file) {
          make(file, H5T_NATIVE_DOUBLE, {1u << 20, 1u << 20, 1u << 20});
        }) == "dataset /x has shape (1048576, 1048576, 1048576), the domain needs (1, 4, 6)");
  const std::string no_numbers = "dataset /x cannot be read as numbers";
  const auto refusal_of_type = [](hid_t type) { return refusal([&](hid_t file) { make(file, type, fitting); }); };
  const hid_t text = H5Tcopy(H5T_C_S1), ragged = H5Tvlen_create(H5T_NATIVE_DOUBLE),
              pair = H5Tcreate(H5T_COMPOUND, 2 * sizeof(double));
  H5Tset_size(text, H5T_VARIABLE);
  H5Tinsert(pair, "a", 0, H5T_NATIVE_DOUBLE);
  H5Tinsert(pair, "b", sizeof(double), H5T_NATIVE_DOUBLE);
  const hsize_t three = 3;
  for (const hid_t type : {text, ragged, pair, H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &three), H5Tcopy(H5T_STD_REF_OBJ),
                           H5Tcreate(H5T_OPAQUE, 8)}) {
    CHECK(refusal_of_type(type) == no_numbers);
    H5Tclose(type);
  }
}

TEST_CASE("what lies in other files, needs more memory than its values or a foreign filter, is refused") {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  const auto refusal_of_storage = [&] {
    return refusal([&](hid_t file) { make(file, H5T_NATIVE_DOUBLE, fitting, properties); });
  };
  H5Pset_external(properties, "/dev/zero", 0, H5F_UNLIMITED);
  CHECK(refusal_of_storage() == "dataset /x lies in other files, or is damaged");
  const hid_t chunked = H5Pcreate(H5P_DATASET_CREATE);
  const auto refusal_of_chunk = [&](const std::vector<hsize_t>& chunk) {
    H5Pset_chunk(chunked, static_cast<int>(chunk.size()), chunk.data());
    return refusal([&](hid_t file) { make(file, H5T_NATIVE_DOUBLE, fitting, chunked); });
  };
  CHECK(refusal_of_chunk({1 << 14, 1 << 14}) == "dataset /x has chunks larger than itself");
  CHECK(refusal_of_chunk({2, 6}).empty());
  H5Pset_scaleoffset(chunked, H5Z_SO_FLOAT_DSCALE, 3);
  CHECK(refusal_of_chunk({2, 6}) == "dataset /x is compressed by other means than gzip");
  H5Pclose(chunked);
  H5Pclose(properties);

  // A link to itself, and one into another file.
  const std::string none = "has no dataset /x";
  CHECK(refusal([](hid_t file) { H5Lcreate_soft("/x", file, "x", H5P_DEFAULT, H5P_DEFAULT); }) == none);
  const TemporaryFolder folder;
  const fs::path other = folder.path() / "other.h5";
  Hdf5File out = Hdf5File::create(other);
  out.write("/x", values().data(), {4, 6});
  out.publish();
  CHECK(refusal([&](hid_t file) { H5Lcreate_external(other.c_str(), "/x", file, "x", H5P_DEFAULT, H5P_DEFAULT); }) ==
        none);
}

TEST_CASE("attributes that are no number or text, or many, are refused") {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "x.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const auto add = [&](const char* name, hid_t type, const std::vector<hsize_t>& shape) {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    H5Aclose(H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Sclose(space);
  };
  const hid_t eight = H5Tcopy(H5T_C_S1), pair = H5Tcreate(H5T_COMPOUND, 8);
  H5Tset_size(eight, 8);
  H5Tinsert(pair, "a", 0, H5T_NATIVE_FLOAT);
  add("texts", eight, {1000});
  add("pair", pair, {1});
  H5Fclose(file);
  const Hdf5File in = Hdf5File::open(path);
  const auto fails = [&](const std::string& what) { return Catch::Matchers::Message(path.string() + ": " + what); };
  CHECK_THROWS_MATCHES(in.read_text("/", "texts"), IoError, fails("attribute texts is no text"));
  CHECK_THROWS_MATCHES(in.read_numbers("/", "pair"), IoError, fails("attribute pair is no number"));
}
