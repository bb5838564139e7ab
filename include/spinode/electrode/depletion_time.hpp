// When a stripped solid solution runs out of host at the separator, by diffusion alone in a half-space of constant D
// that recedes at v: with T = v^2 t/D the composition at the face is
//   x_s/x_0 = 1 + T/2 + (1 + T/2) erf(sqrt(T)/2) + sqrt(T/pi) exp(-T/4)
// (a solute that the moving face rejects altogether: Smith, Tiller & Rutter 1955). For x_0 near 1 this is Sand's law,
// t = pi D ((1-x_0)/(2 x_0 v))^2.
#pragma once

namespace spinode {

/// x_s/x_0 at T = v^2 t/D.
double pile_up(double T);

/// Time until the face has composition x_s > x_0; v and D in any units.
double time_to_pile_up(double x_0, double x_s, double v, double D);

}  // namespace spinode
