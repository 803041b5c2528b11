#include "output.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/log.hpp"
#include "base/nearest.hpp"

namespace flowrra::cli {
namespace {

// Columns that a text takes on a terminal: characters, as few of ours are wide ones.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

Result<Format> parse_format(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, Format>, 7> kFormats{{{"table", Format::table},
                                                                         {"wide", Format::wide},
                                                                         {"json", Format::json},
                                                                         {"jsonl", Format::jsonl},
                                                                         {"yaml", Format::yaml},
                                                                         {"id", Format::id},
                                                                         {"value", Format::value}}};
  std::vector<std::string> names;
  for (const auto& [name, format] : kFormats) {
    if (name == text) return format;
    names.emplace_back(name);
  }
  return Error{Code::usage, "no output format '" + log::escaped(text) + "'", "Use one of " + list_names(names) + "."};
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += item;
  }
  return out + "]";
}

bool print_items(Format format, const std::vector<std::string>& items, const std::vector<std::string>& ids) {
  switch (format) {
    case Format::json:
      print_line(pretty_json(json_list(items)));
      return true;
    case Format::yaml:
      print(to_yaml(json_list(items)));
      return true;
    case Format::jsonl:
    case Format::id:
      for (const std::string& line : format == Format::id ? ids : items) print_line(line);
      return true;
    default:
      return false;
  }
}

bool print_item(Format format, const std::string& item, const std::string& id) {
  switch (format) {
    case Format::json:
      print_line(pretty_json(item));
      return true;
    case Format::yaml:
      print(to_yaml(item));
      return true;
    default:
      return print_items(format, {item}, {id});
  }
}

bool print(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); }
bool print_line(std::string_view text) { return print(text) && print("\n"); }

bool use_color() {
  static const bool use = [] {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    const bool dumb = term == nullptr || std::string_view(term) == "dumb";
    return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') && !dumb;
  }();
  return use;
}

std::string colored(Color color, std::string_view text) {
  constexpr std::array<std::string_view, 6> kCodes{"", "31", "32", "33", "34", "90"};
  if (color == Color::none || !use_color()) return std::string(text);
  return "\033[" + std::string(kCodes[static_cast<std::size_t>(color)]) + "m" + std::string(text) + "\033[0m";
}

Table::Table(std::vector<std::string> titles) {
  std::vector<Cell> row;
  row.reserve(titles.size());
  for (std::string& title : titles) row.push_back({std::move(title), Color::gray});
  rows_.push_back(std::move(row));
}

void Table::add(std::vector<Cell> row) {
  for (Cell& cell : row) cell.text = log::escaped(cell.text);
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns(row[i].text));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += colored(row[i].color, row[i].text);
      if (i + 1 < row.size()) line.append(widths[i] - columns(row[i].text) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace flowrra::cli
