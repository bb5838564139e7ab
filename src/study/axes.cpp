#include "axes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <optional>
#include <stdexcept>

#include "spinode/error.hpp"
#include "spinode/study/sampling.hpp"

namespace spinode {
namespace {

constexpr const char* reserved[] = {"sample", "count", "seed"};
constexpr const char* generators[] = {"linspace", "logspace"};
constexpr const char* expected_values =
    "expected a list of values, { linspace = [from, to, count] } or { logspace = [from, to, count] }";

std::string expected_distribution() {
  return fmt::format("expected a distribution, {{ {} = [...] }}, or \"errors\"",
                     fmt::join(distribution_names(), " = [...] }, { "));
}

bool is_one_of(std::string_view name, const auto& names) {
  return std::any_of(std::begin(names), std::end(names), [&](const auto& other) { return other == name; });
}

/// A number and its unit, as text gives them.
struct Quantity {
  double number;
  std::string unit;
  bool whole;

  Quantity(double number_given, std::string unit_given, bool whole_given)
      : number(number_given), unit(std::move(unit_given)), whole(whole_given) {}

  std::string toml(double value) const {
    // To twelve digits, so that a case is at 298.35 K and not at 298.34999999999997 K.
    const std::string text =
        whole && value == std::round(value) ? fmt::format("{:.0f}", value) : fmt::format("{:.12g}", value);
    if (!unit.empty()) return in_quotes(text + " " + unit);
    return whole || text.find_first_of(".en") != std::string::npos ? text : text + ".0";
  }
};

std::optional<Quantity> quantity_of(const toml::node& node) {
  if (const auto whole = node.value_exact<std::int64_t>()) return Quantity{static_cast<double>(*whole), "", true};
  if (const auto number = node.value_exact<double>()) return Quantity{*number, "", false};
  const auto text = node.value_exact<std::string>();
  if (!text) return {};
  const std::size_t start = std::min(text->find_first_not_of(" +"), text->size());
  double number = 0;
  const auto [rest, status] = std::from_chars(text->data() + start, text->data() + text->size(), number);
  if (status != std::errc()) return {};
  std::string unit(rest, text->data() + text->size());
  unit.erase(0, unit.find_first_not_of(' '));
  unit.erase(unit.find_last_not_of(' ') + 1);
  if (unit.empty()) return {};
  return Quantity{number, unit, false};
}

class Reader {
 public:
  Reader(const Layer& file, const Config& base, const std::vector<Declaration>& known, StudyFaults& faults)
      : file_(&file), base_(&base), known_(&known), faults_(&faults) {}

  Axes read() {
    const toml::node* const node = file_->table->get("axes");
    if (!node) return std::move(axes_);
    const toml::array* const list = node->as_array();
    if (!list || !std::all_of(list->begin(), list->end(), [](const auto& entry) { return entry.is_table(); })) {
      faults_->add(*node, "axes: expected tables, [[axes]]");
      return std::move(axes_);
    }
    for (const toml::node& entry : *list) {
      const toml::table& table = *entry.as_table();
      first_ = axes_.parameters.size();
      if (table.contains("sample"))
        read_sample(table);
      else
        read_lists(table);
      ++axis_;
    }
    return std::move(axes_);
  }

 private:
  using Body = std::function<void(const std::string& key, const toml::node& node)>;

  /// The keys of a case in a table, as they are written, and what stands for each.
  void for_each_key(const toml::table& table, const Body& body) {
    std::vector<std::pair<std::string, const toml::node*>> keys;
    find_keys(table, "", [&](const std::string& key, const toml::node& node) { keys.emplace_back(key, &node); });
    const auto place = [](const auto& entry) {
      const toml::source_position& begin = entry.second->source().begin;
      return std::pair(begin.line, begin.column);
    };
    std::stable_sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
    for (const auto& [key, node] : keys) body(key, *node);
    if (keys.empty()) faults_->add(table, "axes: expected keys of a case in each [[axes]]");
  }

