// Tables of measures over time, one CSV file per measure in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "spinode/measure/list.hpp"

namespace spinode {

/// Rows of the measures of one state.
struct MeasureRow {
  std::string measure;
  std::vector<Reading> readings;
};

/// Begins each table, with the names and units of its columns, at its first row. Every failure to write is an IoError
/// that names the file.
class MeasureTables {
 public:
  /// Makes the folder with the first row.
  MeasureTables(std::filesystem::path folder, bool dimensionless)
      : folder_(std::move(folder)), dimensionless_(dimensionless) {}

  /// time in s.
  void append(std::int64_t step, double time, const MeasureRow& row);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::ofstream& table(const MeasureRow& row);

  std::filesystem::path folder_;
  bool dimensionless_;
  std::map<std::string, std::ofstream> tables_;
};

}  // namespace spinode
