// Layers, alternatives, faults and the resolved form of a config.
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>

#include "spinode/config.hpp"
#include "support.hpp"

using namespace spinode;
namespace fs = std::filesystem;

namespace {

const QuantityKey length{.name = "box.length", .unit = "m", .bounds = positive, .help = "a length"};
const QuantityKey share{.name = "box.share", .bounds = fraction, .fallback = 0.25, .help = "a share"};
const IntegerKey number{.name = "box.number", .bounds = {.min = 1, .max = 9}, .fallback = 3, .help = "a number"};
const TextKey word{.name = "word", .choices = {"yes", "no"}, .fallback = "no", .help = "a word"};

QuantityKey quantity(const std::string& name, const std::string& unit = "1") {
  return {.name = name, .unit = unit, .help = ""};
}

TextKey any_text(const std::string& name) { return {.name = name, .help = ""}; }

std::vector<Declaration> declared(const std::vector<std::string>& names) {
  std::vector<Declaration> declarations;
  for (const std::string& name : names) declarations.emplace_back().name = name;
  return declarations;
}

struct Files {
  spinode::test::TemporaryFolder folder;

  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder.path() / name).parent_path());
    std::ofstream(folder.path() / name) << text;
    return folder.path() / name;
  }
  Config load(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    return Config::load(write("case.toml", text), overrides);
  }
};

/// Faults without the folder; `known` are keys that the test does not read.
std::vector<std::string> faults(Config& config, const Files& files, const std::vector<Declaration>& known = {}) {
  std::vector<Declaration> all = config.declarations();
  all.insert(all.end(), known.begin(), known.end());
  std::vector<std::string> lines;
  try {
    config.finish(all);
  } catch (const ConfigError& error) {
    lines = error.faults;
  }
  const std::string prefix = files.folder.path().string() + "/";
  for (std::string& line : lines)
    if (line.starts_with(prefix)) line.erase(0, prefix.size());
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the command line goes before the case, the case before the system, each before the default") {
  const Files files;
  files.write("system.toml", "word = \"yes\"\n[box]\nlength = \"1 m\"\nshare = 0.1\nnumber = 1\n");
  Config config =
      files.load("system = \"system.toml\"\n[box]\nshare = 0.2\nnumber = 2\n", {"box.number=3", "box.number=4"});
  CHECK(config.quantity(length) == 1);
  CHECK(config.quantity(share) == 0.2);
  CHECK(config.system_quantity(share) == 0.1);
  CHECK(config.integer(number) == 4);
  CHECK(config.text(word) == "yes");
  CHECK_FALSE(config.optional_quantity(quantity("box.none")));
  CHECK(config.quantity({.name = "box.other", .fallback = 7.0, .help = ""}) == 7);
  CHECK(config.has("box.share"));
  CHECK_FALSE(config.has("box.none"));
  CHECK(faults(config, files).empty());
}

TEST_CASE("a value may say where it comes from") {
  const Files files;
  Config config = files.load(
      "source = \"own\"\nword = { value = \"yes\", note = \"n\" }\n[box]\nnote = \"all guessed\"\n"
      "length = { value = \"1 um\", source = \"s\", confidence = \"low\" }\nnumber = { value = 5 }\n");
  CHECK(config.quantity(length) == 1e-6);
  CHECK(config.integer(number) == 5);
  CHECK(config.text(word) == "yes");
  CHECK(faults(config, files).empty());
}

TEST_CASE("a value that replaces one with an error has no error, and leaves none behind") {
  const Files files;
  files.write("system.toml", "[box]\nlength = { value = \"1 m\", error = \"0.1 m\" }\n");
  Config given = files.load("system = \"system.toml\"\n");
  CHECK(given.quantity(length) == 1);
  CHECK(given.uncertainties().size() == 1);
  CHECK(faults(given, files).empty());
  Config replaced = files.load("system = \"system.toml\"\n", {"box.length=2 m"});
  CHECK(replaced.quantity(length) == 2);
  CHECK(replaced.uncertainties().empty());
  CHECK(faults(replaced, files).empty());
}

