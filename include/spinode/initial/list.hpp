// The initial states that a case can choose.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "spinode/field.hpp"
#include "spinode/model_list.hpp"

namespace spinode {

/// x0 plus Gaussian noise, one counter-based random number per cell (Philox: Salmon et al. 2011), so that a seed gives
/// the same field whatever the number of threads. The mean is x0 exactly.
struct UniformInitial {
  static constexpr const char* name = "uniform";
  static constexpr const char* help = "a composition plus Gaussian noise of one value per cell";

  double x, noise;
  std::uint64_t seed;

  static UniformInitial read(Config& config);
  void fill(const Grid& grid, Field<double>& field) const;
};

/// A dataset of an HDF5 file, such as a snapshot of an earlier run.
struct FileInitial {
  static constexpr const char* name = "file";
  static constexpr const char* help = "a dataset of an HDF5 file, shape (nz, ny, nx), such as a snapshot";

  std::filesystem::path file;
  std::string dataset;

  static FileInitial read(Config& config);
  /// Throws IoError when the dataset cannot be read, has another shape, or holds values that are not finite.
  void fill(const Grid& grid, Field<double>& field) const;
};

using InitialModels = ModelList<UniformInitial, FileInitial>;

}  // namespace spinode
