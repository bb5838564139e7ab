// A checkpoint that was changed in any way, as a run that is resumed reads it. An input says how it was changed: bytes
// that are cut off its end, then places and what is flipped there.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "fuzz.hpp"
#include "spinode/output/results.hpp"
#include "spinode/simulation.hpp"
#include "support.hpp"

namespace {

/// A folder with a run that was stopped after a step, and the bytes of its checkpoint.
struct StoppedRun {
  spinode::test::TemporaryFolder folder;
  spinode::Case config = spinode::test::double_well_case({"domain.cells=[16]", "initial.noise=0.01"});
  std::filesystem::path file = folder.path() / "checkpoints/a.h5";
  std::string bytes;

  StoppedRun() {
    using namespace spinode;
    const Model model(config);
    Results results(folder.path(), config, Existing::resume);
    Requests requests;
    requests.stop = true;
    static_cast<void>(simulate(config, model, results, {}, requests));
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
};

/// The next number of an input, 0 after its end.
std::size_t take(std::string_view& input, std::size_t bytes) {
  std::size_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    number = 256 * number + (input.empty() ? 0 : static_cast<unsigned char>(input.front()));
    input.remove_prefix(input.empty() ? 0 : 1);
  }
  return number;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  static const StoppedRun run;
  std::string_view input = fuzz::text_of(data, size);
  std::string changed = run.bytes;
  changed.resize(changed.size() - take(input, 3) % changed.size());
  while (!input.empty()) {
    const std::size_t at = take(input, 3) % changed.size();
    changed[at] = static_cast<char>(changed[at] ^ static_cast<char>(take(input, 1)));
  }
  std::ofstream(run.file, std::ios::binary) << changed;
  bool read = false;
  fuzz::expect_named_errors([&] {
    Results results(run.folder.path(), run.config, Existing::resume);
    read = results.resumed_from() != nullptr;
  });
  if (read != (changed == run.bytes)) std::abort();
  return 0;
}
