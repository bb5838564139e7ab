// Runs a protocol: which current now, when it ends, and the ledger of the charge, kept by the steps that were accepted.
// All in the units of the caller, charges as lengths of stripped metal.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "spinode/electrode/protocol.hpp"

namespace spinode {

class Archive;

/// What the ends of a step look at.
struct Signals {
  double host = 1;       // mean 1-x of the sink layer
  double available = 1;  // what the sink lives on (MetalFlow::host_available)
  double potential = 0;  // against the pure host
};

/// What happens where the sink layer holds less than `least` of the host while it is stripped: the run stops, or the
/// current is cut to what arrives there.
struct Depletion {
  bool stop = true;
  double least = 1e-3;
};

/// What lies between the metal and the pure host at a current: charge transfer (Butler & Volmer, transfer coefficient
/// 1/2) and the separator.
struct Kinetics {
  std::optional<double> exchange_velocity;
  double resistance = 0;  // potential per velocity

  /// (2RT/F) asinh(v/2v0); RT in units of potential.
  double overpotential(double velocity, double RT) const;
  double ohmic_drop(double velocity) const { return resistance * velocity; }
};

/// Charge since the start, as lengths of stripped metal.
struct Ledger {
  double requested = 0, delivered = 0;
  double throughput = 0;  // delivered, both ways counted

  template <class A>
  void serialize(A& archive) {
    archive("requested", requested);
    archive("delivered", delivered);
    archive("throughput", throughput);
  }
};

class Cycler {
 public:
  /// potential_tolerance: how far a step may run past a potential.
  Cycler(Protocol protocol, Depletion depletion, Kinetics kinetics, double potential_tolerance);

  bool finished() const { return number_ >= protocol_.count(); }
  const ProtocolStep& step() const { return protocol_.step(number_); }
  /// From 0, through all cycles.
  std::size_t number() const { return number_; }
  const Depletion& depletion() const { return depletion_; }
  const Kinetics& kinetics() const { return kinetics_; }
  double velocity() const { return finished() ? 0 : step().velocity; }
  bool needs_potential() const { return !finished() && step().potential.has_value(); }

  /// Time after which the present step ends by duration or charge at this velocity; infinite without either.
  double time_left(double velocity) const;
  /// A step was accepted.
  void advance(double dt, double velocity);
  /// Why the present step is over, if it is.
  std::optional<StepEnd> over(const Signals& now) const;
  /// Share of a time step after which a limit was passed, if the step ran too far past it.
  std::optional<double> passed(const Signals& before, const Signals& after) const;
  /// Goes on to the next step, or to the end when the sink is depleted.
  void finish_step(StepEnd end, double time, double thickness, double potential);

  const Ledger& ledger() const { return ledger_; }
  const std::vector<FinishedStep>& history() const { return history_; }

  /// The position in the protocol and the ledger.
  void serialize(Archive& archive);

 private:
  /// A limit that a signal approaches from below zero.
  struct Limit {
    StepEnd end;
    double before, after, tolerance;
  };
  std::vector<Limit> limits(const Signals& before, const Signals& after) const;

  Protocol protocol_;
  Depletion depletion_;
  Kinetics kinetics_;
  double potential_tolerance_;
  std::size_t number_ = 0;
  double time_in_step_ = 0, charge_in_step_ = 0;
  Ledger ledger_;
  std::vector<FinishedStep> history_;
};

}  // namespace spinode