  /// The same in any order; tables inside each other are one dotted key.
  void find_keys(const toml::table& table, const std::string& prefix, const Body& body) {
    for (const auto& [key, node] : table) {
      if (prefix.empty() && is_one_of(key.str(), reserved)) continue;
      const std::string name = prefix + std::string(key.str());
      const toml::table* const inner = node.as_table();
      const bool is_key = !inner || std::any_of(inner->begin(), inner->end(), [](const auto& entry) {
        return is_one_of(entry.first.str(), generators) || is_one_of(entry.first.str(), distribution_names());
      });
      if (is_key)
        body(name, node);
      else
        find_keys(*inner, name + ".", body);
    }
  }

  void fault(const std::string& key, const toml::node& node, const std::string& allowed) {
    faults_->add(node, fmt::format("{} = {}: {}", key, text_of(node), allowed));
  }

  /// Keeps the values of a parameter, of which nothing was at fault so far.
  void add(const std::string& key, const toml::node& node, const std::vector<std::string>& values, bool sampled) {
    if (!can_be_key(key)) return faults_->add(node, fmt::format("{}: expected a key of a case", in_quotes(key)));
    const std::string list = key.substr(0, key.find('['));
    for (const Parameter& other : axes_.parameters)
      if (other.key == key || other.key == list || (key == list && other.key.starts_with(key + "[")))
        return faults_->add(node,
                            fmt::format("{}: is varied already{}", key, other.key == key ? "" : " as " + other.key));
    if (const std::size_t size = values.size();
        axes_.parameters.size() > first_ && axes_.parameters[first_].values.size() != size)
      return faults_->add(node, fmt::format("{}: {} {} here, {} for {}: keys of one [[axes]] vary together", key, size,
                                            size == 1 ? "value" : "values", axes_.parameters[first_].values.size(),
                                            axes_.parameters[first_].key));
    Parameter parameter{.key = key, .unit = {}, .axis = axis_, .sampled = sampled, .values = {}};
    std::vector<Layer> layers;
    std::vector<std::optional<Quantity>> quantities;
    for (const std::string& value : values) {
      layers.push_back(make_layer(key, value, file_->label));
      layers.back().file = file_->file;
      layers.back().line = node.source().begin.line;
      const auto& table = *layers.back().table;
      const toml::node& given = layers.back().entry.empty() ? *table.at_path(key).node() : *table.get("value");
      quantities.push_back(quantity_of(given));
      const auto text = given.value_exact<std::string>();
      parameter.values.push_back(text ? *text : text_of(given));
    }
    const auto same_unit = [&](const auto& q) { return q && q->unit == quantities[0]->unit; };
    parameter.numeric = quantities[0] && std::all_of(quantities.begin(), quantities.end(), same_unit);
    if (parameter.numeric) {
      parameter.unit = quantities[0]->unit;
      // Without the sign of -0, which study.toml would not keep.
      for (std::size_t i = 0; i < values.size(); ++i)
        parameter.values[i] = fmt::format("{}", quantities[i]->number + 0.0);
    }
    axes_.parameters.push_back(std::move(parameter));
    axes_.layers.push_back(std::move(layers));
  }

  void read_lists(const toml::table& table) {
    for (const char* name : reserved)
      if (const toml::node* const node = table.get(name))
        faults_->add(*node, fmt::format("{}: belongs to a sample: sample = \"latin_hypercube\" or \"sobol\"", name));
    for_each_key(table, [&](const std::string& key, const toml::node& node) {
      if (const toml::array* const list = node.as_array(); list && !list->empty()) {
        std::vector<std::string> values;
        for (const toml::node& value : *list) values.push_back(toml_of(value));
        add(key, node, values, false);
      } else if (const toml::table* const generator = node.as_table()) {
        add_spaced(key, node, *generator);
      } else {
        fault(key, node, expected_values);
      }
    });
  }

