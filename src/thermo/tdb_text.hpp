// Pieces of text of a Thermo-Calc database, which is in capitals by then.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace spinode::tdb {

inline constexpr std::string_view blanks = " \t\n";

inline std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// The start of `text` up to one of `ends` or its end, which is then cut off.
inline std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::string_view taken = text.substr(0, text.find_first_of(ends));
  text.remove_prefix(taken.size());
  return taken;
}

/// The next word between blanks; empty at the end.
inline std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  return take_until(text, blanks);
}

/// A letter and the letters, digits and underscores after it; empty when none begins here.
inline std::string_view take_name(std::string_view& text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_", digits = "0123456789";
  std::size_t end = 0;
  while (end < text.size() &&
         (letters.find(text[end]) != letters.npos || (end > 0 && digits.find(text[end]) != digits.npos)))
    ++end;
  const std::string_view name = text.substr(0, end);
  text.remove_prefix(end);
  return name;
}

/// The parts between separators, trimmed; one empty part when there is no text.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// For a message: without line ends or anything that is not ASCII, and cut short.
inline std::string shown(std::string_view text, std::size_t most = 60) {
  text = trimmed(text);
  std::string result(text.substr(0, most));
  for (char& c : result)
    if (blanks.find(c) != blanks.npos)
      c = ' ';
    else if (c < 0x20 || c > 0x7e)
      c = '?';
  return text.size() > most ? fmt::format("{}...", result) : result;
}

inline std::string cited(std::string_view text) { return fmt::format("\"{}\"", shown(text)); }

/// "A, B, C", at most so many and then how many more there are.
inline std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 24;
  std::vector<std::string> first;
  for (std::size_t i = 0; i < std::min(most, names.size()); ++i) first.push_back(shown(names[i]));
  if (names.size() <= most) return fmt::format("{}", fmt::join(first, ", "));
  return fmt::format("{} and {} more", fmt::join(first, ", "), names.size() - most);
}

}  // namespace spinode::tdb
