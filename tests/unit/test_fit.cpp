#include <fmt/format.h>

#include <Eigen/QR>
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <random>

#include "spinode/error.hpp"
#include "spinode/thermo/fit.hpp"
#include "spinode/units.hpp"
#include "support.hpp"

using namespace spinode;

namespace {

double formation_energy(double x, const std::vector<double>& L) {
  double sum = 0;
  for (std::size_t k = 0; k < L.size(); ++k) sum += L[k] * std::pow(1 - 2 * x, static_cast<double>(k));
  return x * (1 - x) * sum;
}

/// `count` energies at equal steps of x.
FormationEnergies exact(int count, const std::vector<double>& L) {
  FormationEnergies energies;
  for (int i = 1; i <= count; ++i) {
    const double x = static_cast<double>(i) / (count + 1);
    energies.rows.push_back({.x = x, .G = formation_energy(x, L)});
  }
  return energies;
}

FormationEnergies noisy(FormationEnergies energies, std::mt19937_64& random,
                        const std::function<double(double)>& sigma) {
  std::normal_distribution<double> normal;
  for (FormationEnergy& row : energies.rows) row.G += sigma(row.x) * normal(random);
  return energies;
}

FormationEnergies with_errors(FormationEnergies energies, const std::function<double(double)>& sigma) {
  energies.has_errors = true;
  for (FormationEnergy& row : energies.rows) row.error = sigma(row.x);
  return energies;
}

/// Eight made-up energies with errors, of which numpy gives the numbers below.
FormationEnergies eight() {
  return {.rows = {{0.02, 500, 10},
                   {0.1, 2200, 20},
                   {0.25, 4300, 30},
                   {0.4, 4950, 40},
                   {0.55, 4700, 50},
                   {0.7, 3600, 30},
                   {0.85, 1950, 20},
                   {0.98, 290, 5}},
          .has_errors = false,
          .pure = {}};
}

RedlichKisterFit fit(const FormationEnergies& energies, int terms) {
  const std::vector<RedlichKisterFit> fits = fit_redlich_kister(energies, terms);
  REQUIRE(fits.size() == static_cast<std::size_t>(terms));
  return fits.back();
}

FormationEnergies read(const std::string& text) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "energies.csv";
  std::ofstream(file, std::ios::binary) << text;
  return FormationEnergies::read(file);
}

}  // namespace

TEST_CASE("a fit of energies without noise gives back the coefficients that made them", "[unit]") {
  const std::vector<double> L{20109.8, 5772.6, -1500, 800, 250};
  for (int terms = 1; terms <= 5; ++terms) {
    const std::vector<double> few(L.begin(), L.begin() + terms);
    const RedlichKisterFit found = fit(exact(12, few), terms);
    for (int k = 0; k < terms; ++k) CHECK(found.L[k] == Approx(few[k]).epsilon(1e-10));
    CHECK(found.rms < 1e-9);
    CHECK(found.residual.size() == 12);
  }
  CHECK(choose_terms(fit_redlich_kister(exact(12, {20109.8, 5772.6, -1500}), 6))->terms == 3);
}

TEST_CASE("a fit without errors has the numbers of numpy.linalg.lstsq", "[unit]") {
  struct Expected {
    std::vector<double> L, error;
    double cross_validation, rms, correlation;
  };
  const std::vector<Expected> expected{
      {{19600.727603170923}, {895.8042314126534}, 460.25479965266305, 395.91348376521495, 1},
      {{19588.72273716656, 6187.431140099032},
       {62.34440491662835, 163.09607661938097},
       39.80828979395363,
       25.509719203924945,
       -0.00507566520835544},
      {{19540.31869404487, 6182.558558969985, 331.3282853286237},
       {83.4248935130371, 166.00724628994078, 370.9768979180238},
       43.35274533781511,
       23.689938423079848,
       -0.6496423528343696}};
  const std::vector<RedlichKisterFit> fits = fit_redlich_kister(eight(), 3);
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k <= i; ++k) {
      CHECK(fits[i].L[k] == Approx(expected[i].L[k]).epsilon(1e-11));
      CHECK(fits[i].error()[k] == Approx(expected[i].error[k]).epsilon(1e-11));
      CHECK(fits[i].correlation(k, k) == 1);
    }
    CHECK(fits[i].correlation(0, i) == Approx(expected[i].correlation).epsilon(1e-9));
    CHECK(fits[i].correlation(i, 0) == Approx(expected[i].correlation).epsilon(1e-9));
    CHECK(fits[i].rms == Approx(expected[i].rms).epsilon(1e-11));
    CHECK(fits[i].cross_validation_error() == Approx(expected[i].cross_validation).epsilon(1e-11));
    CHECK(std::isnan(fits[i].reduced_chi2));
  }
}

