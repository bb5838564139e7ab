// Case files in TOML: what spinode check reads and says of them.
#include "spinode/case.hpp"

#include "fuzz.hpp"
#include "spinode/report.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  fuzz::expect_named_errors([&] {
    const fuzz::InputFile file(fuzz::text_of(data, size));
    // A large domain takes memory and time by right.
    constexpr std::size_t most_cells = 4096;
    Config config = Config::load(file.path());
    if (read_domain(config).size() > most_cells) return;
    const Case given = Case::load(file.path());
    const fuzz::InputFile resolved(given.resolved_config);
    if (Case::load(resolved.path()).resolved_config != given.resolved_config) std::abort();
    const Model model(given);
    static_cast<void>(describe_physics(given, model));
    static_cast<void>(describe_numbers(given, model));
  });
  return 0;
}
