#include "spinode/archive.hpp"

#include <fmt/format.h>

#include "spinode/error.hpp"

namespace spinode {

void Archive::damaged(const std::string& name) const {
  throw IoError(fmt::format("{}: holds no valid {}{}", file_->path().string(), within_, name));
}

void Archive::operator()(const std::string& name, double& value) {
  if (reads())
    value = file_->read_number("/", within_ + name);
  else
    file_->attribute("/", within_ + name, value);
}

std::int64_t Archive::whole(const std::string& name, std::int64_t value, std::uint64_t limit) {
  if (!reads()) {
    file_->attribute("/", within_ + name, value);
    return value;
  }
  const double number = file_->read_number("/", within_ + name);
  if (!(number >= 0 && number < static_cast<double>(limit))) damaged(name);
  return static_cast<std::int64_t>(number);
}

void Archive::operator()(const std::string& name, std::string& text) {
  if (reads())
    text = file_->read_bytes(within_ + name);
  else
    file_->write_bytes(within_ + name, text);
}

void Archive::operator()(const std::string& name, std::vector<double>& values) {
  std::size_t count = values.size();
  (*this)(name + "/count", count);
  if (reads()) values = count > 0 ? file_->read(within_ + name) : std::vector<double>{};
  if (values.size() != count) damaged(name);
  if (!reads() && count > 0) file_->write(within_ + name, values.data(), {count});
}

void Archive::operator()(const std::string& name, std::vector<std::string>& texts) {
  std::size_t count = texts.size();
  (*this)(name + "/count", count);
  // Each text is there, or the file does not hold it: no number in it makes room for texts.
  if (reads()) texts.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (reads()) texts.emplace_back();
    (*this)(fmt::format("{}/{}", name, i), texts[i]);
  }
}

template <class Real>
void Archive::operator()(const std::string& name, Array<Real>& values) {
  if (reads())
    file_->read_into(within_ + name, values.data(), values.size());
  else
    file_->write(within_ + name, values.data(), {values.size()});
}

void Archive::operator()(const std::string& name, Tensor& tensor) {
  std::vector<double> values(tensor.data(), tensor.data() + tensor.size());
  (*this)(name, values);
  if (values.size() != static_cast<std::size_t>(tensor.size())) damaged(name);
  std::copy(values.begin(), values.end(), tensor.data());
}

void Archive::operator()(const std::string& name, TensorField& field) {
  for (std::size_t c = 0; c < field.size(); ++c) (*this)(fmt::format("{}/{}", name, c), field[c]);
}

template void Archive::operator()(const std::string&, Array<float>&);
template void Archive::operator()(const std::string&, Array<double>&);

}  // namespace spinode