TEST_CASE("a fit weighted by errors has the numbers of numpy.linalg.lstsq", "[unit]") {
  FormationEnergies energies = eight();
  energies.has_errors = true;
  const RedlichKisterFit found = fit(energies, 2);
  CHECK(found.L[0] == Approx(19665.375572010507).epsilon(1e-11));
  CHECK(found.L[1] == Approx(5968.480848424168).epsilon(1e-11));
  CHECK(found.error()[0] == Approx(66.86080686069798).epsilon(1e-11));
  CHECK(found.error()[1] == Approx(120.95816737257685).epsilon(1e-11));
  CHECK(found.correlation(0, 1) == Approx(0.14740370151334187).epsilon(1e-10));
  CHECK(found.reduced_chi2 == Approx(3.1842649346281).epsilon(1e-11));
  CHECK(found.rms == Approx(18.111007604277805).epsilon(1e-11));
  CHECK(found.cross_validation_error() == Approx(25.16321190942786).epsilon(1e-11));

  // Errors of 8 and 3 J/mol of the pure cells, which all rows share: numpy, from the full matrix of the rows' errors.
  energies.pure = {PureCell{.error = 8}, PureCell{.error = 3}};
  const RedlichKisterFit shared = fit(energies, 2);
  CHECK(shared.L == found.L);
  CHECK(shared.error()[0] == Approx(76.01169968425286).epsilon(1e-11));
  CHECK(shared.error()[1] == Approx(135.84303335567674).epsilon(1e-11));
  CHECK(shared.correlation(0, 1) == Approx(0.22052297544335256).epsilon(1e-10));
  CHECK(shared.reduced_chi2 == Approx(2.8691174652352975).epsilon(1e-11));
}

TEST_CASE("the variance of one coefficient is that of a weighted mean", "[unit]") {
  const auto sigma = [](double x) { return 5 + 40 * x; };
  const FormationEnergies energies = with_errors(exact(7, {20000}), sigma);
  double weight = 0;
  for (const auto& row : energies.rows) weight += std::pow(row.x * (1 - row.x) / row.error, 2);
  CHECK(fit(energies, 1).covariance(0, 0) == Approx(1 / weight).epsilon(1e-13));
  // x = 1/2: L_0 = 4 G, so the error of the mean of n is 4 s/sqrt(n) with s from n-1.
  FormationEnergies equal;
  equal.rows = {{.x = 0.5, .G = 90}, {.x = 0.5, .G = 100}, {.x = 0.5, .G = 107}};
  const RedlichKisterFit mean = fit(equal, 1);
  CHECK(mean.L[0] == Approx(4 * 99));
  CHECK(mean.error()[0] == Approx(4 * std::sqrt((81 + 1 + 64) / 2.0 / 3)).epsilon(1e-13));
}

TEST_CASE("errors over the draws of a known noise are as large as stated", "[unit]") {
  std::mt19937_64 random(20250);
  const std::vector<double> L{20109.8, 5772.6, -1500};
  const auto sigma = [](double x) { return 20 + 60 * x; };
  const auto same = [](double) { return 50.0; };
  constexpr int draws = 600;
  for (const bool given : {true, false}) {
    Eigen::Array3d sum = Eigen::Array3d::Zero(), squares = sum;
    double product = 0, chi2 = 0, correlation = 0;
    for (int draw = 0; draw < draws; ++draw) {
      const FormationEnergies energies =
          given ? with_errors(noisy(exact(25, L), random, sigma), sigma) : noisy(exact(25, L), random, same);
      const RedlichKisterFit found = fit(energies, 3);
      const Eigen::Array3d deviation =
          (found.L.array() - Eigen::Map<const Eigen::Array3d>(L.data())) / found.error().array();
      sum += deviation;
      squares += deviation.square();
      product += deviation[0] * deviation[2];
      chi2 += found.reduced_chi2;
      correlation = found.correlation(0, 2);
    }
    // Four standard errors; the quotient by an estimated error has Student's variance, n/(n-2) with n = 22.
    const double variance = given ? 1 : 22.0 / 20;
    for (int k = 0; k < 3; ++k) {
      INFO("errors given: " << given << ", L_" << k);
      CHECK(std::abs(sum[k] / draws) < 4 * std::sqrt(variance / draws));
      CHECK(std::abs(squares[k] / draws - variance) < 4 * std::sqrt(2.0 / draws) * 1.3);
    }
    CHECK(std::abs(product / draws - variance * correlation) < 4 * std::sqrt(2.0 / draws));
    if (given) CHECK(std::abs(chi2 / draws - 1) < 4 * std::sqrt(2.0 / 22 / draws));
  }
}