TEST_CASE("of several keys that say the same, the first layer chooses, and the others do not resolve") {
  const Files files;
  const QuantityKey a = quantity("a"), b = quantity("b");
  files.write("system.toml", "a = 1\n");
  Config config = files.load("system = \"system.toml\"\nb = 2\n");
  CHECK(config.optional_quantity(a) == 1);
  CHECK(config.optional_quantity(b) == 2);
  CHECK(config.choose({"a", "b"}) == "b");
  CHECK(config.choose({"c", "d"}).empty());
  CHECK(faults(config, files).empty());
  CHECK(config.resolved() == "units = \"SI\"\nb = 2\n");

  Config twice = files.load("b = 2\na = 1\n");
  CHECK(twice.choose({"a", "b"}) == "a");
  CHECK(faults(twice, files) == Lines{"case.toml:1: b = 2: a is given already; give one of the two"});
}

TEST_CASE("faults come in the order of the command line, the case, the system, then what is missing") {
  const Files files;
  files.write("system.toml", "[box]\nshare = 2\n");
  Config config = files.load("system = \"system.toml\"\nwrod = 3\nword = 3\n", {"box.number=0", "more=1"});
  config.quantity(length);
  config.quantity(share);
  config.integer(number);
  config.text(word);
  CHECK(faults(config, files) == Lines{"command line: box.number = 0: expected an integer >= 1 and <= 9",
                                       "command line: unknown key more",
                                       "case.toml:2: unknown key wrod; did you mean word?",
                                       "case.toml:3: word = 3: expected one of \"yes\", \"no\"",
                                       "system.toml:2: box.share = 2: must be >= 0 and <= 1",
                                       "case.toml: missing key box.length: expected a length (m) > 0 m: a length"});
}

TEST_CASE("a fault gives a value that raises no second one") {
  const Files files;
  Config config = files.load("word = 3\n[box]\nlength = 3\nshare = 2\nnumber = 0\n");
  CHECK(std::isnan(config.quantity(length)));
  CHECK(std::isnan(config.quantity(share)));
  CHECK(config.integer(number) == 3);
  CHECK(config.text(word) == "no");
  CHECK(faults(config, files).size() == 4);
}

TEST_CASE("a copy of a config finds its faults at the same lines") {
  const Files files;
  const Config unread = files.load("word = 3\n\nother = 1\n");
  Config copy = unread;
  copy.text(word);
  CHECK(faults(copy, files) ==
        Lines{"case.toml:1: word = 3: expected one of \"yes\", \"no\"", "case.toml:3: unknown key other"});
}

TEST_CASE("a choice of model that is wrong hides what the models need") {
  const Files files;
  Config config = files.load("[box]\nmodel = \"cube\"\nedge = 1\n");
  CHECK(config.text({.name = "box.model", .choices = {"ball", "brick"}, .help = ""}) == "ball");
  CHECK(std::isnan(config.quantity(quantity("box.radius"))));
  CHECK(faults(config, files, declared({"box.model", "box.radius", "box.edge"})) ==
        Lines{"case.toml:2: box.model = \"cube\": expected one of \"ball\", \"brick\""});
}

TEST_CASE("faults that the caller finds name the value, given or default") {
  const Files files;
  Config config = files.load("[box]\nshare = 0.20\nlist = [1, 2, 3, 4, 5, 6, 7, 8, 9]\n");
  config.quantity(share);
  config.integer(number);
  config.quantities(quantity("box.list"));
  config.fault("box.share", "must be even");
  config.fault("box.number", "must be even");
  config.fault("box.list", "must fall");
  config.fault("box.way", "give it, or box.list");
  CHECK(faults(config, files) == Lines{"case.toml:2: box.share = 0.2: must be even",
                                       "case.toml:3: box.list = [1, 2, 3, ..., 9]: must fall",
                                       "case.toml: box.number = 3 (its default): must be even",
                                       "case.toml: missing key box.way: give it, or box.list"});
}

TEST_CASE("known keys that nothing reads are faults of the case, not of the system") {
  const Files files;
  files.write("system.toml", "[box]\nlength = \"1 m\"\n");
  Config config = files.load("system = \"system.toml\"\n[box]\nshare = 0.5\n");
  CHECK(faults(config, files, declared({"box.length", "box.share"})) ==
        Lines{"case.toml:3: key box.share is not used by the models chosen here; remove it"});
}

