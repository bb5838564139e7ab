// The phase diagram of a system over temperature: chemical, and with the elastic energy of coherent phases (Cahn 1961).
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spinode/system.hpp"
#include "spinode/thermo/critical_point.hpp"
#include "spinode/thermo/phase_diagram.hpp"

namespace spinode {

/// Which elastic energy is added.
struct DiagramKind {
  std::string name;                // "chemical", "coherent-isotropic", "coherent-cubic"
  double elastic = 0;              // V_m B/2 along the softest direction at x = 0 [J/mol]
  Polynomial elastic_energy = {};  // along that direction, elastic x^2 where moduli do not vary [J/mol]
  Eigen::Vector3d softest = Eigen::Vector3d::Zero();
  std::vector<std::pair<std::string, Polynomial>> directions =
      {};  // "<100>" and the energy along it; of cubic crystals
};

/// A system and the kinds that its diagram has.
struct Alloy {
  System system;
  std::vector<DiagramKind> kinds;

  /// `elasticity`: "none", "isotropic", "cubic", or "all" for every one that the file has constants for. Faults are
  /// left to Config::finish().
  static Alloy read(Config& config, const std::string& elasticity);

  /// T in K.
  FreeEnergy G(const DiagramKind& kind, double T) const { return system.chemical(T).plus(kind.elastic_energy); }
};

/// Binodals and spinodals at one temperature.
struct PhaseBoundaries {
  double T;  // K
  std::vector<MiscibilityGap> gaps;
  std::vector<Interval> spinodals;

  /// Host-side binodal, host-side and solute-side spinodal, solute-side binodal; NaN where there is none. One row for
  /// each gap, with the first spinodal inside it, and one without binodals for each further spinodal; one of NaN for
  /// nothing at all.
  std::vector<std::array<double, 4>> rows() const;
};

/// In the order of `temperatures` [K].
std::vector<PhaseBoundaries> phase_boundaries(const Alloy& alloy, const DiagramKind& kind,
                                              const std::vector<double>& temperatures);

/// From 1 K to 10,000 K; none for an energy that does not depend on temperature.
std::vector<CriticalPoint> critical_points(const Alloy& alloy, const DiagramKind& kind);

/// Quantiles 0.025, 0.16, 0.5, 0.84, 0.975 of a boundary over samples, and the share of samples that have it.
struct Band {
  std::array<double, 5> quantiles;
  double share;
};

/// Bands of the four boundaries of the widest gap, by kind and temperature, and of the highest stable critical
/// temperature [K] by kind.
struct DiagramBands {
  std::vector<std::vector<std::array<Band, 4>>> boundaries;
  std::vector<Band> critical_temperature;
  std::size_t samples, left_out;  // draws outside the bounds of their keys are left out
};

/// `config` with nothing read from it; draws as Config::sample makes them.
DiagramBands diagram_bands(const Config& config, const std::string& elasticity, const std::vector<double>& temperatures,
                           std::size_t samples, std::uint64_t seed);

/// A worked-out diagram; vectors by kind follow alloy.kinds.
struct Diagram {
  Alloy alloy;
  std::vector<double> temperatures;                      // K
  std::vector<std::vector<PhaseBoundaries>> boundaries;  // by kind and temperature
  std::vector<std::vector<CriticalPoint>> critical_points;
  double chosen_T;                         // K, of the summary and the energy curves
  std::vector<PhaseBoundaries> at_chosen;  // by kind
  std::optional<DiagramBands> bands;

  static Diagram of(Alloy alloy, std::vector<double> temperatures, double chosen_T);
};

}  // namespace spinode
