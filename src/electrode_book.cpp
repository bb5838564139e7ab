#include "electrode_book.hpp"

#include <algorithm>

#include "spinode/parallel.hpp"

namespace spinode {
namespace {

double mean_of(const Field<double>& x) {
  const std::size_t blocks = std::min<std::size_t>(x.size(), 128);
  const double sum = reduce_rows<double>(blocks, [&](Rows share) {
    double part = 0;
    for (std::size_t i = x.size() * share.begin / blocks; i < x.size() * share.end / blocks; ++i) part += x[i];
    return part;
  });
  return sum / static_cast<double>(x.size());
}

}  // namespace

ElectrodeBook::ElectrodeBook(const Case& config, const Model& model, const Extent& extent, const Field<double>& x)
    : case_(&config), model_(&model), amount_(extent.amount), host_(extent.thickness * (1 - mean_of(x))) {}

ElectrodeMeasures ElectrodeBook::measures(const Present& now, const Cycler& cycler, const Field<double>& x,
                                          double T) const {
  const CodeUnits& units = model_->units();
  const Ledger& ledger = cycler.ledger();
  const double mean = mean_of(x), thickness = now.extent.thickness, host = thickness * (1 - mean);
  // What entered a window: metal as long as what was stripped, less its solute.
  const bool window = case_->electrode->flow.frame == Frame::window;
  const double entered = window ? ledger.delivered - (now.extent.amount - amount_) : 0;
  const double removed = host_ + entered - host, v = now.velocity * units.length / units.time;
  return {.step = static_cast<std::int64_t>(now.step) + 1,
          .cycle = static_cast<std::int64_t>(now.step / case_->electrode->protocol.steps.size()) + 1,
          .current_density = v * case_->charge_density(),
          .requested = charge() * ledger.requested,
          .delivered = charge() * ledger.delivered,
          .host_removed = charge() * removed,
          .imbalance = ledger.throughput > 0 ? (removed - ledger.delivered) / ledger.throughput : 0,
          .solute_amount = thickness * units.length * mean / model_->V_m(),
          .thickness = thickness * units.length,
          .host_left = host / host_,
          .x_layer = now.sink.x,
          .x_face = now.sink.x_face,
          .potential_open = volt() * now.potential_open,
          .overpotential = volt() * now.overpotential,
          .ohmic_drop = volt() * now.ohmic_drop,
          .peclet = v * thickness * units.length / model_->diffusivity(T)};
}

FinishedStep ElectrodeBook::in_SI(FinishedStep step) const {
  const CodeUnits& units = model_->units();
  step.time *= units.time;
  step.requested *= charge();
  step.delivered *= charge();
  step.thickness *= units.length;
  step.potential *= volt();
  return step;
}

}  // namespace spinode
