#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace flowrra::cli {

// How data is printed.
enum class Format : std::uint8_t {
  table,  // for people
  wide,   // for people with a wide terminal
  json,   // one value, indented: an object, or a list of them
  jsonl,  // one line for each object
  yaml,
  id,     // ids or names alone, one a line
  value,  // of result: the result's JSON alone
};

Result<Format> parse_format(std::string_view text);

// JSON with line ends and indentation; numbers and strings stay as they were written.
std::string pretty_json(std::string_view json);

// The same value as YAML 1.2 in block style.
std::string to_yaml(std::string_view json);

// "[a,b]" of JSON texts.
std::string json_list(const std::vector<std::string>& items);

// Prints items (JSON objects) as a format for programs asks. False, and nothing printed, for a format for people.
bool print_items(Format format, const std::vector<std::string>& items, const std::vector<std::string>& ids);

// The same for one thing, which json and yaml print without a list around it.
bool print_item(Format format, const std::string& item, const std::string& id);

// Writes to stdout. False when nobody takes it (a closed pipe, a full disk).
bool print(std::string_view text);
bool print_line(std::string_view text);

// True where colours may be used on stdout: a terminal, NO_COLOR unset or empty, TERM not dumb.
bool use_color();

enum class Color : std::uint8_t { none, red, green, yellow, blue, gray };
std::string colored(Color color, std::string_view text);

// Columns as wide as their content. Control characters are escaped.
class Table {
 public:
  explicit Table(std::vector<std::string> titles);
  struct Cell {
    std::string text;
    Color color = Color::none;
  };
  void add(std::vector<Cell> row);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace flowrra::cli
