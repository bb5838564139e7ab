// Study files in TOML: what spinode sweep reads of them, and reads again from its own description.
#include "spinode/study/study.hpp"

#include <algorithm>
#include <cctype>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  const std::string_view text = fuzz::text_of(data, size);
  // Thousands of values take their time by right.
  const auto four_digits = [&](std::size_t i) {
    return std::all_of(text.begin() + i, text.begin() + i + 4, [](char c) { return std::isdigit(c) != 0; });
  };
  for (std::size_t i = 0; i + 4 <= text.size(); ++i)
    if (four_digits(i)) return 0;
  fuzz::expect_named_errors([&] {
    const fuzz::InputFile file(text);
    const Design written = Study::read(file.path()).design();
    const fuzz::InputFile description(written.toml());
    const Design read = Design::read(description.path());
    for (std::size_t i = 0; i < std::min<std::size_t>(written.cases(), 100); ++i)
      if (read.label(i) != written.label(i)) std::abort();
  });
  return 0;
}
