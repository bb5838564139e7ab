#include "workplace.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace cli {

namespace fs = std::filesystem;

namespace {

std::string shell_quoted(const std::string& text) {
  std::string result;
  for (const char c : text)
    if (c == '\'')
      result += "'\\''";
    else
      result += c;
  return fmt::format("'{}'", result);
}

}  // namespace

Workplace::Workplace() {
  std::string name = (fs::temp_directory_path() / "spinode_cli_XXXXXX").string();
  REQUIRE(mkdtemp(name.data()));
  folder_ = name;
}

Workplace::~Workplace() { fs::remove_all(folder_); }

void Workplace::write(const std::string& name, const std::string& text) const {
  fs::create_directories((folder_ / name).parent_path());
  std::ofstream(folder_ / name, std::ios::binary) << text;
}

std::string Workplace::read(const std::string& name) const {
  std::ifstream in(folder_ / name, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

Outcome Workplace::spinode(const std::vector<std::string>& arguments) const {
  // Outside the folder, so that a test sees what the command alone has written there.
  const std::string out = folder_.string() + ".out", err = folder_.string() + ".err";
  std::string line = fmt::format("cd {} && OMP_NUM_THREADS=1 {}", shell_quoted(folder_.string()), SPINODE_COMMAND);
  for (const std::string& argument : arguments) line += fmt::format(" {}", shell_quoted(argument));
  const int status = std::system(fmt::format("{} >{} 2>{} </dev/null", line, out, err).c_str());
  const auto slurp = [](const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    fs::remove(file);
    return text;
  };
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(out), slurp(err)};
}

std::string with(std::string text, const std::string& from, const std::string& to) {
  INFO("looking for " << from);
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

const std::string alloy =
    R"(temperature = "298.15 K"

[domain]
length = ["16 nm"]
cells = [64]
boundary = ["periodic"]

[initial]
x = 0.25
noise = 0.005

[free_energy]
model = "redlich_kister"
L = ["20109.8 J/mol", "5772.6 J/mol"]

[lattice]
V_m = "12.045 cm3/mol"

[gradient]
kappa = "4.88e-11 J/m"

[mobility]
model = "degenerate"
D = "1e-10 cm2/s"

[elasticity]
model = "none"

[time]
end = "1 us"
)";

std::string double_well(int dimension) {
  const std::array<std::string, 3> lengths{"[16.0]", "[16.0, 12.0]", "[16.0, 12.0, 8.0]"},
      cells{"[16]", "[16, 12]", "[16, 12, 8]"};
  return "units = \"none\"\nplanning = \"estimate\"\n\n[domain]\nlength = " + lengths[dimension - 1] +
         "\ncells = " + cells[dimension - 1] + R"(

[initial]
x = 0.5
noise = 0.01

[free_energy]
model = "double_well"
W = 1
alpha = 0
beta = 1

[gradient]
kappa = 1

[mobility]
model = "constant"
M0 = 1

[time]
end = 0.5

[output]
every = 0.25
precision = "float64"
)";
}

}  // namespace cli
