#include "spinode/output/snapshots.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "host_name.hpp"
#include "now_utc.hpp"
#include "spinode/archive.hpp"
#include "spinode/error.hpp"
#include "spinode/hdf5.hpp"
#include "spinode/parallel.hpp"
#include "spinode/version.hpp"
#include "whole_file.hpp"

namespace spinode {
namespace {

namespace fs = std::filesystem;

/// The image that a reader sees: points at the centres of the cells. ParaView 5.11 draws boxes far below a metre in
/// black and dies of an image that is flat, so lengths are in nm, and an axis that the case does not have gets two
/// equal layers.
struct Image {
  std::vector<std::size_t> shape;  // slowest axis first
  std::vector<double> origin, spacing;
  std::vector<std::int64_t> extent;
  std::size_t copies = 1;

  Image(const Case& config, const Grid& grid) {
    const double unit = config.snapshot_length();
    for (int a = 0; a < 3; ++a) {
      const bool flat = a >= grid.dimension();
      const std::size_t points = flat ? 2 : grid.cells(a);
      spacing.push_back(grid.axis(flat ? 0 : a).spacing() / unit);
      origin.push_back(flat ? 0 : spacing.back() / 2);
      shape.insert(shape.begin(), points);
      extent.insert(extent.end(), {0, static_cast<std::int64_t>(points) - 1});
      if (flat) copies *= 2;
    }
  }