TEST_CASE("the leave-one-out error is that of refits without each row", "[unit]") {
  std::mt19937_64 random(7);
  const auto sigma = [](double x) { return 20 + 60 * x; };
  for (const bool given : {true, false}) {
    FormationEnergies energies = noisy(exact(9, {20109.8, 5772.6}), random, sigma);
    if (given) energies = with_errors(energies, sigma);
    for (int terms = 1; terms <= 6; ++terms) {
      double squares = 0, weights = 0;
      std::vector<double> each;
      for (std::size_t i = 0; i < energies.rows.size(); ++i) {
        FormationEnergies others = energies;
        others.rows.erase(others.rows.begin() + static_cast<std::ptrdiff_t>(i));
        const Eigen::VectorXd L = fit(others, terms).L;
        const auto& [x, G, error] = energies.rows[i];
        const double weight = given ? 1 / (error * error) : 1;
        each.push_back(weight * std::pow(G - formation_energy(x, {L.begin(), L.end()}), 2));
        squares += each.back();
        weights += weight;
      }
      const RedlichKisterFit found = fit(energies, terms);
      CHECK(found.deleted_square == Approx(squares / weights).epsilon(1e-8));
      double spread = 0;
      for (const double square : each) spread += std::pow(square * 9 / weights - squares / weights, 2);
      CHECK(found.deleted_square_error == Approx(std::sqrt(spread / 8 / 9)).epsilon(1e-7));
    }
  }
}

TEST_CASE("cross-validation finds the true number of terms in most draws", "[unit]") {
  std::mt19937_64 random(11);
  const std::vector<std::vector<double>> made_of{{20109.8}, {20109.8, 5772.6}, {20109.8, 5772.6, -6000}};
  for (const std::vector<double>& L : made_of) {
    int right = 0, least = 0;
    for (int draw = 0; draw < 200; ++draw) {
      const FormationEnergies energies = noisy(exact(15, L), random, [](double) { return 100; });
      const TermChoice choice = choose_terms(fit_redlich_kister(energies, 6)).value();
      right += choice.terms == static_cast<int>(L.size());
      least += choice.least == static_cast<int>(L.size());
      CHECK(choice.terms <= choice.least);
    }
    INFO(L.size() << " terms: right in " << right << " of 200, the plain minimum in " << least);
    CHECK(right >= 170);
    CHECK(least < right - 20);
  }
}

TEST_CASE("as many terms as energies pass through them, and nothing is known of the errors", "[unit]") {
  const RedlichKisterFit found = fit(exact(3, {20000, 5000, 100}), 3);
  CHECK(found.rms < 1e-9);
  CHECK(found.covariance.size() == 0);
  CHECK(found.correlation.size() == 0);
  CHECK(found.error().size() == 0);
  CHECK(std::isinf(found.cross_validation_error()));
  const RedlichKisterFit known = fit(with_errors(exact(3, {20000, 5000, 100}), [](double) { return 10; }), 3);
  CHECK(known.error().size() == 3);
  CHECK(std::isnan(known.reduced_chi2));
  CHECK_FALSE(choose_terms(fit_redlich_kister(exact(1, {20000}), 1)));
  CHECK_FALSE(choose_terms({}));
}

TEST_CASE("a row that alone settles a coefficient leaves no cross-validation", "[unit]") {
  FormationEnergies energies;
  energies.rows = {{.x = 0.3, .G = 4000}, {.x = 0.3, .G = 4100}, {.x = 0.3, .G = 4050}, {.x = 0.7, .G = 3000}};
  const std::vector<RedlichKisterFit> fits = fit_redlich_kister(energies, 2);
  CHECK(std::isfinite(fits[0].cross_validation_error()));
  CHECK(std::isinf(fits[1].cross_validation_error()));
  CHECK(choose_terms(fits)->terms == 1);
}

