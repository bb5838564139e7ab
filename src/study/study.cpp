#include "spinode/study/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "../nearest.hpp"
#include "axes.hpp"
#include "spinode/error.hpp"
#include "spinode/model.hpp"
#include "spinode/needs.hpp"
#include "spinode/report.hpp"

namespace spinode {

namespace fs = std::filesystem;

struct Study::Impl {
  Design design;
  fs::path base;
  std::optional<int> jobs;
  std::vector<std::string> slurm_options, seeds;
  std::vector<Declaration> known = all_keys();
  mutable LayerFiles files;
  Layer file;
  std::optional<Layer> set;
  std::vector<std::vector<Layer>> varied;  // [parameter][value]
  std::vector<Layer> overrides;

  Config config(std::size_t i) const;
};

namespace {

/// Reads a study file but for its axes.
class StudyReader {
 public:
  explicit StudyReader(const Layer& file) : table_(file.table.get()), faults_(file) {}

  StudyFaults& faults() { return faults_; }

  /// The node of a key, which counts as known.
  const toml::node* find(const char* key) {
    known_.emplace_back(key);
    return table_->get(key);
  }

  void fault(const char* key, const toml::node& node, const std::string& allowed) {
    faults_.add(node, fmt::format("{} = {}: {}", key, text_of(node), allowed));
  }

  std::string text(const char* key, const std::string& fallback) {
    const toml::node* const node = find(key);
    if (!node) return fallback;
    const auto value = node->value_exact<std::string>();
    if (!value) fault(key, *node, "expected a text");
    return value.value_or(fallback);
  }

  std::optional<std::int64_t> whole(const char* key, std::int64_t most) {
    const toml::node* const node = find(key);
    if (!node) return {};
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= 1 && *value <= most) return value;
    fault(key, *node, fmt::format("expected an integer >= 1 and <= {}", most));
    return 1;
  }

  std::vector<std::string> texts(const char* key, const toml::node* node) {
    std::vector<std::string> result;
    if (!node) return result;
    const toml::array* const list = node->as_array();
    for (std::size_t i = 0; list && i < list->size(); ++i)
      if (const auto value = (*list)[i].value_exact<std::string>(); value && value->find('\n') == std::string::npos)
        result.push_back(*value);
    if (!list || result.size() != list->size()) fault(key, *node, "expected a list of texts");
    return result;
  }

  void unknown_keys() {
    for (const auto& [key, node] : *table_) {
      if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
      const std::string name(key.str()), guess = nearest(name, known_);
      faults_.add(
          node, fmt::format("unknown key {} of a study{}", name,
                            guess.empty() ? "; keys of its cases belong into [set]" : "; did you mean " + guess + "?"));
    }
  }

 private:
  const toml::table* table_;
  StudyFaults faults_;
  std::vector<std::string> known_;
};

std::string name_of(StudyReader& reader, const Layer& file) {
  const std::string name = reader.text("name", file.file.stem().string());
  constexpr std::size_t longest = 100;
  if (name.empty() || name.front() == '.' || name.size() > longest ||
      name.find_first_of("/\n\r\t") != std::string::npos)
    reader.faults().add(
        file.table->contains("name") ? *file.table->get("name") : *file.table,
        fmt::format("name = {}: expected the name of a folder, without slash or line break", in_quotes(name)));
  return name;
}

/// A key is varied, or given on the command line.
void refuse_varied(const std::vector<Layer>& overrides, const Design& design, const fs::path& file) {
  const auto list_of = [](const std::string& key) { return key.substr(0, key.find('[')); };
  std::vector<std::string> lines;
  for (const Layer& layer : overrides)
    for (const Parameter& parameter : design.parameters) {
      const bool same = layer.entry.empty() ? layer.find(list_of(parameter.key)) != nullptr
                                            : list_of(layer.entry) == list_of(parameter.key);
      if (same) lines.push_back(fmt::format("command line: {} is varied by {}", parameter.key, file.string()));
    }
  if (!lines.empty()) throw ConfigError(lines);
}

}  // namespace

