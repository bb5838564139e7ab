#include "spinode/electrode/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace spinode {
namespace {

const std::string list = "electrode.protocol";

template <class Choice, class Names>
Choice chosen(const std::string& name, const Names& names) {
  return static_cast<Choice>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::vector<std::string> names_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::vector<std::string> names;
  for (const auto& [name, help] : entries) names.push_back(name);
  return names;
}

FlowParameters read_flow(Config& config, const Grid& grid, double x0) {
  FlowParameters flow;
  const std::vector<std::string> frames{"shrinking", "window"}, weights{"uniform", "fraction", "activity"},
      shapes = names_of(layer_shape_entries());
  flow.frame = chosen<Frame>(
      config.text({.name = "electrode.frame",
                   .choices = frames,
                   .fallback = "shrinking",
                   .help = "the grid shrinks with the electrode, or is a window of constant length at the separator"}),
      frames);
  const double thickness = grid.thickness(), cells = static_cast<double>(grid.cells(grid.dimension() - 1));
  const double layer = config.quantity({.name = "electrode.layer",
                                        .unit = "m",
                                        .bounds = positive,
                                        .fallback = std::max(4 / cells, 0.02) * thickness,
                                        .help = "thickness of the sink layer at the separator, at the start: it keeps "
                                                "its share of the electrode"});
  flow.layer = layer / thickness;
  if (flow.layer * cells < 4 * (1 - 1e-9))
    config.fault("electrode.layer", fmt::format("must be at least four cells, {:.6g} m", 4 * thickness / cells));
  if (flow.layer > 0.5) config.fault("electrode.layer", "must be at most half of the electrode");
  flow.shape = chosen<LayerShape>(config.text({.name = "electrode.layer_shape",
                                               .choices = shapes,
                                               .fallback = "raised_cosine",
                                               .help = "strength of the sink over the layer"}),
                                  shapes);
  flow.weight = chosen<SinkWeight>(
      config.text({.name = "electrode.sink",
                   .choices = weights,
                   .fallback = "uniform",
                   .help =
                       "local strength of the sink: the same along the separator, in proportion to the host that is "
                       "left, or to the activity of the host"}),
      weights);
  if (config.describing() || flow.frame == Frame::window)
    flow.x_far = config.quantity({.name = "electrode.x_far",
                                  .bounds = fraction,
                                  .fallback = x0,
                                  .help = "composition of the metal that enters a window at the collector; that of the "
                                          "initial state when left out"});
  flow.contact_noise =
      config.quantity({.name = "electrode.contact_noise",
                       .bounds = {.min = 0, .max = 0.3},
                       .fallback = 0.0,
                       .help = "uneven contact with the separator: standard deviation of the local current"});
  if (flow.contact_noise > 0 && grid.dimension() == 1)
    config.fault("electrode.contact_noise", "an electrode in 1D has no places along the separator");
  if (!config.describing() && !(flow.contact_noise > 0)) return flow;
  const double spacing = grid.axis(0).spacing();
  flow.contact_length = config.quantity({.name = "electrode.contact_length",
                                         .unit = "m",
                                         .bounds = positive,
                                         .fallback = 2 * spacing,
                                         .help = "distance over which the contact is alike; two cells when left out"});
  double shortest = grid.axis(0).length, widest = spacing;
  for (int a = 1; a + 1 < grid.dimension(); ++a) {
    shortest = std::min(shortest, grid.axis(a).length);
    widest = std::max(widest, grid.axis(a).spacing());
  }
  if (flow.contact_length < widest || flow.contact_length > shortest / 4)
    config.fault("electrode.contact_length",
                 fmt::format("must be at least a cell, {:.6g} m, and at most a quarter of the separator, {:.6g} m",
                             widest, shortest / 4));
  flow.contact_seed = static_cast<std::uint64_t>(config.integer(
      {.name = "electrode.contact_seed", .bounds = not_negative, .fallback = 1, .help = "seed of the uneven contact"}));
  return flow;
}

const QuantityKey current_key{
    .name = "electrode.current_density",
    .unit = "A m-2",
    .help = "constant current from the start to time.end; > 0 strips the host, < 0 plates it"};

/// One table of electrode.protocol. areal_capacity: of the host in the electrode [C/m2].
ProtocolStep read_step(Config& config, std::size_t i, double areal_capacity) {
  const std::string table = Config::entry(list, i);
  const auto key = [&](const char* name) { return table + "." + name; };
  ProtocolStep step;
  const std::vector<std::string> modes(step_mode_names.begin(), step_mode_names.end());
  const std::string mode =
      config.text({.name = key("step"), .choices = modes, .help = "what a step of the protocol does"});
  step.mode = chosen<StepMode>(mode, modes);
  const bool rest = step.mode == StepMode::rest, describing = config.describing();
  if (describing || !rest) {
    const QuantityKey current{.name = key("current_density"),
                              .unit = "A m-2",
                              .bounds = positive,
                              .help = "its current density (or give c_rate)"},
        rate{.name = key("c_rate"),
             .bounds = positive,
             .help = "its current in units of what moves electrode.areal_capacity in an hour"};
    const std::string given = config.choose({current.name, rate.name});
    double density = 0;
    if (describing || given == current.name) density = config.optional_quantity(current).value_or(0);
    if (describing || given == rate.name) density = config.optional_quantity(rate).value_or(0) * areal_capacity / 3600;
    if (given.empty() && !describing) config.fault(key("step"), "needs a current_density or a c_rate");
    step.velocity = step.mode == StepMode::plate ? -density : density;
  }
  step.duration = config.optional_quantity(
      {.name = key("duration"), .unit = "s", .bounds = positive, .help = "the step ends after this time"});
  if (describing || !rest) {
    step.charge = config.optional_quantity(
        {.name = key("capacity"), .unit = "C m-2", .bounds = positive, .help = "it ends after this charge"});
    step.potential = config.optional_quantity(
        {.name = key("potential"),
         .unit = "V",
         .help = "it ends when the potential against the pure host rises (plating: falls) to this"});
    step.host_fraction = config.optional_quantity(
        {.name = key("host_fraction"),
         .bounds = open_fraction,
         .help = "it ends when the mean of 1-x over the sink layer falls (plating: rises) to this"});
  }
  if (describing || !config.has(key("step"))) return step;
  if (rest && !step.duration) config.fault(key("step"), "needs a duration");
  if (!rest && !step.duration && !step.charge && !step.potential && !step.host_fraction && step.mode == StepMode::plate)
    config.fault(key("step"), "needs an end: a duration, capacity, potential or host_fraction");
  return step;
}

/// The longest that a protocol can take. No more can be stripped than there is and was plated before, unless more comes
/// in; a current that may be cut takes any time over a charge.
double longest_time(const ElectrodeSettings& settings, double host_charge) {
  double sum = 0, plated = 0;
  const Protocol& protocol = settings.protocol;
  for (const ProtocolStep& step : protocol.steps) {
    const double density = std::abs(step.velocity);
    double longest = step.duration.value_or(std::numeric_limits<double>::infinity());
    const bool strips = step.mode == StepMode::strip;
    if (density > 0 && step.charge && (!strips || settings.depletion.stop))
      longest = std::min(longest, *step.charge / density);
    if (strips && density > 0 && settings.flow.frame == Frame::shrinking && settings.depletion.stop)
      longest = std::min(longest, (host_charge + protocol.cycles * plated) / density);
    if (step.mode == StepMode::plate) plated += density * longest;
    sum += longest;
  }
  return protocol.cycles * sum;
}

}  // namespace

