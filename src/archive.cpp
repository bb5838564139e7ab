#include "spinode/archive.hpp"

#include <fmt/format.h>

namespace spinode {

void Archive::operator()(const std::string& name, double& value) { number(path_of(name), value); }

void Archive::operator()(const std::string& name, std::string& value) { text(path_of(name), value); }

void Archive::operator()(const std::string& name, std::vector<double>& values) {
  std::size_t count = values.size();
  (*this)(name + "/count", count);
  numbers(path_of(name), values, count);
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

}  // namespace spinode