TEST_CASE("there are no more terms than different compositions", "[unit]") {
  FormationEnergies energies;
  for (double G : {10, 11, 12, 13, 14}) energies.rows.push_back({.x = 0.5, .G = G});
  CHECK(fit_redlich_kister(energies, 6).size() == 1);
  for (double G : {10, 11, 12, 13, 14}) energies.rows.push_back({.x = 0.3, .G = G});
  CHECK(fit_redlich_kister(energies, 6).size() == 2);
  energies.rows.push_back({.x = 1e-9, .G = 1e-5});
  CHECK(fit_redlich_kister(energies, 6).size() == 3);
  CHECK(fit_redlich_kister(exact(4, {1}), 6).size() == 4);
  // Many rows and uneven weights, whose rounding must not pass for another composition.
  FormationEnergies many{.rows = {}, .has_errors = true, .pure = {}};
  for (int i = 0; i < 900; ++i) many.rows.push_back({.x = 0.07 + 0.31 * (i % 3), .G = 1.0 * i, .error = 1.0 + i % 7});
  CHECK(fit_redlich_kister(many, 10).size() == 3);
}

TEST_CASE("energies that are all zero give coefficients and errors of zero", "[unit]") {
  const RedlichKisterFit found = fit(exact(6, {0}), 2);
  CHECK(found.L.isZero());
  CHECK(found.error().isZero());
  CHECK(found.correlation.allFinite());
  CHECK(choose_terms(fit_redlich_kister(exact(6, {0}), 4))->terms == 1);
}

TEST_CASE("the dilute limit is the slope at either pure metal, and exact for two terms", "[unit]") {
  const double L0 = 20109.8, L1 = 5772.6;
  FormationEnergies energies = exact(99, {L0, L1});
  const DiluteLimit limit = dilute_limit(energies).value();
  CHECK(limit.x_host == Approx(0.01));
  CHECK(limit.x_solute == Approx(0.99));
  CHECK(limit.L0_exact == Approx(L0).epsilon(1e-12));
  CHECK(limit.L1_exact == Approx(L1).epsilon(1e-12));
  // By hand: 0.99 (L0 + 0.98 L1) and 0.99 (L0 - 0.98 L1) are the slopes.
  CHECK(limit.L0 == Approx(0.99 * L0).epsilon(1e-12));
  CHECK(limit.L1 == Approx(0.99 * 0.98 * L1).epsilon(1e-12));

  FormationEnergies uneven;
  uneven.rows = {{.x = 0.1, .G = 1800},
                 {.x = 0.9375, .G = 625},
                 {.x = 0.1, .G = 1700},
                 {.x = 0.15, .G = 100000},
                 {.x = 0.9, .G = 100000}};
  // The lower of the two energies at 0.1: slopes 17000 and 10000.
  CHECK(dilute_limit(uneven)->L0 == Approx(13500).epsilon(1e-12));
  CHECK(dilute_limit(uneven)->L1 == Approx(3500).epsilon(1e-12));
  const double L1_exact = (17000 / 0.9 - 10000 / 0.9375) / (2 * 0.8375);
  CHECK(dilute_limit(uneven)->L1_exact == Approx(L1_exact).epsilon(1e-12));
  CHECK(dilute_limit(uneven)->L0_exact == Approx(17000 / 0.9 - 0.8 * L1_exact).epsilon(1e-12));
}

TEST_CASE("the dilute limit needs a cell with x < 0.2 and one with x > 0.8", "[unit]") {
  const auto at = [](double a, double b) {
    return dilute_limit({.rows = {{a, 1, 0}, {b, 1, 0}}, .has_errors = false, .pure = {}}).has_value();
  };
  CHECK(at(0.199, 0.801));
  CHECK_FALSE(at(0.2, 0.9));
  CHECK_FALSE(at(0.1, 0.8));
}

