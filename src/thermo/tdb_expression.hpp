// Expressions of a Thermo-Calc database (Andersson et al. 2002), worked out as sums of c T^p (ln T)^q.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace spinode::tdb {

/// Why an expression cannot be worked out.
struct ExpressionError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A sum of c T^p (ln T)^q; terms that vanish are left out.
class Terms {
 public:
  struct Powers {
    int T, ln_T;
    auto operator<=>(const Powers&) const = default;
  };

  Terms() = default;
  Terms(double c, Powers powers) { add(c, powers); }
  explicit Terms(double constant) : Terms(constant, {0, 0}) {}

  Terms& operator+=(const Terms& other);
  Terms operator*(const Terms& other) const;
  Terms reciprocal() const;
  Terms power(int exponent) const;
  bool operator==(const Terms&) const = default;

  double coefficient(Powers powers) const;
  /// Its value when T is in no term.
  std::optional<double> constant() const;
  const std::map<Powers, double>& map() const { return map_; }

 private:
  /// Throws ExpressionError when the sum grows beyond all that an assessment holds, or the number beyond a double.
  void add(double c, Powers powers);

  std::map<Powers, double> map_;
};

/// "-2.5 T^2 ln T".
std::string text_of(const Terms::Powers& powers, double c);

/// An unsigned number at the start of `text`, with E or D before its exponent, which is then cut off; empty when there
/// is none, infinite when a double does not hold it.
std::optional<double> take_number(std::string_view& text);

/// An expression in capitals. `function` gives the functions it names. Throws ExpressionError.
Terms evaluate(std::string_view text, const std::function<Terms(const std::string& name)>& function);

}  // namespace spinode::tdb
