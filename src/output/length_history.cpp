#include "length_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

#include "../config_layers.hpp"
#include "spinode/error.hpp"

namespace spinode {

LengthHistory read_length_history(const std::filesystem::path& file) {
  std::ifstream in(file);
  const auto cells_of = [](const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell.substr(0, cell.find(' ')));
    return cells;
  };
  std::string line;
  if (!std::getline(in, line)) throw IoError(fmt::format("{}: cannot be read", file.string()));
  const std::vector<std::string> header = cells_of(line);
  LengthHistory history;
  std::vector<std::pair<std::size_t, std::vector<double>*>> columns;
  for (const auto& [name, values] :
       {std::pair{"time", &history.time}, {"length", &history.length}, {"x_deviation", &history.deviation}}) {
    const auto at = std::find(header.begin(), header.end(), name);
    if (at == header.end()) throw IoError(fmt::format("{}: has no column {}", file.string(), name));
    columns.emplace_back(at - header.begin(), values);
  }
  // A line without its end is a row that is being written.
  for (std::size_t number = 2; std::getline(in, line) && !in.eof(); ++number) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != header.size())
      throw IoError(fmt::format("{}:{}: {} cells: expected {}", file.string(), number, cells.size(), header.size()));
    for (const auto& [column, values] : columns) {
      double value = 0;
      const std::string& cell = cells[column];
      const char* const end = cell.data() + cell.size();
      if (const auto [rest, status] = std::from_chars(cell.data(), end, value); status != std::errc{} || rest != end)
        throw IoError(fmt::format("{}:{}: holds {}, expected a number", file.string(), number, in_quotes(cell)));
      values->push_back(value);
    }
  }
  return history;
}

}  // namespace spinode