TEST_CASE("energies of cells and formation energies in any unit give the same rows", "[unit]") {
  // Pure: -1.9 and -1.3 eV/atom. 54 atoms with one solute: G_f = 0.01 eV/atom; 16 atoms with 8: 0.05 eV/atom.
  const FormationEnergies cells = read(
      fmt::format("n_host,n_solute,energy_eV,error_eV\n2,0,-3.8,0.002\n0,1,-1.3,0.003\n53,1,{},0.054\n8,8,{},0.008\n",
                  -1.9 * 53 - 1.3 + 0.54, -1.9 * 8 - 1.3 * 8 + 0.8));
  REQUIRE(cells.rows.size() == 2);
  CHECK(cells.has_errors);
  CHECK(cells.rows[0].x == Approx(1 / 54.0).epsilon(1e-15));
  CHECK(cells.rows[0].G == Approx(964.8533212).epsilon(1e-10));
  CHECK(cells.rows[0].error == Approx(96.48533212).epsilon(1e-12));
  CHECK(cells.rows[1].x == 0.5);
  CHECK(cells.rows[1].G == Approx(4824.266606).epsilon(1e-10));
  CHECK(cells.rows[1].error == Approx(48.24266606).epsilon(1e-12));
  CHECK(cells.pure[0].line == 2);
  CHECK(cells.pure[0].G == Approx(-1.9 * constants::F).epsilon(1e-13));
  CHECK(cells.pure[0].error == Approx(96.48533212).epsilon(1e-12));
  CHECK(cells.pure[1].line == 3);
  CHECK(cells.pure[1].error == Approx(289.45599636).epsilon(1e-12));
  // N_A e with e = k_B F/R, the charge of an electron.
  CHECK(constants::F == Approx(constants::N_A * 1.602176634e-19).epsilon(1e-9));

  const std::vector<std::pair<const char*, double>> eV_per_atom_in{
      {"eV_per_atom", 1}, {"meV_per_atom", 1e3}, {"J_per_mol", 96485.33212}, {"kJ_per_mol", 96.48533212}};
  for (const auto& [unit, factor] : eV_per_atom_in) {
    const FormationEnergies given =
        read(fmt::format("x,formation_energy_{},error_{}\n0,0,0\n{},{},{}\n0.5,{},{}\n1,0,7\n", unit, unit, 1 / 54.0,
                         0.01 * factor, 0.001 * factor, 0.05 * factor, 0.0005 * factor));
    REQUIRE(given.rows.size() == 2);
    CHECK(given.pure.empty());
    for (int i = 0; i < 2; ++i) {
      CHECK(given.rows[i].x == Approx(cells.rows[i].x).epsilon(1e-15));
      CHECK(given.rows[i].G == Approx(cells.rows[i].G).epsilon(1e-9));
      CHECK(given.rows[i].error == Approx(cells.rows[i].error).epsilon(1e-12));
    }
  }
}

TEST_CASE("of several pure cells the one with the most atoms is taken, then the lowest", "[unit]") {
  const FormationEnergies cells =
      read("n_host,n_solute,energy_eV\n2,0,-3.9\n54,0,-102.6\n16,0,-31\n0,16,-16\n0,16,-17\n0,16,-16.5\n8,8,-16\n");
  CHECK_FALSE(cells.has_errors);
  CHECK(cells.pure[0].line == 3);
  CHECK(cells.pure[0].cells == 3);
  CHECK(cells.pure[0].atoms == 54);
  CHECK(cells.pure[0].G == Approx(-1.9 * constants::F).epsilon(1e-13));
  CHECK(cells.pure[1].line == 6);
  CHECK(cells.pure[1].cells == 3);
  REQUIRE(cells.rows.size() == 1);
  CHECK(cells.rows[0].G == Approx((-1 + (1.9 + 17.0 / 16) / 2) * constants::F).epsilon(1e-12));
}

TEST_CASE("comments, blank lines, spaces, line ends of Windows and a mark of UTF-8 change nothing", "[unit]") {
  const FormationEnergies plain = read("x,formation_energy_J_per_mol\n0.25,1000\n0.5,2000\n");
  const FormationEnergies dressed = read(
      "\xEF\xBB\xBF# from a table\r\n\r\n x , formation_energy_J_per_mol \r\n\t0.25 , +1e3\r\n  # "
      "more\r\n\r\n0.5,2000");
  REQUIRE(dressed.rows.size() == 2);
  for (int i = 0; i < 2; ++i) {
    CHECK(dressed.rows[i].x == plain.rows[i].x);
    CHECK(dressed.rows[i].G == plain.rows[i].G);
    CHECK(dressed.rows[i].error == 0);
  }
}
