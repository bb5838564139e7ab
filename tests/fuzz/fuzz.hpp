// What fuzz targets share: an input as a file, and the errors that it may end with.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "spinode/error.hpp"

namespace spinode::fuzz {

/// A file that holds an input for as long as this object lives.
class InputFile {
 public:
  explicit InputFile(std::string_view bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "spinode-fuzz-XXXXXX").string();
    const int descriptor = mkstemp(name.data());
    path_ = name;
    const bool written =
        descriptor >= 0 && ::write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
    ::close(descriptor);
    if (!written) throw std::system_error(errno, std::generic_category());
  }
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;
  ~InputFile() { ::unlink(path_.c_str()); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The text up to a line end, which is then cut off.
inline std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

/// Runs `body`; any exception other than the three that end spinode with a message is a finding, and so is one of
/// these without a message.
template <class Body>
void expect_named_errors(Body body) {
  const auto has_message = [](const std::exception& error) {
    if (std::string_view(error.what()).empty()) std::abort();
  };
  try {
    body();
  } catch (const ConfigError& error) {
    has_message(error);
  } catch (const IoError& error) {
    has_message(error);
  } catch (const NumericalError& error) {
    has_message(error);
  }
}

}  // namespace spinode::fuzz
