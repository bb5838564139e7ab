#include "spinode/diagram.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "spinode/case.hpp"
#include "spinode/elasticity/coherency.hpp"
#include "spinode/elasticity/list.hpp"
#include "spinode/error.hpp"

namespace spinode {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<double, 4> no_row{none, none, none, none};

/// Moduli per mole; NaN until the faults of the file are told.
template <class Model>
DiagramKind coherent(Config& config, const Model& model, const Lattice& lattice) {
  DiagramKind kind{.name = std::string("coherent-") + Model::name};
  const double V_m = lattice.V_m.value_or(none);
  Medium medium = *model.medium(lattice.chi.value_or(none));
  medium.to_grid.setIdentity();  // directions are those of the crystal
  if (!std::isfinite(V_m * medium.chi) || !medium.stiffness(0).positive_definite() ||
      !medium.stiffness(1).positive_definite())
    return kind;
  const SoftestDirection softest = softest_direction(CoherencyModulus(medium.stiffness(0.5), medium.chi), 3);
  kind.elastic = V_m * CoherencyModulus(medium.stiffness(0), medium.chi)(softest.direction) / 2;
  kind.softest = softest.direction;
  try {
    kind.elastic_energy = coherent_energy(medium, softest.direction, V_m);
    if (std::is_same_v<Model, CubicElasticity>)
      for (const auto& [label, n] : {std::pair{"<100>", Eigen::Vector3d(1, 0, 0)},
                                     {"<110>", Eigen::Vector3d(1, 1, 0)},
                                     {"<111>", Eigen::Vector3d(1, 1, 1)}})
        kind.directions.emplace_back(label, coherent_energy(medium, n, V_m));
  } catch (const std::domain_error& error) {
    config.fault("elasticity.moduli", std::string("a diagram cannot have ") + error.what());
  }
  return kind;
}

/// The row of the widest gap, or of the widest spinodal.
std::array<double, 4> widest(const PhaseBoundaries& boundaries) {
  const auto width = [](const std::array<double, 4>& row) {
    return std::isnan(row[0]) ? std::isnan(row[1]) ? -2 : row[2] - row[1] - 2 : row[3] - row[0];
  };
  const std::vector<std::array<double, 4>> rows = boundaries.rows();
  return *std::max_element(rows.begin(), rows.end(), [&](const auto& a, const auto& b) { return width(a) < width(b); });
}

/// By linear interpolation between order statistics; NaN among the values stands for a sample that has none.
Band band_of(std::vector<double> values) {
  const std::size_t all = values.size();
  std::erase_if(values, [](double value) { return std::isnan(value); });
  Band band{.quantiles = {none, none, none, none, none}, .share = 0};
  if (values.empty()) return band;
  std::sort(values.begin(), values.end());
  constexpr std::array levels{0.025, 0.16, 0.5, 0.84, 0.975};
  for (std::size_t q = 0; q < levels.size(); ++q) {
    const double position = levels[q] * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const double above = values[std::min(below + 1, values.size() - 1)];
    band.quantiles[q] = values[below] + (position - static_cast<double>(below)) * (above - values[below]);
  }
  band.share = static_cast<double>(values.size()) / static_cast<double>(all);
  return band;
}

}  // namespace

Alloy Alloy::read(Config& config, const std::string& elasticity) {
  Alloy alloy{.system = System::read(config), .kinds = {{.name = "chemical"}}};
  const Lattice& lattice = alloy.system.lattice;
  const bool all = elasticity == "all";
  if (elasticity == IsotropicElasticity::name || (all && config.has("elasticity.E"))) {
    alloy.kinds.push_back(coherent(config, IsotropicElasticity::read(config), lattice));
  }
  if (elasticity == CubicElasticity::name || (all && config.has("elasticity.C11"))) {
    alloy.kinds.push_back(coherent(config, CubicElasticity::read(config), lattice));
  }
  if (alloy.kinds.size() > 1 && !lattice.chi)
    config.fault("lattice.chi", "coherent phases need the misfit; or give lattice.a_host and lattice.a_solute");
  if (alloy.kinds.size() > 1 && !lattice.V_m)
    config.fault("lattice.V_m", "coherent phases need the molar volume; or give lattice.a_host and lattice.atoms");
  return alloy;
}

