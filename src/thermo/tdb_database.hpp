// The statements of a Thermo-Calc database (the format of Andersson et al. 2002): what is written where, before
// anything is worked out.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spinode::tdb {

/// A statement without its keyword and without the name it defines.
struct Statement {
  std::string_view text;
  std::size_t line;
};

struct Phase {
  std::string name, kind;  // kind: the L of LIQUID:L; empty for most
  std::string_view text;   // type codes, number of sublattices, sites
  std::size_t line;
};

struct Parameter {
  std::string type, phase;        // "L", "LIQUID"
  std::string_view constituents;  // "LI,NA:VA;0"
  std::string_view body;          // temperatures and expressions
  std::size_t line;

  /// "L(LIQUID,LI,NA;0)".
  std::string name() const;
};

/// Which constituents of which sublattice a parameter is about.
struct Site {
  std::vector<std::vector<std::string>> sublattices;
  std::string order;  // after the ";", "0" when it is not given
};
Site site_of(const Parameter& parameter);

/// An expression between two temperatures [K].
struct Range {
  double low, high;
  std::string_view expression;
};
struct Ranges {
  std::vector<Range> list;
  std::string reference;  // where an assessment says it comes from; may be empty
};
/// Throws ExpressionError when the text is not "low expression; high Y expression; high N reference".
Ranges ranges_of(std::string_view body);

/// Whether every part of `given` between "_" or "-" begins that part of `full`, as Thermo-Calc reads its keywords.
bool abbreviates(std::string_view given, std::string_view full);

struct Database {
  /// Throws IoError when the file cannot be read, ConfigError when its statements cannot be told apart.
  explicit Database(const std::filesystem::path& file);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// "file.tdb:12".
  std::string at(std::size_t line) const;

  std::string label;
  std::set<std::string> elements;
  std::map<std::string, std::string> species;  // formulas
  std::vector<Statement> types;                // type definitions: code, what it does
  std::vector<Phase> phases;
  std::multimap<std::string, Statement> constituents, more_constituents, functions;
  std::vector<Parameter> parameters;
  std::vector<Parameter> misspelt;  // what looks like a parameter, after an unknown keyword

 private:
  void read(Statement statement);
  Parameter parameter(Statement statement) const;
  void refuse_swallowed(const Statement& statement, bool anywhere) const;

  std::string text_;
};

}  // namespace spinode::tdb
