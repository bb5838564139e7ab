// The commands of `spinode`, as main.cpp calls them. They print to standard output and throw the errors of error.hpp.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace spinode::command {

struct CaseArguments {
  std::filesystem::path file;
  std::vector<std::string> overrides;
};

struct RunArguments : CaseArguments {
  std::filesystem::path output;  // results/<case> when empty
  bool quiet = false, overwrite = false;
};

void run(const RunArguments& arguments);
void check(const CaseArguments& arguments);
/// Every key with unit, bounds, default and help.
void keys();
/// Every model by kind.
void list();
/// What a results folder or a snapshot holds.
void info(const std::filesystem::path& path);

}  // namespace spinode::command
