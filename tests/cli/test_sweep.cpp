// `spinode sweep`, `sweep-status`, `sweep-case` and `collect`: what a study runs, leaves behind and says.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <sstream>

#include "spinode/hdf5.hpp"
#include "workplace.hpp"

using namespace cli;

namespace {

const std::string study = R"(base = "case.toml"
description = "two by two"
[set]
planning = "estimate"
time.step = "0.5 us"
time.end = "3 us"
[[axes]]
temperature = ["20 degC", "30 degC"]
[[axes]]
initial.x = ["20 at%", "30 at%"]
)";

struct Bench : Workplace {
  Bench() {
    write("case.toml", alloy);
    write("study.toml", study);
  }
};

using Row = std::map<std::string, std::string>;

/// The cells of a line of a CSV file.
std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells{""};
  bool quoted = false;
  for (const char c : line)
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      cells.emplace_back();
    else
      cells.back() += c;
  return cells;
}

std::vector<Row> table(const Workplace& place, const std::string& file = "results/study/study.csv") {
  std::istringstream in(place.read(file));
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> head = split(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> cells = split(line);
    REQUIRE(cells.size() == head.size());
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < head.size(); ++i) row[head[i]] = cells[i];
  }
  return rows;
}

std::vector<std::string> column(const std::vector<Row>& rows, const std::string& name) {
  std::vector<std::string> cells;
  for (const Row& row : rows) cells.push_back(row.at(name));
  return cells;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a study runs every case and makes one table of them") {
  const Bench place;
  const Outcome outcome = place.spinode({"sweep", "study.toml", "-j", "1"});
  CHECK(outcome.err.empty());
  REQUIRE(outcome.code == 0);
  CHECK(contains(outcome.out, "study study: two by two\n4 cases: temperature (2 values) x initial.x (2 values) of "));
  CHECK(contains(outcome.out, "\n1 job of "));
  CHECK(contains(outcome.out, "case 4 finished: temperature = 30 degC, initial.x = 30 at%; 4 finished\n"));
  CHECK(contains(outcome.out, ": table in results/study/study.csv\n"));

  const std::vector<Row> rows = table(place);
  CHECK(column(rows, "case") == Texts{"1", "2", "3", "4"});
  CHECK(column(rows, "temperature [degC]") == Texts{"20", "20", "30", "30"});
  CHECK(column(rows, "initial.x [at%]") == Texts{"20", "30", "20", "30"});
  CHECK(column(rows, "replica") == Texts(4, "1"));
  CHECK(column(rows, "state") == Texts(4, "finished"));
  CHECK(column(rows, "failure") == Texts(4, ""));
  CHECK(column(rows, "predicted.stability") == Texts(4, "unstable"));
  CHECK(column(rows, "final.time [s]") == Texts(4, "3e-06"));
  // The same case by itself.
  REQUIRE(place
              .spinode({"run", "case.toml", "planning=estimate", "time.step=0.5 us", "time.end=3 us",
                        "temperature=30 degC", "initial.x=20 at%", "--output", "alone", "--quiet"})
              .code == 0);
  std::istringstream series(place.read("alone/timeseries.csv"));
  std::string head, last;
  std::getline(series, head);
  for (std::string line; std::getline(series, line);) last = line;
  std::istringstream heads(head), cells(last);
  int compared = 0;
  for (std::string name, cell; std::getline(heads, name, ',') && std::getline(cells, cell, ',');) {
    const std::string in_table = rows[2].at("final." + name);
    INFO(name);
    CHECK(std::stod(in_table) == std::stod(cell));
    ++compared;
  }
  CHECK(compared > 10);
  CHECK(contains(place.read("alone/measures/structure.csv"), rows[2].at("structure.length [m]")));
  // Where temperature and composition are varied, phase boundaries are there for their map.
  CHECK(contains(place.read("results/study/phase_diagram/phase_boundaries.csv"), "chemical"));
}

TEST_CASE("study.h5 holds the numbers and texts of study.csv with their units") {
  const Bench place;
  REQUIRE(place.spinode({"sweep", "study.toml", "--quiet"}).code == 0);
  const spinode::Hdf5File file = spinode::Hdf5File::open(place.folder() / "results/study/study.h5");
  const std::vector<Row> rows = table(place);
  CHECK(file.datasets("/cases").size() == rows[0].size());
  CHECK(file.read("/cases/temperature") == std::vector<double>{20, 20, 30, 30});
  CHECK(file.read_text("/cases/temperature", "unit") == "degC");
  const std::vector<double> energies = file.read("/cases/final.energy_total");
  CHECK(file.read_text("/cases/final.energy_total", "unit") == "J m-2");
  for (std::size_t i = 0; i < rows.size(); ++i)
    CHECK(energies[i] == std::stod(rows[i].at("final.energy_total [J m-2]")));
  CHECK(file.read_text("/", "name") == "study");
}

