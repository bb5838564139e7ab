#include "spinode/study/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "../output/whole_file.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/version.hpp"
#include "summary.hpp"

namespace spinode {
namespace {

/// A cell of a CSV file (RFC 4180).
std::string csv(const std::string& cell) {
  if (cell.find_first_of(",\"\n\r") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

/// What was predicted, the final state, each measure, the law of coarsening, and how the run went.
int group(const std::string& name) {
  const std::string head = name.substr(0, name.find('.'));
  if (head == "predicted") return 0;
  if (head == "final") return 1;
  if (head == "coarsening") return 3;
  if (head == "protocol") return 4;
  if (head == "steps" || head == "threads_used" || head == "wall_time" || head == "version") return 5;
  return 2;
}

}  // namespace

StudyTable StudyTable::of(const StudyFolder& folder) {
  const Design& design = folder.design();
  const std::size_t cases = design.cases();
  StudyTable table;
  const auto column = [&](const std::string& name, const std::string& unit, bool numeric) -> std::vector<std::string>& {
    return table.columns.emplace_back(Column{name, unit, numeric, std::vector<std::string>(cases)}).cells;
  };
  std::vector<std::string>& number = column("case", "", true);
  for (std::size_t i = 0; i < cases; ++i) number[i] = std::to_string(i + 1);
  for (std::size_t p = 0; p < design.parameters.size(); ++p) {
    const Parameter& parameter = design.parameters[p];
    std::vector<std::string>& cells = column(parameter.key, parameter.unit, parameter.numeric);
    for (std::size_t i = 0; i < cases; ++i) cells[i] = parameter.values[design.levels(i)[p]];
  }
  std::vector<std::string>& replica = column("replica", "", true);
  for (std::size_t i = 0; i < cases; ++i) replica[i] = std::to_string(design.replica(i));

  std::vector<std::string> states(cases), failures(cases);
  std::map<std::tuple<int, std::string, std::string>, Column> results;  // by group, name and unit
  for (std::size_t i = 0; i < cases; ++i) {
    const CaseState state = folder.state(i);
    states[i] = name(state.stage);
    failures[i] = state.failure;
    if (!folder.settled(i)) continue;
    for (Summary::Value& value : Summary::read(folder.summary_file(i)).values) {
      Column& cells = results[{group(value.name), value.name, value.unit}];
      if (cells.cells.empty()) cells = {value.name, value.unit, value.numeric, std::vector<std::string>(cases)};
      cells.cells[i] = std::move(value.text);
    }
  }
  column("state", "", false) = std::move(states);
  column("failure", "", false) = std::move(failures);
  for (auto& [key, cells] : results) table.columns.push_back(std::move(cells));
  return table;
}

void StudyTable::write(const StudyFolder& folder) const {
  const std::size_t rows = columns.front().cells.size();
  std::vector<std::string> head;
  for (const Column& column : columns)
    head.push_back(csv(column.unit.empty() ? column.name : fmt::format("{} [{}]", column.name, column.unit)));
  std::string text = fmt::format("{}\n", fmt::join(head, ","));
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t c = 0; c < columns.size(); ++c)
      text += fmt::format("{}{}", c > 0 ? "," : "", csv(columns[c].cells[row]));
    text += "\n";
  }
  write_whole(folder.path() / "study.csv", text);

  Hdf5File out = Hdf5File::create(folder.path() / "study.h5");
  out.group("/cases");
  out.attribute("/", "name", folder.design().name);
  out.attribute("/", "spinode_version", std::string(version()));
  std::set<std::string> names;
  for (const Column& column : columns) {
    // Energies are per area in 1D and per length in 2D: a study may have both.
    const bool taken = !names.insert(column.name).second;
    const std::string dataset = fmt::format("/cases/{}{}", column.name, taken ? fmt::format(" [{}]", column.unit) : "");
    if (column.numeric) {
      std::vector<double> numbers(rows, std::numeric_limits<double>::quiet_NaN());
      for (std::size_t row = 0; row < rows; ++row)
        std::from_chars(column.cells[row].data(), column.cells[row].data() + column.cells[row].size(), numbers[row]);
      out.write(dataset, numbers.data(), {rows});
    } else {
      out.write_texts(dataset, column.cells);
    }
    out.attribute(dataset, "unit", column.unit);
  }
  out.publish();
}

}  // namespace spinode