Study::Study(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Study::Study(Study&&) noexcept = default;
Study::~Study() = default;

const Design& Study::design() const { return impl_->design; }
const fs::path& Study::base() const { return impl_->base; }
std::optional<int> Study::jobs() const { return impl_->jobs; }
const std::vector<std::string>& Study::slurm_options() const { return impl_->slurm_options; }

Study Study::read(const fs::path& file, const std::vector<std::string>& overrides) {
  auto impl = std::make_unique<Impl>();
  impl->file = read_layer(file);
  for (const std::string& given : overrides) impl->overrides.push_back(read_override(given));
  StudyReader reader(impl->file);
  Design& design = impl->design;
  design.name = name_of(reader, impl->file);
  design.description = reader.text("description", "");
  if (const auto jobs = reader.whole("jobs", 1 << 16)) impl->jobs = static_cast<int>(*jobs);
  design.replicas = static_cast<std::size_t>(reader.whole("replicas", Design::most_cases).value_or(1));
  const toml::node* const seeds = reader.find("seeds");
  impl->seeds = seeds ? reader.texts("seeds", seeds) : std::vector<std::string>{"initial.seed"};
  if (!std::all_of(impl->seeds.begin(), impl->seeds.end(), can_be_key))
    reader.fault("seeds", *seeds, "expected keys of a case");
  if (const toml::node* const scheduler = reader.find("scheduler")) {
    const toml::table* const table = scheduler->as_table();
    for (const auto& [key, node] : table ? *table : toml::table{})
      if (key != "slurm") reader.fault("scheduler", *scheduler, "expected slurm = [\"--time=02:00:00\", ...] in it");
    if (!table)
      reader.fault("scheduler", *scheduler, "expected a table, [scheduler]");
    else
      impl->slurm_options = reader.texts("scheduler.slurm", table->get("slurm"));
  }
  if (const toml::node* const set = reader.find("set")) {
    if (const toml::table* const table = set->as_table()) {
      impl->set = impl->file;
      // Shares the file's table, whose nodes know their lines.
      impl->set->table = std::shared_ptr<const toml::table>(impl->file.table, table);
    } else {
      reader.fault("set", *set, "expected a table, [set]");
    }
  }
  static_cast<void>(reader.find("axes"));
  const std::string base = reader.text("base", "");
  reader.unknown_keys();
  if (base.empty()) {
    if (!impl->file.table->contains("base"))
      reader.faults().add(*impl->file.table, "missing key base: expected the case file that the study varies");
    reader.faults().check();
  }
  impl->base = or_shipped((file.parent_path() / base).lexically_normal(), base);
  if (std::error_code none; !fs::is_regular_file(impl->base, none)) {
    reader.fault("base", *impl->file.table->get("base"), "no such file beside the study or among the shipped configs");
    reader.faults().check();
  }

  std::vector<Layer> above = impl->overrides;
  if (impl->set) above.insert(above.begin(), *impl->set);
  Axes axes = read_axes(impl->file, Config::load(impl->base, above, impl->files), impl->known, reader.faults());
  design.parameters = std::move(axes.parameters);
  impl->varied = std::move(axes.layers);
  double cases = static_cast<double>(design.replicas);
  for (std::size_t p = 0; p < design.parameters.size(); ++p)
    if (p == 0 || design.parameters[p].axis != design.parameters[p - 1].axis)
      cases *= static_cast<double>(design.parameters[p].values.size());
  if (cases > static_cast<double>(Design::most_cases))
    reader.faults().add(*impl->file.table,
                        fmt::format("{:.0f} cases: at most {} can be in one study", cases, Design::most_cases));
  if (design.replicas > 1)
    for (const std::string& seed : impl->seeds)
      if (std::any_of(design.parameters.begin(), design.parameters.end(),
                      [&](const Parameter& parameter) { return parameter.key == seed; }) ||
          std::any_of(impl->overrides.begin(), impl->overrides.end(),
                      [&](const Layer& layer) { return layer.find(seed) != nullptr; }))
        reader.faults().add(
            *impl->file.table->get("replicas"),
            fmt::format("replicas: they set {}, which is given otherwise; seeds = [] repeats a case as it is", seed));
  reader.faults().check();
  refuse_varied(impl->overrides, design, file);
  return Study(std::move(impl));
}

Config Study::Impl::config(std::size_t i) const {
  std::vector<Layer> above;
  if (set) above.push_back(*set);
  above.push_back(make_layer("name", in_quotes(fmt::format("{}_{}", design.name, case_number(i))), file.label));
  if (design.replicas > 1)
    for (const std::string& seed : seeds) {
      above.push_back(make_layer(seed, std::to_string(design.replica(i)), file.label));
      above.back().file = file.file;
      above.back().line = file.table->get("replicas")->source().begin.line;
    }
  const std::vector<std::size_t> levels = design.levels(i);
  for (std::size_t p = 0; p < levels.size(); ++p) above.push_back(varied[p][levels[p]]);
  above.insert(above.end(), overrides.begin(), overrides.end());
  return Config::load(base, above, files);
}

Case Study::load(std::size_t i) const { return Case::read(impl_->config(i), impl_->known); }

namespace {

/// What is said of several cases is told once, with how many they are.
class Told {
 public:
  explicit Told(const Design& design) : design_(&design) {}

  /// Texts of one kind are told as the first of them.
  void add(std::size_t i, const std::string& kind, const std::string& text) {
    const auto [entry, is_new] = entries_.try_emplace(kind, Entry{text, i, 0});
    if (is_new) order_.push_back(kind);
    ++entry->second.cases;
  }

  std::vector<std::string> lines() const {
    constexpr std::size_t most = 100;
    const std::size_t all = design_->cases();
    std::vector<std::string> lines;
    for (const std::string& kind : order_) {
      if (lines.size() == most) {
        lines.push_back(fmt::format("{} more", order_.size() - most));
        break;
      }
      const Entry& entry = entries_.at(kind);
      if (all == 1) {
        lines.push_back(entry.text);
        continue;
      }
      std::string where = fmt::format("case {}: {}", entry.first + 1, design_->label(entry.first));
      if (entry.cases == all)
        where = fmt::format("all {} cases", all);
      else if (entry.cases > 1)
        where = fmt::format("{} of {} cases, the first is {}", entry.cases, all, where);
      lines.push_back(fmt::format("{} ({})", entry.text, where));
    }
    return lines;
  }

 private:
  struct Entry {
    std::string text;
    std::size_t first, cases;
  };
  const Design* design_;
  std::map<std::string, Entry> entries_;
  std::vector<std::string> order_;
};

std::string without_numbers(std::string text) {
  std::erase_if(text, [](char c) { return std::string_view("0123456789.+-e").find(c) != std::string_view::npos; });
  return text;
}

}  // namespace

CheckedCases check(const Study& study) {
  const std::size_t cases = study.design().cases();
  struct Checked {
    std::string resolved;
    int threads = 0;
    double memory = 0, output = 0;
    std::vector<std::string> warnings, faults;
  };
  std::vector<Checked> checked(cases);
#pragma omp parallel for schedule(dynamic, 16)
  for (std::size_t i = 0; i < cases; ++i) {
    Checked& result = checked[i];
    try {
      const Case config = study.load(i);
      const Model model(config);
      result = {config.resolved_config, config.run.threads,      memory_bytes(config),
                output_bytes(config),   warnings(config, model), {}};
    } catch (const ConfigError& error) {
      result.faults = error.faults;
    } catch (const std::exception& error) {
      result.faults = {error.what()};
    }
  }
  CheckedCases all;
  Told faults(study.design()), warned(study.design());
  for (std::size_t i = 0; i < cases; ++i) {
    for (const std::string& fault : checked[i].faults) faults.add(i, fault, fault);
    // The same but for their numbers.
    for (const std::string& warning : checked[i].warnings) warned.add(i, without_numbers(warning), warning);
    all.threads.push_back(checked[i].threads);
    all.memory = std::max(all.memory, checked[i].memory);
    all.output += checked[i].output;
    all.resolved.push_back(std::move(checked[i].resolved));
  }
  if (const std::vector<std::string> lines = faults.lines(); !lines.empty()) throw ConfigError(lines);
  all.warnings = warned.lines();
  return all;
}

}  // namespace spinode