std::optional<ElectrodeSettings> ElectrodeSettings::read(Config& config, const Grid& grid,
                                                         const std::function<double()>& mean_composition,
                                                         double charge_density) {
  const std::string given = config.choose({current_key.name, list});
  const bool describing = config.describing();
  if (given.empty() && !describing) return {};
  const double x0 = describing ? 0 : mean_composition();
  ElectrodeSettings settings;
  if (grid.axis(grid.dimension() - 1).boundary != Boundary::no_flux && !describing)
    config.fault("domain.boundary", "the last axis is the electrode from separator to collector: make it no_flux");
  settings.flow = read_flow(config, grid, x0);
  const double host_charge = charge_density * grid.thickness() * (1 - x0);  // C/m2
  if (describing || given == current_key.name) {
    const double density = config.optional_quantity(current_key).value_or(0);
    const StepMode mode = density > 0 ? StepMode::strip : density < 0 ? StepMode::plate : StepMode::rest;
    settings.protocol.steps.push_back({.mode = mode, .velocity = density});
    settings.longest = std::numeric_limits<double>::infinity();
  }
  if (describing || given == list) {
    const std::size_t count =
        config.tables(list, "steps of constant current: [{ step = \"strip\", c_rate = 0.2, capacity = ... }, ...]");
    double areal_capacity = host_charge;
    bool rates = describing;
    for (std::size_t i = 0; i < count; ++i) rates = rates || config.has(Config::entry(list, i) + ".c_rate");
    if (rates)
      areal_capacity =
          config.quantity({.name = "electrode.areal_capacity",
                           .unit = "C m-2",
                           .bounds = positive,
                           .fallback = describing ? 1 : host_charge,
                           .help = "what c_rate refers to; all of the host in the electrode when left out"});
    settings.protocol.steps.clear();
    for (std::size_t i = 0; i < count; ++i) settings.protocol.steps.push_back(read_step(config, i, areal_capacity));
    settings.protocol.cycles = static_cast<int>(config.integer({.name = "electrode.cycles",
                                                                .bounds = {.min = 1, .max = 1e6},
                                                                .fallback = 1,
                                                                .help = "how often the protocol runs"}));
  }
  settings.depletion.stop = config.text({.name = "electrode.on_depletion",
                                         .choices = {"stop", "limit"},
                                         .fallback = "stop",
                                         .help = "when the sink layer runs out of the host: stop the run, or cut the "
                                                 "current to what arrives there"}) == "stop";
  if (given == list) settings.longest = longest_time(settings, host_charge);
  settings.depletion.least =
      config.quantity({.name = "electrode.least_host",
                       .bounds = {.min = 1e-6, .max = 0.5},
                       .fallback = settings.flow.weight == SinkWeight::uniform ? 0.001 : 0.01,
                       .help = "1-x of the sink layer below which it has run out: its least where the sink is uniform, "
                               "else its mean (0.01 when left out)"});
  settings.exchange_current_density =
      config.optional_quantity({.name = "electrode.exchange_current_density",
                                .unit = "A m-2",
                                .bounds = positive,
                                .help = "of the charge transfer, for its overpotential (2RT/F) asinh(j/2j0)"});
  settings.separator_resistance = config.quantity({.name = "electrode.separator_resistance",
                                                   .unit = "ohm m2",
                                                   .bounds = not_negative,
                                                   .fallback = 0.0,
                                                   .help = "area resistance of the separator, for its ohmic drop"});
  return settings;
}

}  // namespace spinode
