// spinode fit: Redlich-Kister coefficients of formation energies at 0 K.
#include "spinode/thermo/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "command.hpp"
#include "spinode/error.hpp"
#include "spinode/formation_energies.hpp"
#include "spinode/system_file.hpp"
#include "spinode/units.hpp"

namespace spinode::command {
namespace {

namespace fs = std::filesystem;

constexpr int most_terms = 10, most_automatic_terms = 6;

struct FitArguments {
  fs::path file, output, base;
  std::string terms = "auto", host = "host", solute = "solute";
  bool overwrite = false;
};

/// The number that --terms gives; 0 for auto.
int terms_wanted(const std::string& given) {
  if (given == "auto") return 0;
  int terms = 0;
  const auto [end, fault] = std::from_chars(given.data(), given.data() + given.size(), terms);
  if (fault != std::errc() || end != given.data() + given.size() || terms < 1 || terms > most_terms)
    throw ConfigError(fmt::format("command line: --terms = \"{}\": expected \"auto\" or a whole number from 1 to {}",
                                  given, most_terms));
  return terms;
}

template <class Count>
std::string counted(Count count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// The fits of 1, 2, ... terms and the number of terms that is taken.
struct Fits {
  std::vector<RedlichKisterFit> by_terms;
  std::optional<TermChoice> choice;  // of auto
  int terms;

  const RedlichKisterFit& chosen() const { return by_terms[terms - 1]; }
};

Fits fit(const FitArguments& arguments, const FormationEnergies& energies) {
  const int wanted = terms_wanted(arguments.terms);
  const int automatic = static_cast<int>(std::min<std::size_t>(energies.rows.size(), most_automatic_terms + 2)) - 2;
  Fits fits{.by_terms = fit_redlich_kister(energies, std::max(wanted, automatic)), .choice = {}, .terms = wanted};
  if (wanted > static_cast<int>(fits.by_terms.size()))
    throw ConfigError(fmt::format("command line: --terms = {}: must be at most {}, as many as the compositions in {}",
                                  wanted, fits.by_terms.size(), arguments.file.string()));
  if (wanted > 0) return fits;
  if (automatic < 1)
    throw ConfigError(
        fmt::format("command line: --terms = \"auto\": expected a number, as {} has {} and "
                    "cross-validation needs 3",
                    arguments.file.string(), counted(energies.rows.size(), "row", "rows")));
  fits.choice = choose_terms(fits.by_terms);
  if (!fits.choice)
    throw ConfigError(
        fmt::format("command line: --terms = \"auto\": expected a number, as cross-validation fails: one "
                    "row of {} alone settles a coefficient",
                    arguments.file.string()));
  fits.terms = fits.choice->terms;
  return fits;
}

/// The least and the largest x.
std::pair<double, double> range(const FormationEnergies& energies) {
  const auto [low, high] = std::minmax_element(energies.rows.begin(), energies.rows.end(),
                                               [](const auto& a, const auto& b) { return a.x < b.x; });
  return {low->x, high->x};
}

void print_energies(const FitArguments& arguments, const FormationEnergies& energies) {
  const auto [low, high] = range(energies);
  fmt::print("{}: {} from x = {:.6g} to {:.6g}, {}\n", arguments.file.string(),
             counted(energies.rows.size(), "formation energy", "formation energies"), low, high,
             energies.has_errors ? "weighted by 1/error^2" : "of equal weight");
  for (std::size_t i = 0; i < energies.pure.size(); ++i) {
    const PureCell& pure = energies.pure[i];
    fmt::print("pure {}: line {}, {:g} atoms, {:.8g} eV/atom{}\n", i == 0 ? arguments.host : arguments.solute,
               pure.line, pure.atoms, pure.G / constants::F,
               pure.cells > 1 ? fmt::format(", of {} cells the one with the most atoms", pure.cells) : "");
  }
}

void print_orders(const Fits& fits) {
  fmt::print("\nterms   cross-validation [J/mol]   rms residual [J/mol]\n");
  for (const RedlichKisterFit& fit : fits.by_terms)
    fmt::print("{:>5}   {:>24}   {:>20.6g}{}\n", fit.terms(),
               std::isinf(fit.deleted_square) ? "-" : fmt::format("{:.6g}", fit.cross_validation_error()), fit.rms,
               fit.terms() == fits.terms ? "  <" : "");
  if (std::any_of(fits.by_terms.begin(), fits.by_terms.end(),
                  [](const auto& f) { return std::isinf(f.deleted_square); }))
    fmt::print("-: without one of the rows a coefficient is not determined\n");
  if (fits.choice)
    fmt::print(
        "{}: the fewest within one standard error of the least cross-validation error, that of {}; limit {:.6g} "
        "J/mol\n",
        counted(fits.terms, "term", "terms"), fits.choice->least, fits.choice->limit);
}

void print_coefficients(const RedlichKisterFit& fit, bool has_errors, const std::string& solute) {
  const Eigen::VectorXd error = fit.error();
  fmt::print("\nG_f(x) = x(1-x) sum_k L_k (1-2x)^k per mole of atoms, x = mole fraction of {}\n", solute);
  for (int k = 0; k < fit.terms(); ++k)
    fmt::print("L_{} = {:.8g}{} J/mol\n", k, fit.L[k], error.size() > 0 ? fmt::format(" +- {:.4g}", error[k]) : "");
  if (error.size() == 0)
    fmt::print("errors unknown: as many terms as energies, which have no errors of their own\n");
  else
    fmt::print("errors from {}\n", has_errors ? "those of the energies" : "the residuals");
  if (fit.correlation.rows() > 1) {
    fmt::print("correlation of the errors\n");
    for (int i = 0; i < fit.terms(); ++i) {
      for (int j = 0; j < fit.terms(); ++j) fmt::print("{:>10.4f}", fit.correlation(i, j));
      fmt::print("\n");
    }
  }
  if (!std::isnan(fit.reduced_chi2))
    fmt::print("reduced chi^2 = {:.4g}, {}\n", fit.reduced_chi2,
               counted(fit.residual.size() - fit.terms(), "degree of freedom", "degrees of freedom"));
}

void print_residuals(const FormationEnergies& energies, const RedlichKisterFit& fit) {
  fmt::print("\n{:>12}{:>18}{:>16}{:>20}\n", "x", "energy [J/mol]", "fit [J/mol]", "residual [J/mol]");
  for (std::size_t i = 0; i < energies.rows.size(); ++i) {
    const auto& [x, G, error] = energies.rows[i];
    fmt::print("{:>12.6g}{:>18.8g}{:>16.8g}{:>20.4g}\n", x, G, G - fit.residual[i], fit.residual[i]);
  }
}

void print_dilute_limit(const FormationEnergies& energies) {
  const std::optional<DiluteLimit> limit = dilute_limit(energies);
  if (!limit) {
    const auto [low, high] = range(energies);
    fmt::print("\ndilute limit not possible: x goes from {:.6g} to {:.6g}, expected x < 0.2 and x > 0.8\n", low, high);
    return;
  }
  fmt::print("\ndilute limit from x = {:.6g} and {:.6g} (dos Santos et al. 2025, Eqs. 8-9)\n", limit->x_host,
             limit->x_solute);
  fmt::print("  slopes, first order in x       L_0 = {:.8g} J/mol, L_1 = {:.8g} J/mol\n", limit->L0, limit->L1);
  fmt::print("  two terms through both points  L_0 = {:.8g} J/mol, L_1 = {:.8g} J/mol\n", limit->L0_exact,
             limit->L1_exact);
}

SystemFile system_file(const FitArguments& arguments, const RedlichKisterFit& fit) {
  const std::string name = arguments.file.filename().string();
  SystemFile system;
  system.comment = fmt::format("Free energy of {}-{}, x = mole fraction of {}: spinode fit of {}.", arguments.host,
                               arguments.solute, arguments.solute, name);
  system.host = arguments.host;
  system.solute = arguments.solute;
  system.L = {fit.L.begin(), fit.L.end()};
  const Eigen::VectorXd error = fit.error();
  system.error = {error.begin(), error.end()};
  for (const auto& row : fit.correlation.rowwise()) system.correlation.emplace_back(row.begin(), row.end());
  system.source = fmt::format(
      "fit of {}: {}, {}, cross-validation error {}", name, counted(fit.residual.size(), "energy", "energies"),
      counted(fit.terms(), "term", "terms"),
      std::isinf(fit.deleted_square) ? "unknown" : fmt::format("{:.4g} J/mol", fit.cross_validation_error()));
  system.confidence = "computed";
  system.base = arguments.base;
  return system;
}

void run_fit(const FitArguments& arguments) {
  const FormationEnergies energies = FormationEnergies::read(arguments.file);
  const Fits fits = fit(arguments, energies);
  if (!arguments.output.empty()) system_file(arguments, fits.chosen()).write(arguments.output, arguments.overwrite);
  print_energies(arguments, energies);
  print_orders(fits);
  print_coefficients(fits.chosen(), energies.has_errors, arguments.solute);
  print_residuals(energies, fits.chosen());
  print_dilute_limit(energies);
  if (!arguments.output.empty()) fmt::print("\nwritten {}\n", arguments.output.string());
}

}  // namespace

void add_fit(CLI::App& app) {
  const auto arguments = std::make_shared<FitArguments>();
  CLI::App* const command = app.add_subcommand("fit", "Redlich-Kister coefficients of formation energies at 0 K");
  command->add_option("energies", arguments->file, "formation energies, or energies of cells, in CSV")->required();
  command->add_option("--terms", arguments->terms, "how many coefficients; auto: by cross-validation")
      ->capture_default_str();
  command->add_option("--host", arguments->host, "name of the host, x = 0")->capture_default_str();
  command->add_option("--solute", arguments->solute, "name of the solute, x = 1")->capture_default_str();
  CLI::Option* const output = command->add_option("--output", arguments->output, "system file to write, in TOML");
  command->add_option("--base", arguments->base, "system file from which the output takes the rest")->needs(output);
  command->add_flag("--overwrite", arguments->overwrite, "replace the output")->needs(output);
  command->callback([arguments] { run_fit(*arguments); });
}

}  // namespace spinode::command
