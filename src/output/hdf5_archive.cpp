#include "spinode/output/hdf5_archive.hpp"

#include <fmt/format.h>

#include "spinode/error.hpp"

namespace spinode {

void Hdf5Archive::damaged(const std::string& path) const {
  throw IoError(fmt::format("{}: holds no valid {}", file_->path().string(), path));
}

void Hdf5Archive::number(const std::string& path, double& value) {
  if (reads())
    value = file_->read_number("/", path);
  else
    file_->attribute("/", path, value);
}

void Hdf5Archive::whole(const std::string& path, std::int64_t& value) {
  if (!reads()) {
    file_->attribute("/", path, value);
    return;
  }
  const double number = file_->read_number("/", path);
  if (!(number >= 0 && number < 0x1p53)) damaged(path);
  value = static_cast<std::int64_t>(number);
}

void Hdf5Archive::text(const std::string& path, std::string& value) {
  if (reads())
    value = file_->read_bytes(path);
  else
    file_->write_bytes(path, value);
}

void Hdf5Archive::numbers(const std::string& path, std::vector<double>& values, std::size_t count) {
  if (reads()) {
    values = count > 0 ? file_->read(path) : std::vector<double>{};
    if (values.size() != count) damaged(path);
  } else if (count > 0) {
    file_->write(path, values.data(), {count});
  }
}

void Hdf5Archive::array(const std::string& path, double* values, std::size_t count) {
  if (reads())
    file_->read_into(path, values, count);
  else
    file_->write(path, values, {count});
}

void Hdf5Archive::array(const std::string& path, float* values, std::size_t count) {
  if (reads())
    file_->read_into(path, values, count);
  else
    file_->write(path, values, {count});
}

}  // namespace spinode
