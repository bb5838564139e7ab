#include "whole_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "spinode/error.hpp"

namespace spinode {

void write_whole(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path temporary = file.string() + ".part";
  std::ofstream out(temporary, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(temporary, file, error);
  if (!out || error)
    throw IoError(
        fmt::format("{}: cannot be written: {}", file.string(), error ? error.message() : std::strerror(errno)));
}

}  // namespace spinode
