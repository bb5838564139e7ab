// The mobilities that a case can choose: dx/dt = div( M grad mu ), mu in J/mol, M in m2 mol/(J s).
#pragma once

#include <cmath>
#include <optional>
#include <string>

#include "spinode/mobility/mobility.hpp"
#include "spinode/model_list.hpp"

namespace spinode {

/// Diffusivity D0 exp(-Q/RT) of one species, read from "mobility.D<suffix>" and "mobility.Q<suffix>".
struct Diffusivity {
  double D0, Q;

  static Diffusivity read(Config& config, const std::string& suffix, const std::string& of) {
    return {config.quantity(
                {.name = "mobility.D" + suffix, .unit = "m2 s-1", .bounds = positive, .help = "diffusivity " + of}),
            config.quantity({.name = "mobility.Q" + suffix,
                             .unit = "J mol-1",
                             .bounds = not_negative,
                             .fallback = 0.0,
                             .help = "its activation energy: D exp(-Q/RT)"})};
  }

  double at(double RT) const { return D0 * std::exp(-Q / RT); }
};

/// M = M0, or D x0(1-x0)/(sites RT) at the composition where it is known. Here and below `sites` are those of the free
/// energy, which is per formula unit while x and D are those of one site.
struct ConstantMobilityModel {
  static constexpr const char* name = "constant";
  static constexpr const char* help = "M = M0, or M = D x0(1-x0)/(sites RT) at one composition x0";

  std::optional<double> M0;
  Diffusivity D{};
  double x0 = 0;

  static ConstantMobilityModel read(Config& config) {
    ConstantMobilityModel model;
    if (config.describing() || config.choose({"mobility.M0", "mobility.D"}) != "mobility.D")
      model.M0 = config.quantity({.name = "mobility.M0",
                                  .unit = "m2 mol J-1 s-1",
                                  .bounds = positive,
                                  .help = "constant mobility (or give mobility.D and mobility.x0)"});
    if (config.describing() || !model.M0) {
      model.D = Diffusivity::read(config, "", "D");
      model.x0 = config.quantity(
          {.name = "mobility.x0", .bounds = open_fraction, .help = "composition at which M0 = D x0(1-x0)/(sites RT)"});
    }
    return model;
  }

  Mobility at(double RT, double sites) const {
    return ConstantMobility{M0 ? *M0 : D.at(RT) * x0 * (1 - x0) / (sites * RT)};
  }
};

struct DegenerateMobilityModel {
  static constexpr const char* name = "degenerate";
  static constexpr const char* help = "M = D x(1-x)/(sites RT)";

  Diffusivity D;

  static DegenerateMobilityModel read(Config& config) { return {Diffusivity::read(config, "", "D")}; }

  Mobility at(double RT, double sites) const {
    const double d = D.at(RT) / (sites * RT);
    return DarkenMobility{d, d};
  }
};

struct DarkenMobilityModel {
  static constexpr const char* name = "darken";
  static constexpr const char* help = "M = x(1-x) [(1-x) D_solute + x D_host]/(sites RT)";

  Diffusivity solute, host;

  static DarkenMobilityModel read(Config& config) {
    return {Diffusivity::read(config, "_solute", "of the solute"), Diffusivity::read(config, "_host", "of the host")};
  }

  Mobility at(double RT, double sites) const {
    return DarkenMobility{solute.at(RT) / (sites * RT), host.at(RT) / (sites * RT)};
  }
};

using MobilityModels = ModelList<ConstantMobilityModel, DegenerateMobilityModel, DarkenMobilityModel>;

}  // namespace spinode