TEST_CASE("a dry run checks every case, says what would be run, and writes nothing") {
  const Bench place;
  const Outcome outcome = place.spinode({"sweep", "study.toml", "--dry-run"});
  CHECK(outcome.code == 0);
  CHECK(contains(outcome.out, "  case 3: temperature = 30 degC, initial.x = 20 at%\n"));
  CHECK_FALSE(place.has("results"));
  place.write("study.toml", with(study, "\"30 at%\"", "\"130 at%\""));
  const Outcome bad = place.spinode({"sweep", "study.toml", "--dry-run"});
  CHECK(bad.code == 2);
  CHECK(bad.err ==
        "study.toml:10: initial.x = \"130 at%\": must be > 0 and < 1 (2 of 4 cases, the first is case 2: "
        "temperature = 20 degC, initial.x = 130 at%)\n");
  CHECK_FALSE(place.has("results"));
}

TEST_CASE("what spinode check warns of is told of the whole study") {
  const Bench place;
  place.write("study.toml", with(study, "[[axes]]", "domain.cells = [16]\n[[axes]]"));
  const Outcome outcome = place.spinode({"sweep", "study.toml", "--dry-run"});
  CHECK(contains(outcome.out, "warning: the interface gets 0.29 grid points, fewer than 3: use cells of at most "));
  CHECK(contains(outcome.out, " (all 4 cases)\n"));
}

TEST_CASE("what a case needs beyond its keys is checked before a study starts") {
  const Bench place;
  // No interface without a miscibility gap.
  place.write("case.toml", with(alloy, "kappa = \"4.88e-11 J/m\"", "interface_width = \"2 nm\""));
  place.write("study.toml", with(study, "\"30 degC\"", "\"3000 degC\""));
  const Outcome outcome = place.spinode({"sweep", "study.toml"});
  CHECK(outcome.code == 2);
  CHECK(contains(outcome.err, "(2 of 4 cases, the first is case 3: temperature = 3000 degC, initial.x = 20 at%)\n"));
  CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
  CHECK_FALSE(place.has("results"));
}

TEST_CASE("a study goes on, is not written over, and is not taken for another one") {
  const Bench place;
  REQUIRE(place.spinode({"sweep", "study.toml", "--quiet"}).code == 0);
  const std::vector<Row> before = table(place);
  const Outcome refused = place.spinode({"sweep", "study.toml"});
  CHECK(refused.code == 4);
  CHECK(refused.err ==
        "results/study: is not empty; give --resume to go on with the study in it, --overwrite, or "
        "another --output\n");
  const Outcome again = place.spinode({"sweep", "study.toml", "--resume"});
  CHECK(again.code == 0);
  CHECK(contains(again.out, "\n4 finished in "));
  CHECK(table(place) == before);
  // A case that is taken away is run again, and comes to the same.
  std::filesystem::remove_all(place.folder() / "results/study/cases/0002");
  std::filesystem::remove(place.folder() / "results/study/cases/0002.log");
  CHECK(column((place.spinode({"collect", "results/study"}), table(place)), "state") ==
        Texts{"finished", "waiting", "finished", "finished"});
  const Outcome second = place.spinode({"sweep", "study.toml", "--resume"});
  CHECK(second.code == 0);
  CHECK(contains(second.out, "case 2 finished"));
  CHECK_FALSE(contains(second.out, "case 3 finished"));
  CHECK(column(table(place), "final.energy_total [J m-2]") == column(before, "final.energy_total [J m-2]"));

  const auto differs = [&](const std::string& text, const std::string& line) {
    place.write("study.toml", text);
    const Outcome other = place.spinode({"sweep", "study.toml", "--resume"});
    CHECK(other.code == 2);
    CHECK(other.err ==
          fmt::format("results/study: holds another study: {}; give --overwrite or another --output\n", line));
  };
  differs(
      with(study, "\"30 at%\"", "\"31 at%\""),
      "case 2 is temperature = 20 degC, initial.x = 30 at% where it is temperature = 20 degC, initial.x = 31 at% now");
  differs(with(study, "\"30 at%\"", "\"30 at%\", \"40 at%\""), "4 cases where there are 6 now");
  differs(with(study, "3 us", "4 us"), "time.end of case 1 is \"3e-06 s\" where it is \"4e-06 s\" now");
  const Outcome replaced = place.spinode({"sweep", "study.toml", "--overwrite", "--quiet"});
  CHECK(replaced.code == 0);
  CHECK(column(table(place), "final.time [s]") == Texts(4, "4e-06"));
}

