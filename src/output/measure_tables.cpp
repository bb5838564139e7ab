#include "spinode/output/measure_tables.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "spinode/error.hpp"

namespace spinode {

void MeasureTables::append(std::int64_t step, double time, const MeasureRow& row) {
  std::ofstream& out = table(row);
  out << step << fmt::format(",{}", time);
  // The sign of what is no number says nothing.
  for (const Reading& reading : row.readings)
    out << fmt::format(",{}", std::isnan(reading.value) ? std::abs(reading.value) : reading.value);
  out << std::endl;
  if (!out)
    throw IoError(
        fmt::format("{}: cannot be written: {}", (folder_ / (row.measure + ".csv")).string(), std::strerror(errno)));
}

std::ofstream& MeasureTables::table(const MeasureRow& row) {
  const auto [at, is_new] = tables_.try_emplace(row.measure);
  if (!is_new) return at->second;
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) throw IoError(fmt::format("{}: cannot be made: {}", folder_.string(), error.message()));
  std::ofstream& out = at->second;
  out.open(folder_ / (row.measure + ".csv"));
  out << fmt::format("step,time [{}]", dimensionless_ ? "1" : "s");
  for (const Reading& reading : row.readings)
    out << (reading.unit == "1" ? fmt::format(",{}", reading.name)
                                : fmt::format(",{} [{}]", reading.name, dimensionless_ ? "1" : reading.unit));
  out << "\n";
  return out;
}

}  // namespace spinode
