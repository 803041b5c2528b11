// JSON for reading: indented, or as YAML.

#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "output.hpp"

namespace flowrra::cli {
namespace {

using nlohmann::ordered_json;

// Where the string that begins at `begin` ends, its closing quote included.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  std::size_t i = begin + 1;
  while (i < json.size() && json[i] != '"') i += json[i] == '\\' ? 2U : 1U;
  return std::min(i + 1, json.size());
}

void new_line(std::string& out, int depth) {
  out += '\n';
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
}

std::size_t skip_blanks(std::string_view json, std::size_t i) {
  while (i < json.size() && (json[i] == ' ' || json[i] == '\n' || json[i] == '\t' || json[i] == '\r')) ++i;
  return i;
}

// A word that YAML reads as the same text without quotes: letters first, and no word of the core schema.
bool plain_in_yaml(const std::string& text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (text.empty() || !is_letter(text.front())) return false;
  for (const char c : text) {
    if (!is_letter(c) && (c < '0' || c > '9') && c != '_' && c != '.' && c != '-' && c != '/') return false;
  }
  std::string lower = text;
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  for (const char* word : {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}) {
    if (lower == word) return false;
  }
  return true;
}

std::string scalar(const ordered_json& value) {
  if (value.is_string() && plain_in_yaml(value.get_ref<const std::string&>())) return value.get<std::string>();
  return log::escaped_json(value.dump(-1, ' ', false, ordered_json::error_handler_t::replace));
}

void write_yaml(std::string& out, const ordered_json& value, int depth);

// What follows "key:" or "-": a scalar on the same line, or a block below.
void write_part(std::string& out, const ordered_json& value, int depth, bool in_list) {
  if (!value.is_structured() || value.empty()) {
    out += " " + scalar(value) + "\n";
  } else if (in_list && value.is_object()) {
    std::string block;
    write_yaml(block, value, depth);
    out += " " + block.substr(static_cast<std::size_t>(depth) * 2);  // the first key stands beside the dash
  } else {
    out += "\n";
    write_yaml(out, value, depth);
  }
}

void write_yaml(std::string& out, const ordered_json& value, int depth) {
  const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
  if (!value.is_structured() || value.empty()) {
    out += indent + scalar(value) + "\n";
  } else if (value.is_array()) {
    for (const auto& item : value) {
      out += indent + "-";
      write_part(out, item, depth + 1, true);
    }
  } else {
    for (const auto& [key, member] : value.items()) {
      out += indent + scalar(key) + ":";
      write_part(out, member, depth + 1, false);
    }
  }
}

}  // namespace

std::string pretty_json(std::string_view json) {
  std::string out;
  int depth = 0;
  for (std::size_t i = skip_blanks(json, 0); i < json.size(); i = skip_blanks(json, i)) {
    const char c = json[i];
    if (c == '"') {
      const std::size_t end = end_of_string(json, i);
      out += log::escaped_json(json.substr(i, end - i));
      i = end;
      continue;
    }
    ++i;
    if (c == '{' || c == '[') {
      out += c;
      const std::size_t next = skip_blanks(json, i);
      const bool empty = next < json.size() && json[next] == (c == '{' ? '}' : ']');
      if (empty) {
        out += json[next];
        i = next + 1;
      } else {
        new_line(out, ++depth);
      }
    } else if (c == '}' || c == ']') {
      new_line(out, --depth);
      out += c;
    } else {
      out += c;
      if (c == ',') new_line(out, depth);
      if (c == ':') out += ' ';
    }
  }
  return out;
}

std::string to_yaml(std::string_view json) {
  const ordered_json value = ordered_json::parse(json, nullptr, false);
  std::string out;
  if (value.is_discarded()) return out;
  write_yaml(out, value, 0);
  return out;
}

}  // namespace flowrra::cli
