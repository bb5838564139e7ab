#include "spinode/system.hpp"

#include <utility>

#include "spinode/units.hpp"

namespace spinode {

Lattice Lattice::read(Config& config) {
  Lattice lattice;
  const auto V_m = config.optional_quantity({.name = "lattice.V_m",
                                             .unit = "m3 mol-1",
                                             .bounds = positive,
                                             .help = "molar volume (or give a_host and atoms)"});
  const auto a_host = config.optional_quantity(
      {.name = "lattice.a_host", .unit = "m", .bounds = positive, .help = "lattice constant of the host"});
  const auto a_solute = config.optional_quantity({.name = "lattice.a_solute",
                                                  .unit = "m",
                                                  .bounds = positive,
                                                  .help = "lattice constant of the solute in the same structure"});
  const auto atoms =
      config.optional_quantity({.name = "lattice.atoms", .bounds = positive, .help = "mixing sites in the cubic cell"});
  const auto chi = config.optional_quantity(
      {.name = "lattice.chi", .help = "linear strain per unit x (or give a_host and a_solute)"});
  const std::string volume_from = config.choose({"lattice.V_m", "lattice.atoms"}),
                    chi_from = config.choose({"lattice.chi", "lattice.a_solute"});
  if (volume_from == "lattice.atoms" && a_host && atoms)
    lattice.V_m = constants::N_A * *a_host * *a_host * *a_host / *atoms;
  else
    lattice.V_m = V_m;
  if (chi_from == "lattice.a_solute" && a_host && a_solute)
    lattice.chi = *a_solute / *a_host - 1;
  else
    lattice.chi = chi;
  return lattice;
}

System System::read(Config& config) {
  System system;
  system.name = config.text({.name = "name",
                             .fallback = config.path().stem().string(),
                             .help = "name of the case and of its files; that of the case file when left out"});
  if (system.name.empty() || system.name.front() == '.' || system.name.find_first_of("/\n\r") != std::string::npos)
    config.fault("name", "expected the name of a file, without slash or line break");
  system.dimensionless = config.dimensionless();
  system.description =
      config.text({.name = "description", .fallback = "", .help = "a line that says what the case is"});
  system.host = config.text({.name = "species.host", .fallback = "host", .help = "name of the host"});
  system.solute = config.text(
      {.name = "species.solute", .fallback = "solute", .help = "name of the solute, whose mole fraction is x"});
  for (const auto& [key, species] : {std::pair{"species.host", system.host}, {"species.solute", system.solute}})
    if (species.empty() || species.find_first_of(",\"\n\r") != std::string::npos)
      config.fault(key, "expected a name without comma, quote or line break");
  system.pressure = config.quantity({.name = "pressure",
                                     .unit = "Pa",
                                     .fallback = 0.0,
                                     .help = "hydrostatic pressure, which acts through free_energy.V"});
  system.free_energy =
      FreeEnergyModels::read(config, "free_energy.model", std::nullopt, "molar free energy of mixing G(x)");
  system.lattice = Lattice::read(config);
  return system;
}

Conditions System::conditions(double T) const { return {T, pressure, dimensionless ? 1 : constants::R}; }

FreeEnergy System::chemical(double T) const {
  return std::visit([&](const auto& model) { return model.at(conditions(T)); }, free_energy);
}

double System::sites() const {
  return std::visit([](const auto& model) { return model.sites(); }, free_energy);
}

}  // namespace spinode
