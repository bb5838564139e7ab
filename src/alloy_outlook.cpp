#include "spinode/alloy_outlook.hpp"

#include <algorithm>
#include <stdexcept>

namespace spinode {

AlloyOutlook AlloyOutlook::of(const Model& model, double T) {
  const FreeEnergy G = model.energy(T);
  const double x0 = model.x_mean();
  AlloyOutlook outlook{
      .x0 = x0,
      .stability = classify(G, x0),
      .fastest = fastest_mode(G.d2G(x0), model.kappa(), model.V_m(), model.mobility(x0, T)),
      .interface = {},
  };
  const std::vector<MiscibilityGap> gaps = miscibility_gaps(G);
  const auto around =
      std::find_if(gaps.begin(), gaps.end(), [&](const auto& gap) { return gap.x_alpha <= x0 && x0 <= gap.x_beta; });
  if (!gaps.empty())
    outlook.interface = flat_interface(G, around != gaps.end() ? *around : gaps.front(), model.kappa(), model.V_m());
  return outlook;
}

std::string_view name(Stability stability) {
  switch (stability) {
    case Stability::stable:
      return "stable";
    case Stability::metastable:
      return "metastable";
    case Stability::unstable:
      return "unstable";
  }
  throw std::logic_error("unknown stability");
}

}  // namespace spinode
