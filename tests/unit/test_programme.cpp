// Values, slopes, corners and jumps of a programme in time.
#include <catch2/catch.hpp>
#include <cmath>

#include "spinode/programme.hpp"

using namespace spinode;

TEST_CASE("a programme is linear between its points and constant outside them") {
  const Programme programme({{1, 300}, {3, 500}, {4, 400}});
  for (const auto& [time, value] :
       {std::pair{0.0, 300.0}, {1, 300}, {1.5, 350}, {3, 500}, {3.75, 425}, {4, 400}, {9, 400}}) {
    CHECK(programme.at(time) == value);
    CHECK(programme.after(time) == value);
  }
  for (const auto& [time, slope] : {std::pair{0.0, 0.0}, {1, 100}, {2, 100}, {3, -100}, {3.5, -100}, {4, 0}, {9, 0}})
    CHECK(programme.slope_after(time) == slope);
  for (const auto& [time, corner] : {std::pair{0.0, 1.0}, {1, 3}, {2.5, 3}, {3, 4}})
    CHECK(programme.next_corner(time) == corner);
  CHECK(std::isinf(programme.next_corner(4)));
  CHECK(programme.lowest() == 300);
  CHECK_FALSE(programme.constant());
}

TEST_CASE("two points at one time are a jump, which at() has not yet made and after() has") {
  const Programme programme({{0, 900}, {2, 900}, {2, 300}, {5, 300}});
  CHECK(programme.at(2) == 900);
  CHECK(programme.after(2) == 300);
  CHECK(programme.slope_after(2) == 0);
  CHECK(programme.next_corner(0) == 2);
  CHECK(programme.next_corner(2) == 5);
  CHECK(programme.at(2.0001) == 300);
  CHECK(programme.lowest() == 300);
}

TEST_CASE("a programme in other units of time has the same values") {
  const Programme programme = Programme({{0, 900}, {2, 300}}).in_units_of(0.5);
  CHECK(programme.at(4) == 300);
  CHECK(programme.at(2) == 600);
}

TEST_CASE("a constant is a programme without corners") {
  const Programme programme(300);
  CHECK(programme.constant());
  CHECK(programme.at(0) == 300);
  CHECK(programme.after(7) == 300);
  CHECK(programme.slope_after(7) == 0);
  CHECK(std::isinf(programme.next_corner(0)));
}
