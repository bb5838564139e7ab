// Tables of measures over time, one CSV file per measure in a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "spinode/measure/list.hpp"
#include "spinode/output/appended_file.hpp"

namespace spinode {

/// Rows of the measures of one state.
struct MeasureRow {
  std::string measure;
  std::vector<Reading> readings;
};

/// Begins each table, with the names and units of its columns, at its first row. Every failure is an IoError that names
/// the file.
class MeasureTables {
 public:
  /// Makes the folder with the first row.
  MeasureTables(std::filesystem::path folder, bool dimensionless)
      : folder_(std::move(folder)), dimensionless_(dimensionless) {}

  /// time in s.
  void append(std::int64_t step, double time, const MeasureRow& row);

  const std::filesystem::path& folder() const { return folder_; }

  /// Bytes of the table of each measure.
  std::map<std::string, std::uint64_t> sizes() const;
  /// Cuts the tables in the folder back to these sizes and removes the others.
  void restore(const std::map<std::string, std::uint64_t>& sizes);
  /// Sees that every row is on the disk.
  void sync();

 private:
  AppendedFile& table(const MeasureRow& row);
  std::filesystem::path file_of(const std::string& measure) const;

  std::filesystem::path folder_;
  bool dimensionless_;
  std::map<std::string, AppendedFile> tables_;
};

}  // namespace spinode
