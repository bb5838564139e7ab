// Standard errors beside the numbers of a config, and draws of these numbers from normal distributions.
#include <Eigen/Cholesky>
#include <stdexcept>

#include "config_impl.hpp"
#include "random.hpp"

namespace spinode {

std::vector<double> Config::Impl::companions(const Found& found, const toml::node& node, const QuantityKey& key,
                                             std::size_t count) {
  const toml::array* const array = node.as_array();
  if (array && array->size() != count) {
    add_fault(*found.layer, node, fmt::format("{} = {}: expected {} entries", key.name, text_of(node), count));
    return {};
  }
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) try {
      values.push_back(number(array ? (*array)[i] : node, key, units::parse_difference));
    } catch (const std::invalid_argument& error) {
      add_fault(*found.layer, node, fmt::format("{} = {}: {}", key.name, text_of(node), error.what()));
      return {};
    }
  return values;
}

Eigen::MatrixXd Config::Impl::correlation_factor(const Found& found, const std::string& name, std::size_t count) {
  Eigen::MatrixXd correlation = Eigen::MatrixXd::Identity(count, count);
  const toml::node* const node = found.layer->beside(name, "correlation");
  if (!node) return correlation;
  const std::string own = name + ".correlation";
  const toml::array* const rows = node->as_array();
  if (rows && rows->size() == count)
    for (std::size_t i = 0; i < count; ++i) {
      const auto row = companions(found, (*rows)[i], {.name = own, .bounds = {.min = -1, .max = 1}}, count);
      if (row.empty()) return Eigen::MatrixXd::Identity(count, count);
      for (std::size_t j = 0; j < count; ++j) correlation(i, j) = row[j];
    }
  const Eigen::LLT<Eigen::MatrixXd> factor(correlation);
  if (!rows || rows->size() != count || factor.info() != Eigen::Success || correlation != correlation.transpose() ||
      correlation.diagonal() != Eigen::VectorXd::Ones(count)) {
    add_fault(
        *found.layer, *node,
        fmt::format("{} = {}: expected {} rows of a symmetric, positive definite matrix with ones on its diagonal", own,
                    text_of(*node), count));
    return Eigen::MatrixXd::Identity(count, count);
  }
  return factor.matrixL();
}

void Config::Impl::take_uncertainty(const Found& found, const QuantityKey& key, std::vector<double>& values) {
  const toml::node* const node = found.layer->beside(key.name, "error");
  const toml::node* const lone = node ? nullptr : found.layer->beside(key.name, "correlation");
  if (lone)
    add_fault(*found.layer, *lone,
              fmt::format("{0}.correlation = {1}: needs {0}.error beside it", key.name, text_of(*lone)));
  if (!node) return;
  const std::size_t count = values.size();
  constexpr std::size_t most = 1000;  // a matrix of their correlations is made
  if (count > most)
    return add_fault(*found.layer, *node,
                     fmt::format("{}.error: expected at most {} entries beside it", key.name, most));
  const std::vector<double> error =
      companions(found, *node, {.name = key.name + ".error", .unit = key.unit, .bounds = not_negative}, count);
  const Eigen::MatrixXd factor = correlation_factor(found, key.name, count);
  if (error.empty()) return;
  uncertainties.push_back({key.name, unit_of(key), error});
  if (!draw) return;
  // FNV-1a (Fowler, Noll & Vo 1991): the same stream of numbers for a key on every machine.
  std::uint64_t stream = 0xcbf29ce484222325;
  for (const unsigned char c : key.name) stream = (stream ^ c) * 0x100000001b3;
  Eigen::VectorXd normal(count);
  for (std::size_t i = 0; i < count; ++i) normal[i] = normal_pair(draw->index << 16 | i, stream, draw->seed)[0];
  for (std::size_t i = 0; i < count; ++i) {
    values[i] += error[i] * factor.row(i).dot(normal);
    if (!key.bounds.contains(values[i]))
      fault(found, key.name,
            fmt::format("a draw of {} lies outside: must be {}", values[i], key.bounds.text(key.unit)));
  }
}

std::optional<Config::Spread> Config::spread(const std::string& name, const std::string& unit) const {
  Impl reader = *impl_;
  reader.faults.clear();
  const Impl::Found found = reader.find(name);
  if (!found || !found.layer->beside(name, "error")) return {};
  const QuantityKey key{.name = name, .unit = unit};
  Spread spread;
  const toml::array* const list = found.node->as_array();
  spread.list = list != nullptr;
  for (std::size_t i = 0; i < (list ? list->size() : 1); ++i)
    spread.values.push_back(reader.number(list ? (*list)[i] : *found.node, key));
  reader.take_uncertainty(found, key, spread.values);
  const Eigen::MatrixXd factor = reader.correlation_factor(found, name, spread.values.size());
  if (!reader.faults.empty()) throw std::invalid_argument(reader.faults.front().text);
  const std::vector<double>& error = reader.uncertainties.back().error;
  for (std::size_t i = 0; i < error.size(); ++i) {
    std::vector<double>& row = spread.factor.emplace_back();
    for (std::size_t j = 0; j <= i; ++j) row.push_back(error[i] * factor(i, j));
    row.resize(error.size());
  }
  return spread;
}

}  // namespace spinode
