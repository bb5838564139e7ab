// The free energies that a case can choose.
#pragma once

#include "spinode/model_list.hpp"
#include "spinode/thermo/double_well.hpp"
#include "spinode/thermo/polynomial_energy.hpp"
#include "spinode/thermo/redlich_kister.hpp"

namespace spinode {

using FreeEnergyModels = ModelList<RedlichKister, DoubleWell, PolynomialEnergy>;

}  // namespace spinode