  void add_spaced(const std::string& key, const toml::node& node, const toml::table& generator) {
    const auto first = generator.begin();
    const bool logarithmic = first->first.str() == "logspace";
    const toml::array* const list = first->second.as_array();
    if (generator.size() != 1 || !is_one_of(first->first.str(), generators) || !list || list->size() != 3)
      return fault(key, node, expected_values);
    const auto from = quantity_of((*list)[0]), to = quantity_of((*list)[1]);
    const auto count = (*list)[2].value_exact<std::int64_t>();
    if (!from || !to || from->unit != to->unit)
      return fault(key, node, "expected two numbers in the same unit, and how many values");
    if (!count || *count < 2 || *count > static_cast<std::int64_t>(Design::most_cases))
      return fault(key, node, fmt::format("expected 2 to {} values", Design::most_cases));
    if (logarithmic && !(from->number > 0 && to->number > 0)) return fault(key, node, "expected numbers > 0");
    std::vector<double> numbers;
    for (std::int64_t i = 0; i < *count; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(*count - 1);
      numbers.push_back(logarithmic ? from->number * std::pow(to->number / from->number, share)
                                    : from->number + share * (to->number - from->number));
    }
    Quantity style = *from;
    style.whole = from->whole && to->whole &&
                  std::all_of(numbers.begin(), numbers.end(), [](double n) { return n == std::round(n); });
    std::vector<std::string> values;
    for (const double number : numbers) values.push_back(style.toml(number));
    add(key, node, values, false);
  }

  struct Sampled {
    std::string key;
    const toml::node* node;
    std::size_t coordinate;
    Quantity style;
    std::function<double(const std::vector<double>&)> value;  // of a point of the unit cube
  };

  void read_sample(const toml::table& table) {
    const toml::node& method_node = *table.get("sample");
    const std::string method = method_node.value_or("");
    if (method != "latin_hypercube" && method != "sobol")
      faults_->add(method_node,
                   fmt::format("sample = {}: expected one of \"latin_hypercube\", \"sobol\"", text_of(method_node)));
    const std::int64_t count = whole_number(table, "count", method_node, 1, Design::most_cases, {});
    const std::int64_t seed = whole_number(table, "seed", method_node, 0, INT64_MAX, 1);
    std::vector<Sampled> sampled;
    std::size_t coordinates = 0;
    for_each_key(table, [&](const std::string& key, const toml::node& node) {
      if (node.value_or("") == std::string("errors"))
        add_errors(key, node, coordinates, sampled);
      else
        add_distribution(key, node, coordinates, sampled);
    });
    if (sampled.empty() || count < 1 || (method != "sobol" && method != "latin_hypercube")) return;
    if (method == "sobol" && coordinates > sobol_most_dimensions)
      return faults_->add(method_node, fmt::format("sample = \"sobol\": at most {} numbers can be drawn together",
                                                   sobol_most_dimensions));
    const auto points = (method == "sobol" ? sobol : latin_hypercube)(static_cast<std::size_t>(count), coordinates,
                                                                      static_cast<std::uint64_t>(seed));
    for (const Sampled& parameter : sampled) {
      std::vector<std::string> values;
      for (const auto& point : points) values.push_back(parameter.style.toml(parameter.value(point)));
      add(parameter.key, *parameter.node, values, true);
    }
  }

  /// 0 after a fault.
  std::int64_t whole_number(const toml::table& table, const char* name, const toml::node& place, std::int64_t least,
                            std::int64_t most, std::optional<std::int64_t> fallback) {
    const toml::node* const node = table.get(name);
    if (!node && fallback) return *fallback;
    const auto value = node ? node->value_exact<std::int64_t>() : std::nullopt;
    if (value && *value >= least && *value <= most) return *value;
    faults_->add(node ? *node : place,
                 fmt::format("{}{}: expected an integer >= {}{}", name, node ? " = " + text_of(*node) : " is missing",
                             least, most < INT64_MAX ? fmt::format(" and <= {}", most) : ""));
    return 0;
  }

