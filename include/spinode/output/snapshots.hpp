// The snapshots of a run, VTKHDF and plain HDF5 in one, and their index over time for ParaView.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "spinode/case.hpp"
#include "spinode/thermo/phases.hpp"

namespace spinode {

class Archive;

/// Every failure to write is an IoError that names the file.
class Snapshots {
 public:
  /// In `folder`/snapshots, which is there; the index in `folder`.
  Snapshots(std::filesystem::path folder, const Case& config) : folder_(std::move(folder)), case_(&config) {}

  struct Stamp {
    std::int64_t step = 0;
    double time = 0, temperature = 0;  // s, K
  };
  /// One field per component.
  using FieldValues = std::function<std::vector<Field<double>>(const OutputField&)>;
  /// Writes the fields of the case on a grid in m, asking for the values of one after the other, and the compositions
  /// of the phases at that temperature.
  void write(const Stamp& now, const Grid& grid, const Phases& phases, const FieldValues& values);
  void write_index() const;

  std::size_t size() const { return entries_.size(); }
  std::filesystem::path index_file() const;
  /// Whether a file comes after those that were written.
  bool is_later(const std::filesystem::path& snapshot) const;
  /// What is in the index. On reading, no file is touched.
  void serialize(Archive& archive);

 private:
  struct Entry {
    double time = 0, thickness = 0;  // s, m
    bool single_precision = true;
    std::vector<OutputField> fields = {};

    template <class A>
    void serialize(A& archive) {
      archive("time", time);
      archive("thickness", thickness);
      archive("single_precision", single_precision, 2);
    }
  };

  std::string file(std::size_t i) const;

  std::filesystem::path folder_;
  const Case* case_;
  std::vector<Entry> entries_;
};

}  // namespace spinode
