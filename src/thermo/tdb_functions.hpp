// What the functions and parameters of a Thermo-Calc database are as functions of temperature.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tdb_database.hpp"
#include "tdb_expression.hpp"

namespace spinode::tdb {

/// One expression for all temperatures of a range [K].
struct Value {
  Terms terms;
  double low, high;
  std::string reference;
};

class Functions {
 public:
  explicit Functions(const Database& database) : database_(&database) {}

  /// The body of a parameter, with all functions that it names put in. Throws ExpressionError.
  Value value(std::string_view body);

 private:
  const Value& function(const std::string& name);

  const Database* database_;
  std::map<std::string, Value> known_;
  std::vector<std::string> open_;  // that wait for those they name
};

}  // namespace spinode::tdb
