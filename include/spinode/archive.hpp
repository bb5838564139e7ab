// The state of a run as named values: what an object keeps in a checkpoint it names once, in serialize(), for both
// ways.
#pragma once

#include <Eigen/Core>
#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "spinode/field.hpp"

namespace spinode {

template <class Number>
concept WholeNumber = std::integral<Number> || std::is_enum_v<Number>;

/// Values that are written or read; what keeps them is left to others. A value that is missing, out of range or of
/// another size is an IoError.
class Archive {
 public:
  virtual ~Archive() = default;

  virtual bool reads() const = 0;

  void operator()(const std::string& name, double& value);
  /// From 0 to limit - 1 when it is read.
  template <WholeNumber Number>
  void operator()(const std::string& name, Number& value, std::uint64_t limit = 1ull << 53);
  void operator()(const std::string& name, std::string& text);
  void operator()(const std::string& name, std::vector<double>& values);
  void operator()(const std::string& name, std::vector<std::string>& texts);
  template <class Value, std::size_t N>
  void operator()(const std::string& name, std::array<Value, N>& values);
  /// Of the size that it has.
  template <class Real>
  void operator()(const std::string& name, Array<Real>& values);
  template <int N>
  void operator()(const std::string& name, Eigen::Matrix<double, N, 1>& vector);
  /// An object with members.
  template <class Object>
  requires requires(Object& object, Archive& archive) { object.serialize(archive); }
  void operator()(const std::string& name, Object& object);
  /// A list of objects whose members are numbers: a row of a table each.
  template <class Object>
  requires std::is_class_v<Object>
  void operator()(const std::string& name, std::vector<Object>& rows);

 private:
  /// The members of one object of a list.
  class Row;

  virtual void number(const std::string& path, double& value) = 0;
  virtual void whole(const std::string& path, std::int64_t& value) = 0;
  virtual void text(const std::string& path, std::string& value) = 0;
  virtual void numbers(const std::string& path, std::vector<double>& values, std::size_t count) = 0;
  virtual void array(const std::string& path, double* values, std::size_t count) = 0;
  virtual void array(const std::string& path, float* values, std::size_t count) = 0;
  [[noreturn]] virtual void damaged(const std::string& path) const = 0;

  std::string path_of(const std::string& name) const { return within_ + name; }

  std::string within_ = "/";  // the names of the objects that hold what is named now
};

class Archive::Row {
 public:
  Row(Archive& archive, const std::string& table, std::vector<double>& cells, std::size_t at = 0)
      : archive_(&archive), table_(&table), cells_(&cells), at_(at) {}

  void operator()(const char*, double& value) {
    if (!archive_->reads()) {
      cells_->push_back(value);
      return;
    }
    if (at_ >= cells_->size()) archive_->damaged(archive_->path_of(*table_));
    value = (*cells_)[at_++];
  }
  void operator()(const char* name, std::vector<double>& values) {
    std::size_t count = values.size();
    (*this)(name, count, archive_->reads() ? cells_->size() - at_ : count + 1);
    values.resize(count);
    for (double& value : values) (*this)(name, value);
  }
  template <WholeNumber Number>
  void operator()(const char* name, Number& value, std::uint64_t limit = 1ull << 53) {
    double cell = static_cast<double>(value);
    (*this)(name, cell);
    if (!(cell >= 0 && cell < static_cast<double>(limit))) archive_->damaged(archive_->path_of(*table_));
    value = static_cast<Number>(static_cast<std::int64_t>(cell));
  }
  std::size_t at() const { return at_; }

 private:
  Archive* archive_;
  const std::string* table_;
  std::vector<double>* cells_;
  std::size_t at_;
};

template <WholeNumber Number>
void Archive::operator()(const std::string& name, Number& value, std::uint64_t limit) {
  auto number = static_cast<std::int64_t>(value);
  whole(path_of(name), number);
  if (reads() && (number < 0 || static_cast<std::uint64_t>(number) >= limit)) damaged(path_of(name));
  value = static_cast<Number>(number);
}

template <class Value, std::size_t N>
void Archive::operator()(const std::string& name, std::array<Value, N>& values) {
  for (std::size_t i = 0; i < N; ++i) (*this)(name + "/" + std::to_string(i), values[i]);
}

template <class Real>
void Archive::operator()(const std::string& name, Array<Real>& values) {
  array(path_of(name), values.data(), values.size());
}

template <int N>
void Archive::operator()(const std::string& name, Eigen::Matrix<double, N, 1>& vector) {
  array(path_of(name), vector.data(), N);
}

template <class Object>
requires requires(Object& object, Archive& archive) { object.serialize(archive); }
void Archive::operator()(const std::string& name, Object& object) {
  const std::string outside = within_;
  within_ += name + "/";
  object.serialize(*this);
  within_ = outside;
}

template <class Object>
requires std::is_class_v<Object>
void Archive::operator()(const std::string& name, std::vector<Object>& rows) {
  std::vector<double> cells;
  if (!reads()) {
    Row row(*this, name, cells);
    for (Object& object : rows) object.serialize(row);
  }
  (*this)(name, cells);
  if (!reads()) return;
  rows.clear();
  for (std::size_t at = 0; at < cells.size();) {
    Row row(*this, name, cells, at);
    rows.emplace_back().serialize(row);
    at = row.at();
  }
}

}  // namespace spinode
