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
  if (!config.describing() && config.has("initial.file") && !std::filesystem::is_regular_file(model.file))
    config.fault("initial.file", "no such file");
  return model;
}

void FileInitial::fill(const Grid& grid, Field<double>& field) const {
  const Hdf5File source = Hdf5File::open(file);
  std::vector<std::size_t> shape = source.shape(dataset);
  // Axes of one cell may be left out.
  std::vector<std::size_t> wanted{grid.cells(2), grid.cells(1), grid.cells(0)};
  std::erase(shape, 1);
  const std::vector<std::size_t> full = wanted;
  std::erase(wanted, 1);
  if (shape != wanted)
    throw IoError(fmt::format("{}: dataset {} has shape ({}), the domain needs ({})", file.string(), dataset,
                              fmt::join(source.shape(dataset), ", "), fmt::join(full, ", ")));
  const std::vector<double> values = source.read(dataset);
  if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); }))
    throw IoError(fmt::format("{}: dataset {} holds values that are not finite", file.string(), dataset));
  std::copy(values.begin(), values.end(), field.data());
}

}  // namespace spinode
