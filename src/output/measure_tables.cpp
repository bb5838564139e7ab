#include "spinode/output/measure_tables.hpp"

#include <fmt/format.h>

#include <cmath>

#include "spinode/error.hpp"

namespace spinode {

namespace fs = std::filesystem;

void MeasureTables::append(std::int64_t step, double time, const MeasureRow& row) {
  std::string line = fmt::format("{},{}", step, time);
  // The sign of what is no number says nothing.
  for (const Reading& reading : row.readings)
    line += fmt::format(",{}", std::isnan(reading.value) ? std::abs(reading.value) : reading.value);
  table(row).append(line);
}

AppendedFile& MeasureTables::table(const MeasureRow& row) {
  const auto found = tables_.find(row.measure);
  if (found != tables_.end()) return found->second;
  std::error_code error;
  fs::create_directories(folder_, error);
  if (error) throw IoError(fmt::format("{}: cannot be made: {}", folder_.string(), error.message()));
  std::string header = fmt::format("step,time [{}]", dimensionless_ ? "1" : "s");
  for (const Reading& reading : row.readings)
    header += reading.unit == "1" ? fmt::format(",{}", reading.name)
                                  : fmt::format(",{} [{}]", reading.name, dimensionless_ ? "1" : reading.unit);
  return tables_.emplace(row.measure, AppendedFile::create(file_of(row.measure), header)).first->second;
}

std::map<std::string, std::uint64_t> MeasureTables::sizes() const {
  std::map<std::string, std::uint64_t> sizes;
  for (const auto& [measure, file] : tables_) sizes.emplace(measure, file.size());
  return sizes;
}

void MeasureTables::restore(const std::map<std::string, std::uint64_t>& sizes) {
  tables_.clear();
  std::error_code error;
  const auto check = [&](const fs::path& path, const char* what) {
    if (error) throw IoError(fmt::format("{}: {}: {}", path.string(), what, error.message()));
  };
  fs::directory_iterator at(folder_, error);
  if (error == std::errc::no_such_file_or_directory) error.clear();
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    const fs::path& file = at->path();
    const bool table = file.extension() == ".csv";
    if (!table && file.extension() != ".part") continue;
    if (const auto found = sizes.find(file.stem().string()); table && found != sizes.end()) {
      tables_.emplace(found->first, AppendedFile::reopen(file, found->second));
      continue;
    }
    fs::remove(file, error);
    check(file, "cannot be removed");
  }
  check(folder_, "cannot be read");
  for (const auto& [measure, size] : sizes)
    if (!tables_.contains(measure)) throw IoError(fmt::format("{}: is missing", file_of(measure).string()));
}

void MeasureTables::sync() {
  for (auto& [measure, file] : tables_) file.sync();
}

std::filesystem::path MeasureTables::file_of(const std::string& measure) const {
  return folder_ / fmt::format("{}.csv", measure);
}

}  // namespace spinode
