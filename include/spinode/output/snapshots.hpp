// The snapshots of a run, VTKHDF and plain HDF5 in one, and their index over time for ParaView.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
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
  /// A state as a file holds it.
  struct State {
    Stamp stamp;
    Grid grid;      // m
    Phases phases;  // at the temperature of the stamp
    /// Of each field of the case: the components of a cell side by side, as often as the image has layers of it.
    std::vector<std::variant<Array<float>, Array<double>>> values = {};
  };
  /// Copies the next field of the case, one array per component, in numbers that are `unit` in those of the file.
  template <class Real>
  void copy(std::span<const Field<Real>> components, double unit, State& state) const;
  void write(const State& state);
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
