#include "spinode/study/study.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "../nearest.hpp"
#include "axes.hpp"
#include "spinode/error.hpp"
#include "spinode/model.hpp"
#include "spinode/needs.hpp"

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

std::string name_of(StudyReader& reader, const fs::path& file) {
  const std::string name = reader.text("name", file.stem().string());
  constexpr std::size_t longest = 100;
  if (name.empty() || name.front() == '.' || name.size() > longest ||
      name.find_first_of("/\n\r\t") != std::string::npos)
    reader.faults().add(
        *reader.find("name"),
        fmt::format("name = {}: expected the name of a folder, without slash or line break", in_quotes(name)));
  return name;
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
  design.name = name_of(reader, file);
  design.description = reader.text("description", "");
  if (const auto jobs = reader.whole("jobs", 1 << 16)) impl->jobs = static_cast<int>(*jobs);
  design.replicas = static_cast<std::size_t>(reader.whole("replicas", Design::most_cases).value_or(1));
  const toml::node* const seeds = reader.find("seeds");
  impl->seeds = seeds ? reader.texts("seeds", seeds) : std::vector<std::string>{"initial.seed"};
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
    reader.faults().add(*impl->file.table, "missing key base: expected the case file that the study varies");
    reader.faults().check();
  }
  impl->base = or_shipped(file.parent_path() / base, base);
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
  for (const Layer& layer : impl->overrides)
    for (const Parameter& parameter : design.parameters) {
      const toml::node* const node = layer.entry.empty()            ? layer.find(parameter.key)
                                     : layer.entry == parameter.key ? layer.table->get("value")
                                                                    : nullptr;
      if (node)
        reader.faults().add(*impl->file.table,
                            fmt::format("{} is varied here, and given on the command line", parameter.key));
    }
  reader.faults().check();
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

CheckedCases check(const Study& study) {
  const std::size_t cases = study.design().cases();
  struct Checked {
    std::string resolved;
    int threads = 0;
    double memory = 0, output = 0;
    std::vector<std::string> faults;
  };
  std::vector<Checked> checked(cases);
#pragma omp parallel for schedule(dynamic, 16)
  for (std::size_t i = 0; i < cases; ++i) {
    Checked& result = checked[i];
    try {
      const Case config = study.load(i);
      const Model model(config);
      result = {config.resolved_config, config.run.threads, memory_bytes(config), output_bytes(config), {}};
    } catch (const ConfigError& error) {
      result.faults = error.faults;
    } catch (const std::exception& error) {
      result.faults = {error.what()};
    }
  }
  // The same fault of many cases is told once.
  std::vector<std::string> order;
  std::map<std::string, std::vector<std::size_t>> cases_with;
  CheckedCases all;
  for (std::size_t i = 0; i < cases; ++i) {
    for (const std::string& fault : checked[i].faults) {
      if (!cases_with.contains(fault)) order.push_back(fault);
      cases_with[fault].push_back(i);
    }
    all.threads.push_back(checked[i].threads);
    all.memory = std::max(all.memory, checked[i].memory);
    all.output += checked[i].output;
    all.resolved.push_back(std::move(checked[i].resolved));
  }
  if (order.empty()) return all;
  constexpr std::size_t most_faults = 100;
  std::vector<std::string> lines;
  for (std::size_t f = 0; f < std::min(order.size(), most_faults); ++f) {
    const std::vector<std::size_t>& with = cases_with[order[f]];
    const std::string label = study.design().label(with[0]);
    lines.push_back(with.size() == cases && cases > 1 ? fmt::format("{} (all {} cases)", order[f], cases)
                    : with.size() == 1                ? fmt::format("{} (case {}: {})", order[f], with[0] + 1, label)
                                       : fmt::format("{} ({} of {} cases, the first is case {}: {})", order[f],
                                                     with.size(), cases, with[0] + 1, label));
  }
  if (order.size() > most_faults) lines.push_back(fmt::format("{} more faults", order.size() - most_faults));
  throw ConfigError(lines);
}

}  // namespace spinode
