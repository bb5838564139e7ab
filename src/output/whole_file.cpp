#include "whole_file.hpp"

#include "../disk.hpp"

namespace spinode {

void write_whole(const std::filesystem::path& file, const std::string& text) {
  PartFile out(file);
  out.write(text.data(), text.size(), 0);
  out.publish();
}

}  // namespace spinode
