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
  double mean(const Grid&) const { return x; }
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

/// What states of two phases share.
struct TwoPhases {
  double fraction;  // of the solute-rich phase
  double x_solute, x_host;
  double edge;  // width of the interfaces, (x_solute - x_host)/max|dx/dr| [m]; 0: sharp

  static TwoPhases read(Config& config);
  /// Where the solute-rich phase has this share.
  double x(double share) const { return x_host + share * (x_solute - x_host); }
};

/// A stack of layers of two compositions, a solute-rich one first, which starts where the axis does. The mean over each
/// cell is exact; beyond no-flux faces the stack is mirrored.
struct LayersInitial {
  static constexpr const char* name = "layers";
  static constexpr const char* help = "a stack of layers of two compositions, a solute-rich one first";

  TwoPhases phases;
  std::string axis;
  int layers;

  static LayersInitial read(Config& config);
  /// That of the field, which `edge` does not change. Throws as fill() does.
  double mean(const Grid& grid) const;
  /// Throws ConfigError when the grid has no such axis, or the interfaces are far wider than it.
  void fill(const Grid& grid, Field<double>& field) const;

 private:
  int axis_in(const Grid& grid) const;
};

/// Particles of one radius (spheres, discs in 2D) in a host: centres at random (Philox: Salmon et al. 2011), one after
/// the other, those that would overlap left out (random sequential addition) or kept. Their share is as near to the
/// fraction as half a particle. Periodic axes continue them, no-flux faces cut them; sharp ones fill cells by 4 samples
/// an axis.
struct SpheresInitial {
  static constexpr const char* name = "spheres";
  static constexpr const char* help = "particles at random places, spheres (discs in 2D) of one radius";

  TwoPhases phases;
  double radius;  // m
  bool overlap;
  std::uint64_t seed;

  static SpheresInitial read(Config& config);
  /// Throws ConfigError when the particles or their interfaces are too large for the box, or cannot reach the fraction.
  void fill(const Grid& grid, Field<double>& field) const;
};

using InitialModels = ModelList<UniformInitial, FileInitial, LayersInitial, SpheresInitial>;

}  // namespace spinode
