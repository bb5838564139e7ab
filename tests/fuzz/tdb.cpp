// Thermo-Calc databases: the first line holds phase, host and solute, as on the command line of spinode import-tdb.
#include "spinode/thermo/tdb.hpp"

#include <sstream>

#include "fuzz.hpp"
#include "spinode/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  std::string_view text = fuzz::text_of(data, size);
  std::istringstream line{std::string(fuzz::take_line(text))};
  std::string phase, host, solute;
  line >> phase >> host >> solute;
  fuzz::expect_named_errors([&] {
    const fuzz::InputFile file(text);
    const std::string system = read_tdb(file.path(), phase, host, solute).toml();
    static_cast<void>(Config::load(fuzz::InputFile(system).path()));
  });
  return 0;
}