  std::vector<std::size_t> shape_of(const OutputField& field) const {
    std::vector<std::size_t> extents = shape;
    if (field.rank != Rank::scalar) extents.push_back(field.components());
    return extents;
  }
};

template <class InFile, class Real>
Array<InFile> layers(std::span<const Field<Real>> components, double unit, std::size_t copies) {
  const std::size_t cells = components.front().size(), count = components.size();
  Array<InFile> values(copies * cells * count);
  for (std::size_t copy = 0; copy < copies; ++copy)
    for (std::size_t c = 0; c < count; ++c) {
      const Real* const component = components[c].data();
      InFile* const layer = values.data() + copy * cells * count + c;
      for_cells(cells, [=](std::size_t cell) { layer[cell * count] = static_cast<InFile>(unit * component[cell]); });
    }
  return values;
}

/// XDMF's word for a field. Readers that know Tensor6 take its components in another order than ParaView.
const char* attribute_type(Rank rank) {
  switch (rank) {
    case Rank::scalar:
      return "Scalar";
    case Rank::vector:
      return "Vector";
    case Rank::symmetric_tensor:
      return "Matrix";
  }
  throw std::logic_error("unknown rank");
}

std::string boundary_of(const Grid& grid) {
  std::string text;
  for (int a = 0; a < grid.dimension(); ++a)
    text += std::string(a ? "," : "") + (grid.axis(a).boundary == Boundary::periodic ? "periodic" : "no_flux");
  return text;
}

/// A case may be named "a & b".
std::string xml(const std::string& text) {
  std::string escaped;
  for (const char c : text)
    escaped += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : std::string(1, c);
  return escaped;
}

}  // namespace

std::filesystem::path Snapshots::index_file() const { return folder_ / (case_->system.name + ".xdmf"); }

bool Snapshots::is_later(const fs::path& snapshot) const {
  return snapshot.extension() == ".hdf" && snapshot.filename() >= fs::path(file(entries_.size())).filename();
}

void Snapshots::serialize(Archive& archive) {
  // The fields of each snapshot, which may change when a run goes on.
  std::vector<std::string> fields;
  for (const Entry& entry : entries_) {
    std::string names;
    for (const OutputField& field : entry.fields) names += fmt::format("{} ", field.name);
    fields.push_back(names);
  }
  std::string field_lines = fmt::format("{}", fmt::join(fields, "\n"));
  archive("snapshots", entries_);
  archive("fields", field_lines);
  if (!archive.reads()) return;
  std::istringstream lines(field_lines);
  for (Entry& entry : entries_) {
    std::string line, field;
    std::getline(lines, line);
    for (std::istringstream words(line); words >> field;) {
      const auto known = std::find_if(output_fields().begin(), output_fields().end(),
                                      [&](const OutputField& other) { return other.name == field; });
      if (known == output_fields().end())
        throw IoError(fmt::format("{}: its checkpoint names no valid field of a snapshot", folder_.string()));
      entry.fields.push_back(*known);
    }
  }
}

std::string Snapshots::file(std::size_t i) const {
  return fmt::format("snapshots/{}_{:06}.hdf", case_->system.name, i);
}

template <class Real>
void Snapshots::copy(std::span<const Field<Real>> components, double unit, State& state) const {
  const std::size_t copies = Image(*case_, state.grid).copies;
  if (case_->output.single_precision)
    state.values.emplace_back(layers<float>(components, unit, copies));
  else
    state.values.emplace_back(layers<double>(components, unit, copies));
}
template void Snapshots::copy(std::span<const Field<float>>, double, State&) const;
template void Snapshots::copy(std::span<const Field<double>>, double, State&) const;

void Snapshots::write(const State& state) {
  const Image image(*case_, state.grid);
  const std::string name = file(entries_.size());
  Hdf5File out = Hdf5File::create(folder_ / name);
  for (std::size_t i = 0; i < state.values.size(); ++i) {
    const OutputField& field = case_->output.fields[i];
    const std::string dataset = fmt::format("/VTKHDF/PointData/{}", field.name);
    const std::vector<std::size_t> shape = image.shape_of(field);
    std::visit([&](const auto& values) { out.write(dataset, values.data(), shape, case_->output.compression); },
               state.values[i]);
    out.attribute(dataset, "unit", case_->unit(field.unit));
    if (field.rank != Rank::scalar)
      out.attribute(dataset, "components", fmt::format("{}", fmt::join(field.component_names(), " ")));
  }
  out.attribute("/VTKHDF", "Version", std::vector<std::int64_t>{1, 0});
  out.attribute("/VTKHDF", "Type", std::string("ImageData"));
  out.attribute("/VTKHDF", "WholeExtent", image.extent);
  out.attribute("/VTKHDF", "Origin", image.origin);
  out.attribute("/VTKHDF", "Spacing", image.spacing);
  out.attribute("/VTKHDF", "Direction", std::vector<double>{1, 0, 0, 0, 1, 0, 0, 0, 1});
  out.attribute("/", "time", state.stamp.time);
  out.attribute("/", "temperature", state.stamp.temperature);
  out.attribute("/", "x_host", state.phases.x_host);
  out.attribute("/", "x_solute", state.phases.x_solute);
  out.attribute("/", "temperature_unit", case_->unit("K"));
  out.attribute("/", "time_unit", case_->unit("s"));
  out.attribute("/", "length_unit", case_->unit(SnapshotLength::name));
  out.attribute("/", "step", state.stamp.step);
  out.attribute("/", "dimension", static_cast<std::int64_t>(case_->grid.dimension()));
  out.attribute("/", "boundary", boundary_of(case_->grid));
  out.attribute("/", "case", case_->system.name);
  out.attribute("/", "host_species", case_->system.host);
  out.attribute("/", "solute", case_->system.solute);
  out.attribute("/", "spinode_version", std::string(version()));
  out.attribute("/", "host", host_name());
  out.attribute("/", "created", now_utc());
  out.attribute("/", "config", case_->resolved_config);
  out.publish();
  entries_.push_back({state.stamp.time, state.grid.thickness(), case_->output.single_precision, case_->output.fields});
  write_index();
}

void Snapshots::write_index() const {
  // XDMF counts axes from the slowest.
  const auto backwards = [](const std::vector<double>& v) {
    return fmt::format("{:.17g} {:.17g} {:.17g}", v[2], v[1], v[0]);
  };
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Xdmf Version=\"3.0\">\n  <Domain>\n"
      "    <Grid Name=\"{}\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
      xml(case_->system.name));
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const std::string name = file(i);
    const Image image(*case_, case_->grid.of_thickness(entry.thickness));
    const std::string geometry = fmt::format(
        "        <Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"{0}\"/>\n"
        "        <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\n"
        "          <DataItem Name=\"Origin\" Format=\"XML\" NumberType=\"Float\" Precision=\"8\" "
        "Dimensions=\"3\">{1}</DataItem>\n"
        "          <DataItem Name=\"Spacing\" Format=\"XML\" NumberType=\"Float\" Precision=\"8\" "
        "Dimensions=\"3\">{2}</DataItem>\n"
        "        </Geometry>\n",
        fmt::join(image.shape, " "), backwards(image.origin), backwards(image.spacing));
    text += fmt::format("      <Grid Name=\"{}\" GridType=\"Uniform\">\n        <Time Value=\"{:.17g}\"/>\n{}",
                        xml(fs::path(name).stem().string()), entry.time, geometry);
    for (const OutputField& field : entry.fields)
      text += fmt::format(
          "        <Attribute Name=\"{0}\" AttributeType=\"{1}\" Center=\"Node\">\n"
          "          <DataItem Format=\"HDF\" NumberType=\"Float\" Precision=\"{2}\" "
          "Dimensions=\"{3}\">{4}:/VTKHDF/PointData/{0}</DataItem>\n"
          "        </Attribute>\n",
          field.name, attribute_type(field.rank), entry.single_precision ? 4 : 8, fmt::join(image.shape_of(field), " "),
          xml(name));
    text += "      </Grid>\n";
  }
  write_whole(index_file(), text + "    </Grid>\n  </Domain>\n</Xdmf>\n");
}

}  // namespace spinode
