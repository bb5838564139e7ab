// The books of an electrode while it runs: what the time series says of it, in SI, from the state and the cycler.
#pragma once

#include "spinode/case.hpp"
#include "spinode/measure/electrode.hpp"
#include "spinode/model.hpp"
#include "spinode/stepper/scheme.hpp"
#include "spinode/units.hpp"

namespace spinode {

class ElectrodeBook {
 public:
  /// Of the start: its extent, and its composition in cells.
  ElectrodeBook(const Case& config, const Model& model, const Extent& extent, const Field<double>& x);

  /// What the stepper knows of the present, in code units.
  struct Present {
    std::size_t step = 0;  // of the protocol: the one that brought the state here, from 0
    Extent extent;
    SinkState sink;
    double velocity = 0, potential_open = 0, overpotential = 0, ohmic_drop = 0;
  };
  ElectrodeMeasures measures(const Present& now, const Cycler& cycler, const Field<double>& x, double T) const;
  FinishedStep in_SI(FinishedStep step) const;
  template <class A>
  void serialize(A& archive) {
    archive("solute_at_start", amount_);
    archive("host_at_start", host_);
  }

 private:
  double charge() const { return case_->charge_density() * model_->units().length; }
  double volt() const { return case_->system.dimensionless ? 1 : model_->units().energy / constants::F; }

  const Case* case_;
  const Model* model_;
  double amount_, host_;  // of solute and host at the start, as lengths of metal
};

}  // namespace spinode
