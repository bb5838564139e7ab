// Units of measurement and physical constants: the only place that knows either (UDUNITS-2; CODATA 2018).
#pragma once

#include <string>
#include <string_view>

namespace spinode {

namespace constants {
inline constexpr double R = 8.314462618;      // J/(mol K)
inline constexpr double N_A = 6.02214076e23;  // 1/mol
inline constexpr double F = 96485.33212;      // C/mol
inline constexpr double k_B = 1.380649e-23;   // J/K
}  // namespace constants

namespace units {

/// Value in `unit` of a text such as "0.5 mA/cm2", "25 degC" or "3 at%".
/// Throws std::invalid_argument with what was expected when the text is no such quantity.
double parse(const std::string& text, const std::string& unit);

/// The same of a difference, such as a step or an error: "5 degC" is 5 K. Throws as parse() does.
double parse_difference(const std::string& text, const std::string& unit);

/// What a quantity of this unit is: "a length (m)", "a current density (A m-2)", "a number".
std::string describe(const std::string& unit);

/// A quantity of this unit as a user would type it: "10 um"; empty for a plain number.
std::string example(const std::string& unit);

/// "1.25 nm", "3.4 us": a value in SI with the prefix that keeps its digits before the point between 1 and 1000.
/// The value stays as it is for a unit that takes no prefix ("1", "K") or has a power ("m2 s-1").
std::string pretty(double value, const std::string& unit, int digits = 4);

}  // namespace units
}  // namespace spinode
