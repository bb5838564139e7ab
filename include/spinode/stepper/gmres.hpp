// Restarted GMRES, preconditioned from the right (Saad & Schultz 1986), in single precision with sums in double: the
// inner solver of Newton's method, whose accuracy is that of the outer residual.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "spinode/field.hpp"

namespace spinode {

class Gmres {
 public:
  using Vector = Field<float>;
  /// Writes the image of the first vector into the second.
  using Map = std::function<void(const Vector&, Vector&)>;

  /// Starts anew after `restart` iterations; holds two vectors more than that.
  Gmres(const Grid& grid, int restart);

  struct Result {
    int iterations = 0;
    double residual = 1;  // norm of rhs - A x over that of rhs
  };

  /// To be filled before each solve(), which overwrites it.
  Vector& rhs() { return basis_[0]; }
  /// x = approximate solution of A x = rhs, from zero, to |rhs - A x| <= tolerance |rhs| or `most` iterations.
  Result solve(const Map& A, const Map& preconditioner, Vector& x, double tolerance, int most);

 private:
  int restart_;
  std::vector<Vector> basis_;
  Vector work_;
};

}  // namespace spinode
