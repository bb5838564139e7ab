// The stiffness tensor: index symmetries, isotropic and cubic constants, stability.
#include <Eigen/LU>
#include <catch2/catch.hpp>

#include "spinode/elasticity/stiffness.hpp"

using namespace spinode;

TEST_CASE("Voigt pairs are 11 22 33 23 13 12") {
  CHECK(Stiffness::pair(0, 0) == 0);
  CHECK(Stiffness::pair(1, 1) == 1);
  CHECK(Stiffness::pair(2, 2) == 2);
  CHECK(Stiffness::pair(1, 2) == 3);
  CHECK(Stiffness::pair(2, 0) == 4);
  CHECK(Stiffness::pair(0, 1) == 5);
}

TEST_CASE("an isotropic stiffness is lambda delta_ij delta_kl + mu (delta_ik delta_jl + delta_il delta_jk)") {
  constexpr double E = 13.8e9, nu = 0.33;
  const Stiffness C = Stiffness::isotropic(E, nu);
  const double lambda = E * nu / ((1 + nu) * (1 - 2 * nu)), mu = E / (2 * (1 + nu));
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 3; ++k)
        for (int l = 0; l < 3; ++l)
          CHECK(C(i, j, k, l) ==
                Approx(lambda * (i == j) * (k == l) + mu * ((i == k) * (j == l) + (i == l) * (j == k))).margin(1e-3));
  CHECK(C.zener_ratio() == Approx(1).epsilon(1e-14));
}

TEST_CASE("uniaxial stress stretches an isotropic solid by 1/E and shrinks it by nu/E") {
  constexpr double E = 13.8e9, nu = 0.33;
  const Stiffness::Matrix6 compliance = Stiffness::isotropic(E, nu).voigt.inverse();
  CHECK(compliance(0, 0) == Approx(1 / E).epsilon(1e-13));
  CHECK(compliance(1, 0) == Approx(-nu / E).epsilon(1e-13));
}

TEST_CASE("the Zener ratios of lithium and sodium are 8.4 and 7.2") {
  CHECK(Stiffness::cubic(13.42e9, 11.30e9, 8.89e9).zener_ratio() == Approx(8.4).margin(0.05));
  CHECK(Stiffness::cubic(7.39e9, 6.22e9, 4.19e9).zener_ratio() == Approx(7.2).margin(0.05));
}

TEST_CASE("a cubic crystal is stable when C11 > |C12|, C11 + 2 C12 > 0 and C44 > 0") {
  CHECK(Stiffness::cubic(13.42e9, 11.30e9, 8.89e9).positive_definite());
  CHECK(Stiffness::cubic(10, -4.9, 1).positive_definite());
  CHECK_FALSE(Stiffness::cubic(10, 10.1, 1).positive_definite());
  CHECK_FALSE(Stiffness::cubic(10, -5.1, 1).positive_definite());
  CHECK_FALSE(Stiffness::cubic(10, 5, -1).positive_definite());
  CHECK_FALSE(Stiffness::isotropic(1, 0.51).positive_definite());
}