TEST_CASE("numbers and texts are shown with the digits and quotes that they need") {
  const Files files;
  for (const auto& [given, shown] : {std::pair<std::string, std::string>{"0.1", "0.1"},
                                     {"0.30000000000000004", "0.30000000000000004"},
                                     {"2.0", "2.0"},
                                     {"1e-10", "1e-10"},
                                     {"1e20", "1e+20"},
                                     {"-inf", "-inf"},
                                     {"16", "16"},
                                     {"true", "true"},
                                     {"'a \"b\" \\c'", R"("a \"b\" \\c")"},
                                     {"\"a\\tb\\nc\"", R"("a\tb\nc")"},
                                     {"[1, [\"a\"]]", "[1, [\"a\"]]"},
                                     {"{ a = 1, b = \"c\" }", "{ a = 1, b = \"c\" }"},
                                     {"2024-01-31", "2024-01-31"}}) {
    Config config = files.load("other = " + given + "\n");
    config.fault("other", "bad");
    CHECK(faults(config, files, declared({"other"})).front() == "case.toml:1: other = " + shown + ": bad");
  }
}

TEST_CASE("a resolved config gives the same values, and resolves to itself") {
  const Files files;
  files.write("system.toml", "[box]\nlength = \"4.19 angstrom\"\n");
  const auto read = [&](Config& config) {
    std::vector<double> values{config.quantity(length), config.quantity(share), config.quantity(quantity("box.third"))};
    for (double v : config.quantities(quantity("box.sizes", "m"))) values.push_back(v);
    for (double v : config.quantities(quantity("box.empty", "m"), std::vector<double>{})) values.push_back(v);
    for (auto v : config.integers({.name = "box.cells", .bounds = positive, .help = ""}))
      values.push_back(static_cast<double>(v));
    values.push_back(static_cast<double>(config.integer(number)));
    return std::tuple{values, config.text(word), config.text(any_text("title")), config.texts(any_text("names"))};
  };
  Config config = files.load(
      "system = \"system.toml\"\ntitle = 'a \"b\" \\c µ'\nnames = [\"x\", \"y\"]\n[box]\n"
      "third = 0.3333333333333333148\nsizes = [\"1 um\", \"2.5e-3 nm\"]\ncells = [3, 4]\n",
      {"word=yes"});
  const auto values = read(config);
  CHECK(faults(config, files).empty());
  Config again = files.load(config.resolved());
  CHECK(read(again) == values);
  CHECK(faults(again, files).empty());
  CHECK(again.resolved() == config.resolved());
  CHECK(config.resolved() ==
        "units = \"SI\"\nbox.length = \"4.19e-10 m\"\nbox.share = 0.25\nbox.third = 0.3333333333333333\n"
        "box.sizes = [\"1e-06 m\", \"2.5e-12 m\"]\nbox.empty = []\nbox.cells = [3, 4]\nbox.number = 3\nword = \"yes\"\n"
        "title = \"a \\\"b\\\" \\\\c µ\"\nnames = [\"x\", \"y\"]\n");
}

TEST_CASE("a file is taken relative to the file that names it, and resolves to its full path") {
  const Files files;
  files.write("deep/system.toml", "data = \"../data/x.h5\"\n");
  Config config = files.load("system = \"deep/system.toml\"\n");
  const std::string name = config.text(any_text("data"));
  CHECK(fs::weakly_canonical(config.resolve("data", name)) == fs::weakly_canonical(files.folder.path() / "data/x.h5"));
  CHECK(config.resolved() == "units = \"SI\"\ndata = \"" + (files.folder.path() / "data/x.h5").string() + "\"\n");
  Config given = files.load("", {"data=x.h5"});
  CHECK(given.resolve("data", given.text(any_text("data"))) == fs::path("x.h5"));
}

TEST_CASE("units = none takes plain numbers and declares the units all the same") {
  const Files files;
  Config config = files.load("units = \"none\"\nbox.length = 2\n");
  CHECK(config.dimensionless());
  CHECK(config.quantity(length) == 2);
  CHECK(config.declarations().back().unit == "m");
  CHECK(faults(config, files).empty());
  CHECK(config.resolved() == "units = \"none\"\nbox.length = 2\n");
}

TEST_CASE("a config that only describes collects declarations and has no faults") {
  Config config = Config::describe();
  CHECK(config.describing());
  config.quantity(length);
  config.quantity(share);
  config.integer(number);
  config.text(word);
  config.fault("box.length", "never");
  CHECK_NOTHROW(config.finish({}));
  const std::vector<Declaration>& all = config.declarations();
  REQUIRE(all.size() == 6);
  CHECK(all[0].name == "units");
  CHECK(all[1].name == "system");
  CHECK(all[2].type == "quantity");
  CHECK(all[2].unit == "m");
  CHECK(all[2].allowed == "> 0 m");
  CHECK(all[2].fallback == "required");
  CHECK(all[3].allowed == ">= 0 and <= 1");
  CHECK(all[3].fallback == "0.25");
  CHECK(all[4].allowed == ">= 1 and <= 9");
  CHECK(all[5].allowed == "\"yes\", \"no\"");
  CHECK(all[5].fallback == "\"no\"");
}

