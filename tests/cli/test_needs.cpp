// What a run needs of memory and disk: the numbers of `check` against those of the system, and what happens where there
// is less.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "spinode/case.hpp"
#include "spinode/needs.hpp"
#include "workplace.hpp"

using namespace cli;
using spinode::Case;

namespace {

namespace fs = std::filesystem;

struct Process {
  int code;
  double peak;  // bytes of memory
  std::string err;
};

/// Runs `spinode arguments...` on one thread in the folder, within this many bytes of address space where there are
/// any, and asks the system for its peak.
Process measured(const Workplace& place, std::vector<std::string> arguments, rlim_t address_space = 0) {
  arguments.insert(arguments.begin(), SPINODE_COMMAND);
  std::vector<char*> words;
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const std::string err = (place.folder() / "err.txt").string();
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDWR), out = open(err.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    setenv("OMP_NUM_THREADS", "1", 1);
    const rlimit limit{address_space, address_space};
    if (chdir(place.folder().c_str()) != 0 || (address_space > 0 && setrlimit(RLIMIT_AS, &limit) != 0)) _exit(99);
    execv(words[0], words.data());
    _exit(99);
  }
  int status = 0;
  rusage usage{};
  REQUIRE(wait4(child, &status, 0, &usage) == child);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, 1024.0 * static_cast<double>(usage.ru_maxrss),
          place.read("err.txt")};
}

/// Li-Na with cubic moduli and some steps of a given size, without measures.
const std::string quenched = R"(system = ")" SPINODE_SOURCE_DIR R"(/configs/systems/li-na.toml"
temperature = "298.15 K"
planning = "estimate"
threads = 1

[initial]
x = 0.25
noise = 1e-3

[domain]
length = ["40 nm", "40 nm"]
cells = [256, 256]

[time]
end = "1 us"
step = "0.5 us"

[output]
every = "1 us"
)";

/// Keys for a domain in a plane, in cells.
std::vector<std::string> domain(const std::string& cells) {
  const bool box = std::count(cells.begin(), cells.end(), ',') == 2;
  return {fmt::format("domain.cells=[{}]", cells),
          fmt::format("domain.length=[\"40 nm\", \"40 nm\"{}]", box ? ", \"40 nm\"" : "")};
}

}  // namespace

// Sanitizers have memory of their own, and more addresses than any limit.
#ifndef __SANITIZE_ADDRESS__

TEST_CASE("the memory that check tells is what a run takes at its peak, within a tenth") {
  using Keys = std::vector<std::string>;
  const std::string small = "512, 512", large = "768, 768";
  const Keys semi_implicit{"time.scheme=semi_implicit"}, implicit{"time.scheme=implicit"},
      stiff{"elasticity.model=cubic", "elasticity.moduli=mixed", "elasticity.creep.model=viscous",
            "elasticity.creep.relaxation_time=20 us"},
      strip{"domain.boundary=[\"periodic\", \"no_flux\"]", "electrode.current_density=1 mA/cm2", "electrode.layer=4 nm",
            "electrode.sink=fraction", "measures.use=[]"};
  struct Example {
    const char* what;
    Keys keys;
    std::string small, large;
  };
  const auto joined = [](Keys keys, const Keys& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
  };
  for (const Example& example : std::vector<Example>{
           {"semi-implicit", semi_implicit, small, large},
           {"semi-implicit in 3D", semi_implicit, "56, 56, 56", "80, 80, 80"},
           {"implicit, float", joined(implicit, {"precision=float"}), small, large},
           {"implicit in 3D", implicit, "56, 56, 56", "80, 80, 80"},
           {"implicit, constant mobility", joined(implicit, {"mobility.model=constant", "mobility.x0=0.25"}), small,
            large},
           {"tortuosity", joined(semi_implicit, {"measures.use=[\"tortuosity\"]"}), small, large},
           {"curvature", joined(semi_implicit, {"measures.use=[\"curvature\"]"}), small, large},
           {"creep", joined(semi_implicit, stiff), small, large},
           {"stresses", joined(semi_implicit, {"elasticity.model=cubic", "output.fields=[\"x\", \"stress\"]"}), small,
            large},
           // Of profiles more rows are told than so few steps have: as many for either.
           {"an electrode", joined(semi_implicit, strip), small, "1152, 512"}}) {
    const Workplace place;
    place.write("case.toml", quenched);
    double taken = 0, told = 0;
    for (const auto& [cells, sign] : {std::pair{example.large, 1}, std::pair{example.small, -1}}) {
      const Keys keys = joined(domain(cells), example.keys);
      const Process process =
          measured(place, joined({"run", "case.toml", "--quiet", "--overwrite", "--output", "out"}, keys));
      INFO(example.what << ": " << process.err);
      REQUIRE(process.code == 0);
      taken += sign * process.peak;
      told += sign * spinode::memory_bytes(Case::load(place.folder() / "case.toml", keys));
    }
    INFO(example.what << ": " << told << " bytes more are told for more cells, " << taken << " are taken");
    CHECK(std::abs(told / taken - 1) < 0.1);
  }
}

