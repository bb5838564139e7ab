#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/initial/list.hpp"

namespace spinode {

FileInitial FileInitial::read(Config& config) {
  FileInitial model;
  model.file =
      config.resolve("initial.file", config.text({.name = "initial.file", .help = "HDF5 file, relative to the case"}));
  model.dataset =
      config.text({.name = "initial.dataset", .fallback = "/VTKHDF/PointData/x", .help = "dataset of the initial x"});
  std::error_code none;
  if (!config.describing() && config.has("initial.file") && !std::filesystem::is_regular_file(model.file, none))
    config.fault("initial.file", "no such file");
  return model;
}

void FileInitial::fill(const Grid& grid, Field<double>& field) const {
  const Hdf5File source = Hdf5File::open(file);
  const std::vector<std::size_t> shape = source.shape(dataset);
  // Axes of one cell may be left out; a snapshot holds two equal layers of the axes that a case does not have.
  std::vector<std::size_t> whole, without_flat, of_snapshot;
  for (int a = 2; a >= 0; --a) {
    whole.push_back(grid.cells(a));
    of_snapshot.push_back(a < grid.dimension() ? grid.cells(a) : 2);
    if (a < grid.dimension()) without_flat.push_back(grid.cells(a));
  }
  if (shape != whole && shape != without_flat && shape != of_snapshot)
    throw IoError(fmt::format("{}: dataset {} has shape ({}), the domain needs ({})", file.string(), dataset,
                              fmt::join(shape, ", "), fmt::join(whole, ", ")));
  const std::vector<double> values = source.read(dataset);
  if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
    throw IoError(fmt::format("{}: dataset {} holds values that are not finite", file.string(), dataset));
  std::copy_n(values.begin(), grid.size(), field.data());
}

}  // namespace spinode