TEST_CASE("what a power cut left of the cases is written again") {
  const Bench place;
  REQUIRE(place.spinode({"sweep", "study.toml", "--scheduler", "list"}).code == 0);
  const std::string whole = place.read("results/study/cases/0002.toml");
  place.write("results/study/cases/0002.toml", whole.substr(0, 100));
  place.write("results/study/cases/0003.toml", "");
  CHECK(place.spinode({"sweep", "study.toml", "--resume", "--quiet"}).code == 0);
  CHECK(place.read("results/study/cases/0002.toml") == whole);
  CHECK(column(table(place), "state") == Texts(4, "finished"));
}

TEST_CASE("a folder with anything else is left alone") {
  const Bench place;
  place.write("results/study/cases/mine.txt", "keep");
  for (const char* option : {"--resume", "--overwrite"}) {
    const Outcome outcome = place.spinode({"sweep", "study.toml", option});
    CHECK(outcome.code == 4);
    CHECK(outcome.err == "results/study: holds no study, and is not empty\n");
  }
  CHECK(place.read("results/study/cases/mine.txt") == "keep");
  const Outcome file = place.spinode({"sweep", "study.toml", "--output", "case.toml"});
  CHECK(file.code == 4);
  CHECK(file.err == "case.toml: is a file, expected a folder for a study\n");
  for (const char* command : {"collect", "sweep-status"}) {
    const Outcome none = place.spinode({command, "results"});
    CHECK(none.code == 4);
    CHECK(none.err == "results: holds no study: spinode sweep makes one\n");
  }
}

TEST_CASE("a case that fails is kept with its reason, and the study goes on") {
  const Bench place;
  const std::string steps = "time.step = \"0.5 us\"\ntime.end = \"3 us\"\n";
  // Steps that take x out of 0 to 1.
  place.write("study.toml", with(study, steps, "time.scheme = \"semi_implicit\"\n") +
                                "time.step = [\"0.5 us\", \"1 s\"]\ntime.end = [\"3 us\", \"1e10 s\"]\n");
  const Outcome outcome = place.spinode({"sweep", "study.toml"});
  CHECK(outcome.code == 3);
  CHECK(outcome.err ==
        "2 of 4 cases failed: spinode sweep-status results/study says why; table in "
        "results/study/study.csv\n");
  const std::vector<Row> rows = table(place);
  CHECK(column(rows, "state") == Texts{"finished", "failed", "finished", "failed"});
  CHECK(contains(rows[1].at("failure"), "no time step is small enough"));
  CHECK(std::stod(rows[1].at("final.time [s]")) < 1e10);
  const std::string reason = rows[1].at("failure");
  CHECK(place.read("results/study/cases/0002.failure") == reason + "\n");
  CHECK(contains(place.read("results/study/cases/0002.log"), reason));
  const Outcome status = place.spinode({"sweep-status", "results/study"});
  CHECK(status.code == 0);
  CHECK(contains(status.out, "2 finished, 2 failed\n"));
  CHECK(contains(status.out,
                 "case 4 failed: temperature = 30 degC, initial.x = 30 at%, time.step = 1 s, time.end = 1e10 s: no "
                 "time step is small enough"));
  CHECK(contains(status.out, "; log in results/study/cases/0004.log\n"));
  // Nothing else would come of it.
  const auto written = std::filesystem::last_write_time(place.folder() / "results/study/cases/0002/summary.json");
  CHECK(place.spinode({"sweep", "study.toml", "--resume", "--quiet"}).code == 3);
  CHECK(std::filesystem::last_write_time(place.folder() / "results/study/cases/0002/summary.json") == written);
}

