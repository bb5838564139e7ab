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

  explicit Gmres(const Grid& grid, int restart = 20);

  struct Result {
    int iterations = 0;
    double residual = 1;  // norm of rhs - A x over that of rhs
  };

  /// x = approximate solution of A x = rhs, from zero, to |rhs - A x| <= tolerance |rhs| or `most` iterations.
  Result solve(const Map& A, const Map& preconditioner, const Vector& rhs, Vector& x, double tolerance, int most);

 private:
  int restart_;
  std::vector<Vector> basis_;
  Vector work_;
};

}  // namespace spinode
