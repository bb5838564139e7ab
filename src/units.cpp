#include "spinode/units.hpp"

#include <fmt/format.h>
#include <udunits2.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>

namespace spinode::units {
namespace {

using Unit = std::unique_ptr<ut_unit, decltype(&ut_free)>;
using Converter = std::shared_ptr<const cv_converter>;

struct Kind {
  std::string_view unit, name, example;
};

constexpr std::array kinds{
    Kind{"m", "a length", "10 um"},
    Kind{"s", "a time", "5 ms"},
    Kind{"K", "a temperature", "25 degC"},
    Kind{"Pa", "a stress", "13.8 GPa"},
    Kind{"J mol-1", "a molar energy", "20.1 kJ/mol"},
    Kind{"J mol-1 K-1", "a molar entropy", "8.3 J/mol/K"},
    Kind{"J m-1", "a gradient-energy coefficient", "4.9e-11 J/m"},
    Kind{"J m-2", "an interfacial energy", "0.1 J/m2"},
    Kind{"m2 s-1", "a diffusivity", "1e-10 cm2/s"},
    Kind{"m3 mol-1", "a molar volume", "12 cm3/mol"},
    Kind{"m2 mol J-1 s-1", "a mobility", "4e-18 m2 mol/J/s"},
    Kind{"degree", "an angle", "30 degree"},
    Kind{"A m-2", "a current density", "0.5 mA/cm2"},
    Kind{"C m-2", "a charge per area", "1 mAh/cm2"},
    Kind{"S m-1", "a conductivity", "1 mS/cm"},
    Kind{"ohm m2", "an area resistance", "10 ohm cm2"},
    Kind{"V", "a potential", "50 mV"},
};

const Kind* find_kind(const std::string& unit) {
  for (const Kind& kind : kinds)
    if (kind.unit == unit) return &kind;
  return nullptr;
}

ut_system* unit_system() {
  static ut_system* const system = [] {
    ut_set_error_message_handler(ut_ignore);
    ut_system* const loaded = ut_read_xml(nullptr);
    if (!loaded) throw std::runtime_error("UDUNITS-2 finds no unit database: install libudunits2-data");
    return loaded;
  }();
  return system;
}

Unit parse_unit(const std::string& text) { return {ut_parse(unit_system(), text.c_str(), UT_UTF8), &ut_free}; }

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Atomic per cent is what the field calls a hundredth of a mole fraction; UDUNITS knows the plain sign only.
std::string without_atomic(std::string unit) {
  if (unit == "at%" || unit == "at.%" || unit == "mol%") return "%";
  return unit;
}

/// Ampere hours as the field writes them: "mAh/cm2".
std::string without_ampere_hours(std::string unit) {
  for (std::size_t at = 0; (at = unit.find("Ah", at)) != std::string::npos; at += 3) unit.replace(at, 2, "A.h");
  return unit;
}

/// UDUNITS takes a number among units for a factor, so that "10 500 um" would be 5 mm and "5 m 3" 15 m.
bool has_stray_number(std::string_view unit) {
  constexpr std::string_view starts_number = "0123456789.,+-";
  for (std::size_t i = 0; i < unit.size(); ++i)
    if ((i == 0 || unit[i - 1] == ' ') && starts_number.find(unit[i]) != std::string_view::npos) return true;
  return false;
}

/// Undoes the round-off of a conversion: 4.19 angstrom are 4.19e-10 m, not 4.1900000000000005e-10 m.
double without_round_off(double converted) {
  const double decimal = std::strtod(fmt::format("{:.15g}", converted).c_str(), nullptr);
  return std::abs(decimal - converted) <= 4 * std::numeric_limits<double>::epsilon() * std::abs(converted) ? decimal
                                                                                                           : converted;
}

/// How a quantity in the unit `given` is turned into `unit`. UDUNITS' parser is slow, and is for one thread at a time.
/// Throws std::invalid_argument.
Converter converter(const std::string& given, const std::string& unit) {
  static std::mutex one_at_a_time;
  static std::map<std::pair<std::string, std::string>, Converter> known;
  constexpr std::size_t most_known = 1000;
  const std::lock_guard lock(one_at_a_time);
  const auto found = known.find({given, unit});
  if (found != known.end()) return found->second;
  const Unit from = parse_unit(given.empty() ? "1" : given);
  if (!from || has_stray_number(given))
    throw std::invalid_argument("unknown unit \"" + given + "\"; expected " + describe(unit));
  const Unit to = parse_unit(unit);
  const Converter made(ut_get_converter(from.get(), to.get()),
                       [](const cv_converter* it) { cv_free(const_cast<cv_converter*>(it)); });
  if (!made) throw std::invalid_argument("expected " + describe(unit));
  if (known.size() < most_known) known.emplace(std::pair(given, unit), made);
  return made;
}

struct Given {
  double number;
  Converter to_unit;
};

Given read(const std::string& text, const std::string& unit) {
  std::string body = trimmed(text);
  if (body.starts_with('+')) body.erase(0, 1);
  double number = 0;
  const char* const end = body.data() + body.size();
  const auto [rest, status] = std::from_chars(body.data(), end, number);
  if (status != std::errc{} || !std::isfinite(number)) throw std::invalid_argument("expected " + describe(unit));

  const std::string given = without_ampere_hours(without_atomic(trimmed({rest, static_cast<std::size_t>(end - rest)})));
  if (given.empty() && unit != "1") {
    const std::string sample = example(unit);
    throw std::invalid_argument("expected " + describe(unit) + " with its unit" +
                                (sample.empty() ? "" : ", such as \"" + sample + "\""));
  }
  return {number, converter(given, unit)};
}

}  // namespace

double parse(const std::string& text, const std::string& unit) {
  const Given given = read(text, unit);
  const double converted = cv_convert_double(given.to_unit.get(), given.number);
  return converted == given.number ? converted : without_round_off(converted);
}

double parse_difference(const std::string& text, const std::string& unit) {
  const Given given = read(text, unit);
  // So long a difference leaves no digit of an offset such as 273.15.
  constexpr double length = 0x1p80;
  const double factor = cv_convert_double(given.to_unit.get(), length) / length;
  return factor == 1 ? given.number : without_round_off(factor * given.number);
}

std::string describe(const std::string& unit) {
  if (unit == "1") return "a number";
  if (const Kind* kind = find_kind(unit)) return fmt::format("{} ({})", kind->name, unit);
  return fmt::format("a quantity in {}", unit);
}

std::string example(const std::string& unit) {
  const Kind* kind = find_kind(unit);
  return std::string(kind ? kind->example : "");
}

std::string pretty(double value, const std::string& unit, int digits) {
  if (unit == "1") return fmt::format("{:.{}g}", value, digits);
  const bool takes_prefix =
      unit == "m" || unit == "s" || unit == "Pa" || unit == "J" || unit == "J mol-1" || unit == "V";
  if (!takes_prefix || value == 0 || !std::isfinite(value)) return fmt::format("{:.{}g} {}", value, digits, unit);
  constexpr std::array prefixes{"f", "p", "n", "u", "m", "", "k", "M", "G", "T"};
  // The prefix belongs to the digits that are shown: 999.99 nm to four of them are 1 um.
  const std::string shown = fmt::format("{:.{}e}", value, digits - 1);
  const int exponent = std::stoi(shown.substr(shown.find('e') + 1));
  const int thousands = (exponent - (exponent < 0 ? 2 : 0)) / 3;
  const int index = thousands + 5;
  // kilometres and kiloseconds are not what this field writes.
  const int last = unit == "m" || unit == "s" ? 5 : static_cast<int>(prefixes.size()) - 1;
  if (index < 0 || index > last) return fmt::format("{:.{}g} {}", value, digits, unit);
  return fmt::format("{:.{}g} {}{}", value * std::pow(10.0, -3 * thousands), digits, prefixes[index], unit);
}

}  // namespace spinode::units
