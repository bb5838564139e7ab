// The table of a study: a row per case, with what was varied, what came out, and how it ended.
#pragma once

#include <string>
#include <vector>

#include "spinode/study/study_folder.hpp"

namespace spinode {

struct StudyTable {
  struct Column {
    std::string name, unit;  // unit "" of plain numbers and texts
    bool numeric = false;
    std::vector<std::string> cells;  // "" where a case has no value
  };
  std::vector<Column> columns;

  /// Of what is there. Columns: case, the parameters, replica, state, failure; then those of the summaries by group and
  /// name, whichever case has them.
  static StudyTable of(const StudyFolder& folder);

  /// study.csv, with heads "name [unit]", and study.h5, a dataset for each column in the group /cases. Throws IoError.
  void write(const StudyFolder& folder) const;
};

}  // namespace spinode