TEST_CASE("a run that cannot have its memory stops before it starts, and says what would help") {
  const Workplace place;
  place.write("case.toml", quenched);
  const rlim_t gigabyte = 1'000'000'000;
  const Process run = measured(place, {"run", "case.toml", "--output", "out", "domain.cells=[4096, 4096]"}, gigabyte);
  CHECK(run.code == 3);
  CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
  CHECK(contains(run.err, "16777216 cells need "));
  CHECK(contains(run.err, "MB are free: take at most "));
  CHECK(contains(run.err, ", or precision = \"float\" ("));
  CHECK(contains(run.err, ", or time.scheme = \"semi_implicit\" ("));
  CHECK_FALSE(place.has("out"));
  CHECK(measured(place, {"run", "case.toml", "--output", "out", "domain.cells=[64, 64]"}, gigabyte).code == 0);
}

TEST_CASE("check of a domain that no machine holds answers, and fills no part of it") {
  const Workplace place;
  place.write("case.toml", quenched);
  const std::string box = "1048576, 1048576";
  for (const std::vector<std::string>& initial :
       {std::vector<std::string>{},
        {"initial.model=layers", "initial.fraction=0.3", "initial.x_host=0.01", "initial.x_solute=0.9",
         "initial.layers=10000"}}) {
    std::string text = quenched;
    if (!initial.empty()) text = with(text, "x = 0.25\nnoise = 1e-3\n", "");
    place.write("case.toml", text);
    std::vector<std::string> arguments{"check",
                                       "case.toml",
                                       "electrode.current_density=1 mA/cm2",
                                       "domain.boundary=[\"periodic\", \"no_flux\"]",
                                       "elasticity.model=cubic",
                                       "electrode.contact_noise=0.1",
                                       "electrode.sink=fraction"};
    for (const std::string& key : domain(box)) arguments.push_back(key);
    arguments.insert(arguments.end(), initial.begin(), initial.end());
    const Process process = measured(place, arguments, 1'000'000'000);
    INFO(process.err);
    CHECK(process.code == 0);
    CHECK(process.peak < 100e6);
    const std::string out = place.spinode(arguments).out;
    CHECK(contains(out, "\nwarning: 1099511627776 cells need "));
    CHECK(contains(out, "\nwarning: the output may take "));
  }
}

TEST_CASE("an initial state that is too large to look at is refused with its size") {
  const Workplace place;
  place.write("case.toml",
              with(quenched, "x = 0.25\nnoise = 1e-3", "model = \"spheres\"\nfraction = 0.2\nradius = \"2 nm\""));
  std::vector<std::string> arguments{"check", "case.toml", "initial.x_host=0.01", "initial.x_solute=0.9"};
  for (const std::string& key : domain("65536, 65536")) arguments.push_back(key);
  const Process process = measured(place, arguments, 1'000'000'000);
  CHECK(process.code == 3);
  CHECK(contains(process.err, "4294967296 cells need 68.7 GB of memory for their initial state, "));
}

#endif

TEST_CASE("a domain has at most 2^40 cells") {
  const Workplace place;
  place.write("case.toml", quenched);
  std::vector<std::string> arguments{"check", "case.toml", "electrode.current_density=1 mA/cm2",
                                     "domain.boundary=[\"periodic\", \"periodic\", \"no_flux\"]"};
  for (const std::string& key : domain("1048576, 1048576, 1024")) arguments.push_back(key);
  const Outcome outcome = place.spinode(arguments);
  CHECK(outcome.code == 2);
  CHECK(outcome.err == "command line: domain.cells = [1048576, 1048576, 1024]: at most 2^40 cells in all\n");
}

TEST_CASE("the output that check tells is what a run writes, two layers along axes that are not there among it") {
  for (const std::string cells : {"4096", "128, 96", "24, 20, 16"}) {
    const Workplace place;
    place.write("case.toml", quenched);
    const std::size_t axes = 1 + static_cast<std::size_t>(std::count(cells.begin(), cells.end(), ','));
    std::vector<std::string> keys{fmt::format("domain.cells=[{}]", cells), "time.scheme=semi_implicit",
                                  "output.every=0.5 us", "elasticity.model=cubic",
                                  "output.fields=[\"x\", \"displacement\"]"};
    const std::string lengths[]{"[\"800 nm\"]", "[\"20 nm\", \"15 nm\"]", "[\"4 nm\", \"3 nm\", \"3 nm\"]"};
    keys.push_back(fmt::format("domain.length={}", lengths[axes - 1]));
    std::vector<std::string> arguments{"run", "case.toml", "--output", "out"};
    arguments.insert(arguments.end(), keys.begin(), keys.end());
    const Outcome outcome = place.spinode(arguments);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    double snapshots = 0, all = 0;
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(place.folder() / "out")) {
      if (!entry.is_regular_file()) continue;
      all += static_cast<double>(entry.file_size());
      if (entry.path().extension() != ".hdf") continue;
      snapshots += static_cast<double>(entry.file_size());
      ++count;
    }
    const Case config = Case::load(place.folder() / "case.toml", keys);
    CHECK(spinode::snapshot_count(config) == count);
    CHECK(spinode::snapshot_bytes(config) == Approx(snapshots / count).epsilon(0.1));
    CHECK(spinode::output_bytes(config) > all);
  }
}

TEST_CASE("a run that may fill its disk says so and goes on") {
  const Workplace place;
  place.write("case.toml", quenched);
  place.write("out/of_someone_else", "");
  // Some tens of terabytes, of which none is written: the folder is not empty.
  const Outcome outcome =
      place.spinode({"run", "case.toml", "--output", "out", "time.scheme=semi_implicit", "domain.cells=[512, 512]",
                     "output.every=10 ps", "elasticity.model=cubic", "output.precision=float64",
                     "output.fields=[\"x\", \"mu\", \"strain\", \"stress\", \"displacement\"]"});
  CHECK(outcome.code == 4);
  CHECK(contains(outcome.err, "out: is not empty"));
  CHECK(contains(outcome.out, "\nwarning: the output may take 7"));
  CHECK(contains(outcome.out, " TB, "));
  CHECK(contains(outcome.out, " are free in out\n"));
}

TEST_CASE("a checkpoint is as large as it is said to be") {
  const std::vector<std::string> keys = GENERATE(
      values<std::vector<std::string>>({{"time.scheme=semi_implicit"},
                                        {"time.scheme=implicit"},
                                        {"time.scheme=semi_implicit", "precision=float"},
                                        {"time.scheme=implicit", "elasticity.model=cubic", "elasticity.moduli=mixed"},
                                        {"time.scheme=implicit", "elasticity.model=cubic", "elasticity.moduli=mixed",
                                         "elasticity.creep.model=viscous", "elasticity.creep.relaxation_time=20 us"},
                                        {"time.scheme=semi_implicit", "domain.boundary=[\"periodic\", \"no_flux\"]",
                                         "electrode.current_density=1 mA/cm2", "electrode.layer=4 nm"}}));
  CAPTURE(keys);
  const Workplace place;
  place.write("case.toml", quenched);
  std::vector<std::string> run{"run", "case.toml", "--output", "out", "--quiet"};
  run.insert(run.end(), keys.begin(), keys.end());
  const Outcome outcome = place.spinode(run);
  REQUIRE(outcome.code == 0);
  const Case config = Case::load(place.folder() / "case.toml", keys);
  // Profiles of 400 times are reckoned with; this run has those of three.
  const double profiles_to_come = config.electrode ? 397 * 4 * 256 * 8.0 : 0;
  const double told = spinode::checkpoint_bytes(config) - profiles_to_come;
  CHECK(told == Approx(static_cast<double>(fs::file_size(place.folder() / "out/checkpoints/a.h5"))).epsilon(0.03));
}