std::vector<std::array<double, 4>> PhaseBoundaries::rows() const {
  std::vector<std::array<double, 4>> rows;
  auto next = spinodals.begin();
  // Both are in the order of x, and no spinodal lies across the end of a gap.
  for (const MiscibilityGap& gap : gaps) {
    for (; next != spinodals.end() && next->upper <= gap.x_alpha; ++next)
      rows.push_back({none, next->lower, next->upper, none});
    const bool unstable = next != spinodals.end() && next->lower < gap.x_beta;
    rows.push_back({gap.x_alpha, unstable ? next->lower : none, unstable ? next->upper : none, gap.x_beta});
    if (!unstable) continue;
    for (++next; next != spinodals.end() && next->lower < gap.x_beta; ++next)
      rows.push_back({none, next->lower, next->upper, none});
  }
  for (; next != spinodals.end(); ++next) rows.push_back({none, next->lower, next->upper, none});
  if (rows.empty()) rows.push_back(no_row);
  return rows;
}

std::vector<PhaseBoundaries> phase_boundaries(const Alloy& alloy, const DiagramKind& kind,
                                              const std::vector<double>& temperatures) {
  std::vector<PhaseBoundaries> result;
  for (const double T : temperatures) {
    const FreeEnergy G = alloy.G(kind, T);
    result.push_back({T, miscibility_gaps(G), spinodal_intervals(G)});
  }
  return result;
}

std::vector<CriticalPoint> critical_points(const Alloy& alloy, const DiagramKind& kind) {
  return critical_points([&](double T) { return alloy.G(kind, T); }, 1, 1e4);
}

DiagramBands diagram_bands(const Config& config, const std::string& elasticity, const std::vector<double>& temperatures,
                           std::size_t samples, std::uint64_t seed) {
  const std::vector<Declaration> keys = all_keys();
  std::vector<Alloy> alloys;
  for (std::size_t i = 0; i < samples; ++i) {
    Config draw = config.sample(seed, i);
    Alloy alloy = Alloy::read(draw, elasticity);
    try {
      draw.finish(keys, false);
      alloys.push_back(std::move(alloy));
    } catch (const ConfigError&) {
      // Counted below: a draw outside the bounds of its key.
    }
  }
  DiagramBands bands{
      .boundaries = {}, .critical_temperature = {}, .samples = samples, .left_out = samples - alloys.size()};
  if (alloys.empty()) return bands;
  const auto collect = [&](const auto& value_of) {
    std::vector<decltype(value_of(alloys[0]))> values(alloys.size());
#pragma omp parallel for schedule(dynamic, 8)
    for (std::size_t i = 0; i < alloys.size(); ++i) values[i] = value_of(alloys[i]);
    return values;
  };
  for (std::size_t k = 0; k < alloys[0].kinds.size(); ++k) {
    auto& rows = bands.boundaries.emplace_back();
    for (const double T : temperatures) {
      const auto found =
          collect([&](const Alloy& alloy) { return widest(phase_boundaries(alloy, alloy.kinds[k], {T})[0]); });
      auto& row = rows.emplace_back();
      for (std::size_t b = 0; b < 4; ++b) {
        std::vector<double> values;
        for (const auto& sample : found) values.push_back(sample[b]);
        row[b] = band_of(std::move(values));
      }
    }
    bands.critical_temperature.push_back(band_of(collect([&](const Alloy& alloy) {
      double highest = none;
      for (const CriticalPoint& point : critical_points(alloy, alloy.kinds[k]))
        if (point.stable) highest = point.T;
      return highest;
    })));
  }
  return bands;
}

Diagram Diagram::of(Alloy alloy, std::vector<double> temperatures, double chosen_T) {
  Diagram diagram{.alloy = std::move(alloy),
                  .temperatures = std::move(temperatures),
                  .boundaries = {},
                  .critical_points = {},
                  .chosen_T = chosen_T,
                  .at_chosen = {},
                  .bands = {}};
  for (const DiagramKind& kind : diagram.alloy.kinds) {
    diagram.boundaries.push_back(phase_boundaries(diagram.alloy, kind, diagram.temperatures));
    diagram.critical_points.push_back(spinode::critical_points(diagram.alloy, kind));
    diagram.at_chosen.push_back(phase_boundaries(diagram.alloy, kind, {chosen_T})[0]);
  }
  return diagram;
}

}  // namespace spinode
