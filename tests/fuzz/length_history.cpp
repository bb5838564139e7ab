// The time series of a run as spinode analyze reads it, and the law of coarsening in it.
#include "output/length_history.hpp"

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  fuzz::expect_named_errors([&] {
    const fuzz::InputFile file(fuzz::text_of(data, size));
    const LengthHistory history = read_length_history(file.path());
    static_cast<void>(fit_coarsening(history, coarsening_window(history, 1e-6, {}, {})));
  });
  return 0;
}
