// Overrides on the command line, key=value, one a line, of a case that ships.
#include <vector>

#include "fuzz.hpp"
#include "spinode/case.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  std::vector<std::string> overrides{"domain.cells=[16,16]"};
  for (std::string_view text = fuzz::text_of(data, size); !text.empty();) overrides.emplace_back(fuzz::take_line(text));
  fuzz::expect_named_errors([&] {
    const std::filesystem::path file = SPINODE_SOURCE_DIR "/configs/li-na_stripping_2d.toml";
    constexpr std::size_t most_cells = 4096;
    Config config = Config::load(file, overrides);
    if (read_domain(config).size() <= most_cells) static_cast<void>(Case::load(file, overrides));
  });
  return 0;
}