TEST_CASE("a case that left no summary is tried again") {
  const Bench place;
  REQUIRE(place.spinode({"sweep", "study.toml", "--scheduler", "list"}).code == 0);
  // A file where the folder of its results belongs.
  place.write("results/study/cases/0001", "in the way");
  const Outcome outcome = place.spinode({"sweep", "study.toml", "--resume"});
  CHECK(outcome.code == 3);
  const std::vector<Row> rows = table(place);
  CHECK(column(rows, "state") == Texts{"failed", "finished", "finished", "finished"});
  CHECK(rows[0].at("failure") == "results/study/cases/0001: is a file, expected a folder for results (exit code 4)");
  CHECK(place.read("results/study/cases/0001.failure") ==
        "results/study/cases/0001: is a file, expected a folder for results (exit code 4)\n");
  std::filesystem::remove(place.folder() / "results/study/cases/0001");
  CHECK(place.spinode({"sweep", "study.toml", "--resume", "--quiet"}).code == 0);
  CHECK(column(table(place), "state") == Texts(4, "finished"));
  CHECK_FALSE(place.has("results/study/cases/0001.failure"));
}

TEST_CASE("a table has what summaries say, whatever they say") {
  const Bench place;
  place.write("study.toml", "replicas = 2\n" + with(study, "[\"20 at%\", \"30 at%\"]", "[\"20 at%\"]"));
  REQUIRE(place.spinode({"sweep", "study.toml", "--scheduler", "list"}).code == 0);
  const auto summary = [&](int i, const std::string& text) {
    place.write(fmt::format("results/study/cases/000{}/summary.json", i), text);
  };
  summary(1, R"({"state": "finished", "spinode_version": "0", "threads": 3, "steps": {"accepted": 9},
    "final": {"energy_total": 0.12345678901234567, "time": "nan"}, "predicted": {"stability": "unstable", "growth_time": 2},
    "measures": {"interface": {"area": 0.5}, "structure": {"length": "inf"}},
    "coarsening": {"n": 3.5, "K": 1}, "wall_time_s": {"steps": 2, "setup": 3.5},
    "protocol": [{"ended_by": "time"}, {"ended_by": "voltage, \"low\""}],
    "units": {"final": {"energy_total": "J m-2", "time": "s"}, "predicted": {"growth_time": "s"},
              "measures": {"interface": {"area": "1"}, "structure": {"length": "m"}}}})");
  summary(2, R"({"state": "failed", "failure": "line one\nline two", "final": {"energy_total": 7},
    "units": {"final": {"energy_total": "J m-1"}}})");
  summary(3, R"({"state": "failed"})");
  summary(4, "{");
  REQUIRE(place.spinode({"collect", "results/study"}).code == 0);
  const std::string text = place.read("results/study/study.csv");
  CHECK(text.substr(0, text.find('\n')) ==
        "case,temperature [degC],initial.x [at%],replica,state,failure,predicted.growth_time [s],predicted.stability,"
        "final.energy_total [J m-1],final.energy_total [J m-2],final.time [s],interface.area,structure.length [m],"
        "coarsening.n,protocol.ended_by,steps.accepted,threads_used,version,wall_time [s],wall_time.steps [s]");
  CHECK(contains(
      text, "\n1,20,20,1,finished,,2,unstable,,0.12345678901234566,,0.5,,3.5,\"voltage, \"\"low\"\"\",9,3,0,5.5,2\n"));
  CHECK(contains(text, "\n2,20,20,2,failed,\"line one\nline two\",,,7,"));
  CHECK(contains(text, "\n3,30,20,1,failed,for no reason that its summary tells,"));
  CHECK(contains(text, "\n4,30,20,2,failed,results/study/cases/0004/summary.json: cannot be read,"));
  const auto file = spinode::Hdf5File::open(place.folder() / "results/study/study.h5");
  const std::vector<double> line = file.read("/cases/final.energy_total"),
                            area = file.read("/cases/final.energy_total [J m-2]");
  CHECK(line[1] == 7);
  CHECK(std::isnan(line[0]));
  CHECK(area[0] == 0.12345678901234567);
  CHECK(std::isnan(area[1]));
}

