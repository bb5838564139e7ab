// Quantities with their units: the first byte chooses what is expected.
#include <stdexcept>

#include "fuzz.hpp"
#include "spinode/units.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  std::string_view text = fuzz::text_of(data, size);
  static constexpr const char* asked[] = {"1", "m", "s", "K", "Pa", "J mol-1", "A m-2", "C m-2", "degree"};
  if (text.empty()) return 0;
  const std::string unit = asked[static_cast<unsigned char>(text.front()) % std::size(asked)];
  text.remove_prefix(1);
  for (const auto parse : {units::parse, units::parse_difference}) try {
      static_cast<void>(units::pretty(parse(std::string(text), unit), unit));
    } catch (const std::invalid_argument&) {
    }
  return 0;
}
