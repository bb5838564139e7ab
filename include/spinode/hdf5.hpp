// HDF5 files with the few things that spinode needs of them; nothing but src/hdf5*.cpp names the HDF5 library.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace spinode {

/// Every failure is an IoError that names the file.
class Hdf5File {
 public:
  /// Opens an existing file for reading.
  static Hdf5File open(const std::filesystem::path& path);
  /// Begins a file under a temporary name beside `path`; publish() gives it its own.
  static Hdf5File create(const std::filesystem::path& path);
  /// The same with a checksum of all bytes (XXH3, 64 bit) in a line of text at the file's start, where HDF5 leaves 512
  /// bytes to others. It is verified before HDF5 reads a byte: a file cut or changed in any way "is damaged".
  static Hdf5File open_checked(const std::filesystem::path& path);
  static Hdf5File create_checked(const std::filesystem::path& path);

  Hdf5File(Hdf5File&&) noexcept;
  Hdf5File& operator=(Hdf5File&&) noexcept;
  /// A file that was created and not published is removed.
  ~Hdf5File();

  /// Writes a dataset of doubles or floats, the last extent fastest, making the groups on its path.
  /// compression: 0 (none) to 9, gzip after a byte shuffle.
  void write(const std::string& name, const double* data, const std::vector<std::size_t>& shape, int compression = 0);
  void write(const std::string& name, const float* data, const std::vector<std::size_t>& shape, int compression = 0);
  void write(const std::string& name, const std::int64_t* data, const std::vector<std::size_t>& shape);
  /// A dataset of bytes, for texts longer than the 64 kB of an attribute.
  void write_bytes(const std::string& name, const std::string& bytes);
  /// A list of texts, each padded with zeros to the length of the longest.
  void write_texts(const std::string& name, const std::vector<std::string>& texts);
  /// An empty group.
  void group(const std::string& name);

  /// Attributes of the group or dataset `object`; texts are fixed-length ASCII, as ParaView demands.
  void attribute(const std::string& object, const std::string& name, const std::string& value);
  void attribute(const std::string& object, const std::string& name, const std::vector<double>& values);
  void attribute(const std::string& object, const std::string& name, const std::vector<std::int64_t>& values);
  /// One number, as a scalar.
  void attribute(const std::string& object, const std::string& name, double value);
  void attribute(const std::string& object, const std::string& name, std::int64_t value);

  /// Closes the file, sees that it is on the disk, and renames it. Failures of the operating system that came up before
  /// are told here at the latest.
  void publish();

  const std::filesystem::path& path() const;
  bool has(const std::string& name) const;
  std::vector<std::size_t> shape(const std::string& dataset) const;
  std::vector<double> read(const std::string& dataset) const;
  /// Bit for bit what write() was given: exactly `count` values, of the same type.
  void read_into(const std::string& dataset, double* data, std::size_t count) const;
  void read_into(const std::string& dataset, float* data, std::size_t count) const;
  void read_into(const std::string& dataset, std::int64_t* data, std::size_t count) const;
  std::string read_bytes(const std::string& dataset) const;
  double read_number(const std::string& object, const std::string& name) const;
  std::string read_text(const std::string& object, const std::string& name) const;
  std::vector<double> read_numbers(const std::string& object, const std::string& name) const;
  /// Names of the datasets of a group.
  std::vector<std::string> datasets(const std::string& group) const;

 private:
  struct Impl;
  explicit Hdf5File(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace spinode
