// A text file that is there as a whole or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace spinode {

/// Writes under a temporary name, then renames. Throws IoError.
void write_whole(const std::filesystem::path& file, const std::string& text);

}  // namespace spinode
