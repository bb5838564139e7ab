// What a run is exposed to: a temperature that changes with time, and the law that each temperature makes.
#pragma once

#include <functional>

#include "spinode/cahn_hilliard.hpp"
#include "spinode/programme.hpp"

namespace spinode {

struct Surroundings {
  Programme temperature;  // code units of time, K
  std::function<LocalLaw(double T)> law;
};

}  // namespace spinode