TEST_CASE("bounds are open or closed at either end, and say so") {
  CHECK_FALSE(positive.contains(0));
  CHECK(not_negative.contains(0));
  CHECK(fraction.contains(1));
  CHECK_FALSE(open_fraction.contains(1));
  CHECK_FALSE(open_fraction.contains(0));
  CHECK(positive.text("s") == "> 0 s");
  CHECK(open_fraction.text("1") == "> 0 and < 1");
  CHECK(Bounds{.max = 2}.text("m") == "<= 2 m");
  CHECK(any_value.text("m").empty());
}

TEST_CASE("files without end, with keys of endless parts and with many faults are refused in bounded time") {
  const Files files;
  const auto refusal = [&](const std::string& text) {
    try {
      files.load(text);
    } catch (const ConfigError& error) {
      return error.faults.front().substr(error.faults.front().find(": ") + 2);
    }
    return std::string();
  };
  std::string parts;
  for (int i = 0; i < 200000; ++i) parts += "a.";
  CHECK(refusal(parts + "a = 1\n") == "has a key of more than 100 parts");
  CHECK(refusal("[" + parts + "a]\n") == "has a key of more than 100 parts");
  CHECK(refusal("# " + std::string(500, '.') + "\ntext = \"" + std::string(500, '.') + "\"\n").empty());
  CHECK(refusal(std::string((4 << 20) + 1, '\n')) == "must be at most 4194304 bytes long");
  CHECK(refusal(std::string(4 << 20, '\n')).empty());
  CHECK_THROWS_AS(Config::load("/dev/zero"), ConfigError);

  Config endless = files.load("system = \"/dev/zero\"\n");
  CHECK(faults(endless, files) ==
        Lines{"case.toml:1: system = \"/dev/zero\": no such file beside the case or among the "
              "shipped configs"});
  std::string many;
  for (int i = 0; i < 100000; ++i) many += fmt::format("box.nothing_{} = 1\n", i);
  Config config =
      files.load(many + "word = \"" + std::string(1 << 18, 'a') + "\"\n" + std::string(1 << 18, 'b') + " = 1\n");
  config.quantity(length);
  const Lines lines = faults(config, files);
  REQUIRE(lines.size() == 101);
  CHECK(lines[99] == "case.toml:100: unknown key box.nothing_99");
  CHECK(lines[100] == "case.toml: 99903 more");
}

TEST_CASE("names that no file system takes are no such file") {
  const Files files;
  const std::string long_name(5000, 'a');
  CHECK_THROWS_AS(Config::load(long_name), IoError);
  Config config = files.load("system = \"" + long_name + "\"\n");
  CHECK(faults(config, files).size() == 1);
}

TEST_CASE("a list with errors beside it, or of tables, has a largest length") {
  const Files files;
  const auto list = [](int count, const std::string& entry) {
    std::string text = "[";
    for (int i = 0; i < count; ++i) text += entry + ",";
    return text + "]";
  };
  const QuantityKey plain = quantity("plain");
  for (const int count : {1000, 1001}) {
    Config config = files.load(fmt::format("plain = {{ value = {}, error = 1 }}\n", list(count, "1")));
    config.quantities(plain);
    CHECK(faults(config, files) ==
          (count == 1000 ? Lines{} : Lines{"case.toml:1: plain.error: expected at most 1000 entries beside it"}));
  }
  for (const int count : {10000, 10001}) {
    Config config = files.load(fmt::format("steps = {}\n", list(count, "{}")));
    CHECK(config.tables("steps", "") == (count == 10000 ? 10000 : 0));
    CHECK(faults(config, files).size() == (count == 10000 ? 0 : 1));
  }
}

TEST_CASE("files that cannot be read are an IoError") {
  const Files files;
  CHECK_THROWS_AS(Config::load(files.folder.path() / "none.toml"), IoError);
  CHECK_THROWS_AS(Config::load(files.folder.path()), IoError);
  CHECK_THROWS_AS(files.load("a ="), ConfigError);
}
