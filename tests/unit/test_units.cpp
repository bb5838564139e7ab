// Quantities with units: exact values, what is refused, and how a value is shown.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "spinode/units.hpp"

using namespace spinode;

namespace {

std::string refusal(const std::string& text, const std::string& unit) {
  try {
    units::parse(text, unit);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a difference knows nothing of the zero of its scale") {
  CHECK(units::parse_difference("5 degC", "K") == 5);
  CHECK(units::parse_difference("0.1 degC", "K") == 0.1);
  CHECK(units::parse_difference("-1e-6 degC", "K") == -1e-6);
  CHECK(units::parse_difference("9 degF", "K") == Approx(5).epsilon(1e-15));
  CHECK(units::parse_difference("2 K", "K") == 2);
  CHECK(units::parse_difference("0.2 kJ/mol", "J mol-1") == 200);
  CHECK(units::parse_difference("4.19 angstrom", "m") == 4.19e-10);
  CHECK(units::parse_difference("0.25", "1") == 0.25);
  CHECK_THROWS_AS(units::parse_difference("5", "K"), std::invalid_argument);
  CHECK_THROWS_AS(units::parse_difference("5 m", "K"), std::invalid_argument);
}

TEST_CASE("a converted quantity is the decimal that was meant, to the last bit") {
  CHECK(units::parse("25 degC", "K") == 298.15);
  CHECK(units::parse("25.05 degC", "K") == 298.2);
  CHECK(units::parse("-5 °C", "K") == 268.15);
  CHECK(units::parse("3 at%", "1") == 0.03);
  CHECK(units::parse("3 at.%", "1") == 0.03);
  CHECK(units::parse("3 mol%", "1") == 0.03);
  CHECK(units::parse("3%", "1") == 0.03);
  CHECK(units::parse("0.25", "1") == 0.25);
  CHECK(units::parse("10 um", "m") == 1e-5);
  CHECK(units::parse("5 µm", "m") == 5e-6);
  CHECK(units::parse("4.19 angstrom", "m") == 4.19e-10);
  CHECK(units::parse("4.19 Å", "m") == 4.19e-10);
  CHECK(units::parse("2.2e1 nm", "m") == 2.2e-8);
  CHECK(units::parse("0.5 mA/cm2", "A m-2") == 5);
  CHECK(units::parse("13.8 GPa", "Pa") == 13.8e9);
  CHECK(units::parse("0.1 mJ/m2", "J m-2") == 1e-4);
  CHECK(units::parse("20.1 kJ/mol", "J mol-1") == 20100);
  CHECK(units::parse("8.3 J/mol/K", "J mol-1 K-1") == 8.3);
  CHECK(units::parse("8.3 J/(mol K)", "J mol-1 K-1") == 8.3);
  CHECK(units::parse("1e-10 cm2/s", "m2 s-1") == 1e-14);
  CHECK(units::parse("12.045 cm3/mol", "m3 mol-1") == 1.2045e-5);
  CHECK(units::parse("1.5 h", "s") == 5400);
}

TEST_CASE("every prefix scales by its power of ten") {
  CHECK(units::parse("7 fm", "m") == 7e-15);
  CHECK(units::parse("7 pm", "m") == 7e-12);
  CHECK(units::parse("7 nm", "m") == 7e-9);
  CHECK(units::parse("7 us", "s") == 7e-6);
  CHECK(units::parse("7 ms", "s") == 7e-3);
  CHECK(units::parse("7 cm", "m") == 7e-2);
  CHECK(units::parse("7 kPa", "Pa") == 7e3);
  CHECK(units::parse("7 MPa", "Pa") == 7e6);
  CHECK(units::parse("7 TPa", "Pa") == 7e12);
}

TEST_CASE("a number in its own unit keeps every bit, and spaces and a plus sign do not matter") {
  CHECK(units::parse("0.1234567890123456789 m", "m") == 0.1234567890123456789);
  CHECK(units::parse("4.1900000000000005e-10 m", "m") == 4.1900000000000005e-10);
  CHECK(units::parse("0.12345678901234567 mm", "m") == Approx(0.12345678901234567e-3).epsilon(1e-15));
  CHECK(units::parse("  +5um ", "m") == 5e-6);
  CHECK(units::parse(".5 m", "m") == 0.5);
}

TEST_CASE("what is no quantity of the unit is refused with what is expected") {
  CHECK(refusal("5 K", "s") == "expected a time (s)");
  CHECK(refusal("0.5 K", "A m-2") == "expected a current density (A m-2)");
  CHECK(refusal("5 J", "J mol-1") == "expected a molar energy (J mol-1)");
  CHECK(refusal("five m", "m") == "expected a length (m)");
  CHECK(refusal("", "m") == "expected a length (m)");
  CHECK(refusal("m", "m") == "expected a length (m)");
  CHECK(refusal("nan m", "m") == "expected a length (m)");
  CHECK(refusal("-inf m", "m") == "expected a length (m)");
  CHECK(refusal("1e400 m", "m") == "expected a length (m)");
  CHECK(refusal("5 m", "1") == "expected a number");
  CHECK(refusal("5", "m") == "expected a length (m) with its unit, such as \"10 um\"");
  CHECK(refusal("5 ums", "m") == "unknown unit \"ums\"; expected a length (m)");
  CHECK(refusal("5 nm nm nm nmm", "m") == "unknown unit \"nm nm nm nmm\"; expected a length (m)");
}

TEST_CASE("a stray number among units is refused: UDUNITS would multiply by it") {
  CHECK(refusal("10 500 um", "m") == "unknown unit \"500 um\"; expected a length (m)");
  CHECK(refusal("1.5.2 um", "m") == "unknown unit \".2 um\"; expected a length (m)");
  CHECK(refusal("1,5 um", "m") == "unknown unit \",5 um\"; expected a length (m)");
  CHECK(refusal("5 m 3", "m") == "unknown unit \"m 3\"; expected a length (m)");
  CHECK(refusal("5 s since 1970-01-01", "s") == "unknown unit \"s since 1970-01-01\"; expected a time (s)");
}

TEST_CASE("every example is a quantity of its unit") {
  for (const char* unit : {"m", "s", "K", "Pa", "J mol-1", "J mol-1 K-1", "J m-1", "J m-2", "m2 s-1", "m3 mol-1",
                           "m2 mol J-1 s-1", "A m-2", "C m-2", "ohm m2", "V", "degree"}) {
    CAPTURE(unit);
    CHECK(units::parse(units::example(unit), unit) > 0);
    CHECK(units::describe(unit).find(std::string("(") + unit + ")") != std::string::npos);
  }
  CHECK(units::describe("1") == "a number");
  CHECK(units::describe("W") == "a quantity in W");
  CHECK(units::example("1").empty());
}

TEST_CASE("a value is shown with the prefix that its digits ask for") {
  CHECK(units::pretty(1.25e-9, "m") == "1.25 nm");
  CHECK(units::pretty(3.4e-6, "s") == "3.4 us");
  CHECK(units::pretty(-2e-3, "m") == "-2 mm");
  CHECK(units::pretty(13.8e9, "Pa") == "13.8 GPa");
  CHECK(units::pretty(20100, "J mol-1") == "20.1 kJ mol-1");
  CHECK(units::pretty(1, "m") == "1 m");
  CHECK(units::pretty(1e-3, "m") == "1 mm");
  CHECK(units::pretty(1e-6, "m") == "1 um");
  CHECK(units::pretty(1e-15, "s") == "1 fs");
  CHECK(units::pretty(999.4e-9, "m", 3) == "999 nm");
  CHECK(units::pretty(999.96e-9, "m") == "1 um");
  CHECK(units::pretty(12345, "s") == "1.234e+04 s");
  CHECK(units::pretty(1e-20, "m") == "1e-20 m");
  CHECK(units::pretty(0, "s") == "0 s");
  CHECK(units::pretty(298.15, "K") == "298.1 K");
  CHECK(units::pretty(1e-14, "m2 s-1") == "1e-14 m2 s-1");
  CHECK(units::pretty(0.123456, "1", 3) == "0.123");
}
