#include "spinode/measure/curvature.hpp"

#include <Eigen/Geometry>
#include <limits>

#include "level_set.hpp"
#include "simplices.hpp"
#include "spinode/spectral_derivative.hpp"
#include "spinode/transform.hpp"

namespace spinode {
namespace {

/// H and K of every cell.
struct Curvatures {
  Field<double> H, K;
};

/// All first and second derivatives of a field.
class Derivatives {
 public:
  Derivatives(const Grid& grid, const Field<double>& x) : grid_(&grid), transform_(grid, Planning::estimate) {
    Field<double> values(grid);
    for_cells(x.size(), [&](std::size_t i) { values[i] = x[i]; });
    hat_ = Spectrum<double>(grid);
    transform_.forward(values, hat_);
    const double scale = transform_.scale();
    for_cells(hat_.size(), [&](std::size_t i) { hat_[i] *= scale; });
    for (int a = 0; a < grid.dimension(); ++a) {
      first_.push_back(along({a}));
      for (int b = a; b < grid.dimension(); ++b) second_.push_back(along({a, b}));
    }
  }

  Eigen::Vector3d gradient(std::size_t cell) const {
    Eigen::Vector3d g = Eigen::Vector3d::Zero();
    for (std::size_t a = 0; a < first_.size(); ++a) g[a] = first_[a][cell];
    return g;
  }
  Eigen::Matrix3d hessian(std::size_t cell) const {
    Eigen::Matrix3d X = Eigen::Matrix3d::Zero();
    auto next = second_.begin();
    for (int a = 0; a < grid_->dimension(); ++a)
      for (int b = a; b < grid_->dimension(); ++b) X(a, b) = X(b, a) = (*next++)[cell];
    return X;
  }

 private:
  Field<double> along(const std::vector<int>& axes) {
    Spectrum<double> hat(*grid_);
    for_cells(hat.size(), [&](std::size_t i) { hat[i] = hat_[i]; });
    Odd odd{};
    for (const int a : axes) {
      differentiate(*grid_, a, hat);
      odd[a] = !odd[a];
    }
    // The derivative of a sine along a wall is that of a cosine with the other sign.
    const bool back = axes.size() == 2 && axes[0] == axes[1] && grid_->axis(axes[0]).boundary == Boundary::no_flux;
    if (back) for_cells(hat.size(), [&](std::size_t i) { hat[i] = -hat[i]; });
    Field<double> values(*grid_);
    transform_.inverse(hat, values, odd);
    return values;
  }

  const Grid* grid_;
  Transform<double> transform_;
  Spectrum<double> hat_;
  std::vector<Field<double>> first_, second_;
};

Curvatures curvatures(const Grid& grid, const Field<double>& x) {
  const Derivatives derivatives(grid, x);
  Curvatures result{Field<double>(grid), Field<double>(grid)};
  // A line has one principal curvature.
  const double mean_of = grid.dimension() == 2 ? 1 : 2;
  for_rows(grid.rows(), [&](Rows share) {
    for (std::size_t i = share.begin * grid.cells(0); i < share.end * grid.cells(0); ++i) {
      const Eigen::Vector3d g = derivatives.gradient(i);
      const double slope2 = g.squaredNorm();
      if (!(slope2 > 0)) continue;
      const Eigen::Matrix3d X = derivatives.hessian(i);
      const Eigen::Vector3d Xg = X * g;
      result.H[i] = (g.dot(Xg) - slope2 * X.trace()) / (mean_of * slope2 * std::sqrt(slope2));
      if (grid.dimension() < 3) continue;
      Eigen::Matrix3d adjugate;
      for (int a = 0; a < 3; ++a) adjugate.col(a) = X.col((a + 1) % 3).cross(X.col((a + 2) % 3));
      result.K[i] = g.dot(adjugate * g) / (slope2 * slope2);
    }
  });
  return result;
}

struct Moments {
  double area = 0, H = 0, H2 = 0, K = 0, K2 = 0;

  Moments& operator+=(const Moments& other) {
    area += other.area;
    H += other.H;
    H2 += other.H2;
    K += other.K;
    K2 += other.K2;
    return *this;
  }
};

}  // namespace

Curvature curvature(const Grid& grid, const Field<double>& x, double level) {
  const Curvatures at = curvatures(grid, x);
  const Cubes cubes(grid);
  const int dimension = grid.dimension();
  Point spacing{};
  for (int a = 0; a < dimension; ++a) spacing[a] = grid.axis(a).spacing();
  const auto sums = reduce_rows<Moments>(cubes.rows(), [&](Rows rows) {
    Moments part;
    cubes.for_each(rows, [&](const Cube& cube) {
      std::array<double, 8> values{};
      std::size_t above = 0;
      for (std::size_t b = 0; b < cubes.corners(); ++b) {
        values[b] = x[cube.cell[b]] - level;
        above += values[b] > 0 ? 1 : 0;
      }
      if (above == 0 || above == cubes.corners()) return;
      const auto add = [&](const auto& piece) {
        const double area = cube.inside() * size_of(piece, spacing), n = static_cast<double>(piece.size());
        // Exact integrals of what is linear on a piece, and of its square.
        const auto integrate = [&](const Field<double>& q, double& once, double& squared) {
          double sum = 0, squares = 0;
          for (const Crossing& c : piece) {
            const double there = q[cube.cell[c.in]] + c.f * (q[cube.cell[c.out]] - q[cube.cell[c.in]]);
            sum += there;
            squares += there * there;
          }
          once += area * sum / n;
          squared += area * (squares + sum * sum) / (n * (n + 1));
        };
        part.area += area;
        integrate(at.H, part.H, part.H2);
        integrate(at.K, part.K, part.K2);
      };
      for (const auto& simplex : simplices(dimension)) level_set(dimension, values, simplex, add);
    });
    return part;
  });
  if (!(sums.area > 0)) {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {none, none, none, none};
  }
  const auto deviation = [&](double once, double squared) {
    return std::sqrt(std::max(0.0, squared / sums.area - std::pow(once / sums.area, 2)));
  };
  return {sums.H / sums.area, deviation(sums.H, sums.H2), sums.K / sums.area, deviation(sums.K, sums.K2)};
}

}  // namespace spinode
