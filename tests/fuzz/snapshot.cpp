// Snapshots in HDF5, as spinode analyze reads them.
#include <fstream>

#include "fuzz.hpp"
#include "spinode/analysis.hpp"
#include "support.hpp"

namespace {

struct Results {
  spinode::test::TemporaryFolder folder;

  Results() {
    std::filesystem::create_directory(folder.path() / "snapshots");
    std::ofstream(folder.path() / "resolved.toml")
        << "units = \"none\"\ndomain.length = [6, 4]\ndomain.cells = [6, 4]\nmeasures.use = [\"phases\"]\n";
    std::ofstream(folder.path() / "timeseries.csv") << "time [1],length [1],x_deviation [1]\n";
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace spinode;
  static const Results results;
  std::ofstream(results.folder.path() / "snapshots" / "x.hdf", std::ios::binary) << fuzz::text_of(data, size);
  fuzz::expect_named_errors([&] { static_cast<void>(analyze_results(results.folder.path(), {}, {})); });
  return 0;
}