  void add_distribution(const std::string& key, const toml::node& node, std::size_t& coordinates,
                        std::vector<Sampled>& sampled) {
    const toml::table* const table = node.as_table();
    if (!table || table->size() != 1 || !is_one_of(table->begin()->first.str(), distribution_names()))
      return fault(key, node, expected_distribution());
    const std::string name(table->begin()->first.str());
    const toml::array* const list = table->begin()->second.as_array();
    std::vector<Quantity> given;
    for (std::size_t i = 0; list && i < list->size(); ++i)
      if (const auto quantity = quantity_of((*list)[i])) given.push_back(*quantity);
    std::vector<double> numbers;
    for (const Quantity& quantity : given) numbers.push_back(quantity.number);
    try {
      const Distribution distribution(name, numbers);
      for (std::size_t i = 0; i < given.size(); ++i)
        if (given[i].unit != (distribution.is_factor(i) ? "" : given[0].unit) || given.size() != list->size())
          throw std::invalid_argument(distribution.is_factor(i) ? "expected a factor without a unit"
                                                                : "expected numbers in the same unit");
      // Drawn numbers are as good as none of them whole.
      const std::size_t coordinate = coordinates++;
      sampled.push_back({key, &node, coordinate, Quantity(0, given[0].unit, false),
                         [=](const std::vector<double>& point) { return distribution.quantile(point[coordinate]); }});
    } catch (const std::invalid_argument& error) {
      fault(key, node, error.what());
    }
  }

  /// A number, or each entry of a list, with the errors that stand beside it in the files.
  void add_errors(const std::string& key, const toml::node& node, std::size_t& coordinates,
                  std::vector<Sampled>& sampled) {
    const auto declared = std::find_if(known_->begin(), known_->end(), [&](const auto& d) { return d.name == key; });
    std::optional<Config::Spread> spread;
    try {
      if (declared != known_->end()) spread = base_->spread(key, declared->unit);
    } catch (const std::invalid_argument& error) {
      return fault(key, node, error.what());
    }
    if (!spread)
      return fault(key, node, "the case and its system file give no error of it, { value = ..., error = ... }");
    const std::string unit = declared->unit == "1" || base_->dimensionless() ? "" : declared->unit;
    const std::size_t first = coordinates, size = spread->values.size();
    coordinates += size;
    for (std::size_t i = 0; i < size; ++i) {
      const std::vector<double> row = spread->factor[i];
      const double mean = spread->values[i];
      sampled.push_back({spread->list ? fmt::format("{}[{}]", key, i) : key, &node, first + i, Quantity(0, unit, false),
                         [=](const std::vector<double>& point) {
                           double value = mean;
                           for (std::size_t j = 0; j < size; ++j) value += row[j] * normal_quantile(point[first + j]);
                           return value;
                         }});
    }
  }

  const Layer* file_;
  const Config* base_;
  const std::vector<Declaration>* known_;
  StudyFaults* faults_;
  Axes axes_;
  std::size_t axis_ = 0, first_ = 0;  // the axis in hand and its first parameter
};

}  // namespace

bool can_be_key(const std::string& text) {
  if (text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.[]") != std::string::npos)
    return false;
  try {
    make_layer(text, "0", "");
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
}

void StudyFaults::add(const toml::node& node, const std::string& text) {
  faults_.emplace_back(node.source().begin.line, fmt::format("{}: {}", file_->where(node), text));
}

void StudyFaults::check() const {
  if (faults_.empty()) return;
  auto sorted = faults_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> lines;
  for (const auto& [line, text] : sorted) lines.push_back(text);
  throw ConfigError(lines);
}

Axes read_axes(const Layer& file, const Config& base, const std::vector<Declaration>& known, StudyFaults& faults) {
  return Reader(file, base, known, faults).read();
}

}  // namespace spinode
