// Initial states in HDF5.
#include <algorithm>

#include "fuzz.hpp"
#include "spinode/field.hpp"
#include "spinode/initial/list.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  fuzz::expect_named_errors([&] {
    const fuzz::InputFile file(fuzz::text_of(data, size));
    FileInitial initial;
    initial.file = file.path();
    initial.dataset = "/g/x";
    const Grid grid({{1, 6, Boundary::periodic}, {1, 4, Boundary::periodic}});
    Field<double> x(grid);
    initial.fill(grid, x);
    if (!x.array().isFinite().all()) std::abort();
  });
  return 0;
}