TEST_CASE("what is left of a study that was killed as it began is written over") {
  const Bench place;
  for (const char* option : {"--resume", "--overwrite"}) {
    std::filesystem::remove_all(place.folder() / "results");
    for (const char* name : {".lock", "study.toml.part", "cases/0001.toml"})
      place.write(fmt::format("results/study/{}", name), "");
    CHECK(place.spinode({"sweep", "study.toml", "--scheduler", "list", option}).code == 0);
    CHECK_FALSE(place.read("results/study/cases/0001.toml").empty());
  }
  for (const char* name : {"cases/0001.txt", "cases/one.toml", "notes"}) {
    std::filesystem::remove_all(place.folder() / "results");
    place.write(fmt::format("results/study/{}", name), "");
    CHECK(place.spinode({"sweep", "study.toml", "--overwrite"}).code == 4);
  }
  // A lock alone is nothing.
  std::filesystem::remove_all(place.folder() / "results");
  place.write("results/study/.lock", "");
  CHECK(place.spinode({"sweep", "study.toml", "--scheduler", "list"}).code == 0);
  // Nothing of another study stays.
  for (const char* name :
       {"cases/0001/summary.json", "cases/0005.toml", "figures/map.png", "study.csv", "study.h5", "slurm.sh"})
    place.write(fmt::format("results/study/{}", name), "");
  place.write("study.toml",
              with(with(study, "initial.x", "initial.noise"), "[\"20 at%\", \"30 at%\"]", "[0.01, 0.02]"));
  CHECK(place.spinode({"sweep", "study.toml", "--scheduler", "list", "--overwrite"}).code == 0);
  for (const char* name :
       {"cases/0001", "cases/0005.toml", "figures", "study.csv", "study.h5", "slurm.sh", "phase_diagram"})
    CHECK_FALSE(place.has(fmt::format("results/study/{}", name)));
}

TEST_CASE("a map over temperature and composition has its phase diagram, a little beyond its values") {
  const Bench place;
  const auto temperatures = [&](const std::string& values) -> std::pair<double, double> {
    place.write("study.toml", with(study, "[\"20 degC\", \"30 degC\"]", values));
    REQUIRE(place.spinode({"sweep", "study.toml", "--scheduler", "list", "--overwrite"}).code == 0);
    if (!place.has("results/study/phase_diagram")) return {0, 0};
    std::istringstream in(place.read("results/study/phase_diagram/asymptotes.csv"));
    std::vector<double> all;
    std::string line;
    for (std::getline(in, line); std::getline(in, line);) all.push_back(std::stod(split(line)[2]));
    return {all.front(), all.back()};
  };
  CHECK(temperatures("[\"40 degC\", \"20 degC\", \"30 degC\"]") == std::pair(283.15, 323.15));
  CHECK(temperatures("[\"300 K\"]") == std::pair(295.0, 305.0));
  CHECK(temperatures("[\"3 K\", \"13 K\"]") == std::pair(1.0, 23.0));
  CHECK(temperatures("[\"20 degC\", \"300 K\"]") == std::pair(0.0, 0.0));
}

TEST_CASE("the list scheduler prints a command for each case that is to be run") {
  const Bench place;
  const Outcome outcome = place.spinode({"sweep", "study.toml", "--scheduler", "list"});
  CHECK(outcome.code == 0);
  CHECK(std::count(outcome.out.begin(), outcome.out.end(), '\n') == 4);
  CHECK(contains(outcome.out, fmt::format("/spinode sweep-case {} 1\n", (place.folder() / "results/study").string())));
  CHECK(place.spinode({"sweep-case", "results/study", "2"}).code == 0);
  CHECK(contains(place.spinode({"sweep-status", "results/study"}).out, "1 finished, 3 to go\n"));
  const Outcome rest = place.spinode({"sweep", "study.toml", "--scheduler", "list", "--resume"});
  CHECK(std::count(rest.out.begin(), rest.out.end(), '\n') == 3);
  CHECK_FALSE(contains(rest.out, "study 2\n"));
  const Outcome beyond = place.spinode({"sweep-case", "results/study", "5"});
  CHECK(beyond.code == 2);
  CHECK(beyond.err == "command line: 5: results/study has 4 cases\n");
  CHECK(place.spinode({"sweep-case", "results/study", "0"}).code == 2);
}

TEST_CASE("cases get the threads that there are, and no more") {
  const Bench place;
  const auto first_lines = [&](const std::string& text, std::vector<std::string> options) {
    place.write("study.toml", text);
    options.insert(options.begin(), {"sweep", "study.toml", "--dry-run"});
    return place.spinode(options);
  };
  const Outcome many = first_lines(study, {"-j", "1000"});
  CHECK(many.code == 0);
  CHECK(contains(many.out, "1 thread on "));
  const Outcome too_many = first_lines(with(study, "planning = \"estimate\"", "threads = 1000"), {});
  CHECK(too_many.code == 2);
  CHECK(contains(too_many.err, "threads = 1000: this machine has "));
  CHECK(first_lines(study, {"-j", "0"}).code == 2);
  CHECK(first_lines(study, {"--scheduler", "pbs"}).code == 2);
  CHECK(first_lines(study, {"--resume", "--overwrite"}).code == 2);
}
