#include "app/arguments.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/arguments_file.hpp"
#include "app/schema_view.hpp"
#include "app/typed_text.hpp"
#include "base/log.hpp"
#include "base/nearest.hpp"
#include "base/utf8.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

using nlohmann::json;

struct Task {
  std::string name;
  std::vector<std::string> positions;  // names by position
  std::vector<std::string> names;      // all of them
  json schema = json::object();
};

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

// One word as a value of that schema.
Status word_value(const std::string& word, const json& schema, std::string_view what, json& out) {
  if (!valid_utf8(word)) return Error{Code::invalid, std::string(what) + ": not UTF-8 text", {}};
  out = word;
  if (wants_text(schema) || word.empty()) return {};
  const Types types = accepted(schema);
  const bool begins_value = std::string_view("[{\"'").find(word.front()) != std::string_view::npos;
  if (begins_value) {
    json value;
    if (auto read = read_value(word, schema, what, value); !read) return read;
    if ((type_of(value) & types) != 0 || (types & kString) == 0) out = std::move(value);
    return {};
  }
  if (auto read = plain_value(word, schema, out); !read) return read.error().in(what);
  // Text where only a list or an object can be meant: YAML's block forms, "a: 1".
  const bool wants_more = (types & kString) == 0 && (types & (kList | kObject)) != 0;
  json value;
  if (out.is_string() && wants_more && read_value(word, schema, what, value)) out = std::move(value);
  return {};
}

// name=value, where `known` tells which names count.
template <typename Known>
bool split_keyword(const std::string& word, Known known, std::string& name, std::string& value) {
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || !known(std::string_view(word).substr(0, equals))) return false;
  name = word.substr(0, equals);
  value = word.substr(equals + 1);
  return true;
}

bool is_identifier(std::string_view text) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  return !text.empty() && kLetters.find(text.front()) != std::string_view::npos &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return kLetters.find(c) != std::string_view::npos || (c >= '0' && c <= '9'); });
}

// "Did you mean 'width=…'?" for a positional word that looks like a misspelt keyword.
std::string keyword_slip(const Task& task, const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals == std::string::npos ? 0 : equals);
    if (!is_identifier(name) || contains(task.names, name)) continue;
    if (const auto near = nearest(name, task.names)) return "Did you mean '" + *near + "='?";
  }
  return {};
}

Status place_word(const Task& task, const std::string& name, const std::string& text, json& out) {
  if (out.contains(name)) return Error{Code::invalid, "argument '" + name + "' is given twice", {}};
  json value;
  if (auto read = word_value(text, member_schema(task.schema, name), name, value); !read) return read;
  out[name] = std::move(value);
  return {};
}

Status place_words(const Task& task, const std::vector<std::string>& words, json& out) {
  std::size_t position = 0;
  for (const std::string& word : words) {
    std::string name;
    std::string value;
    if (!split_keyword(
            word, [&](std::string_view key) { return contains(task.names, key); }, name, value)) {
      if (position == task.positions.size()) {
        return Error{Code::invalid, "too many arguments: '" + log::escaped(word.substr(0, 60)) + "' has no place", {}};
      }
      name = task.positions[position++];
      value = word;
    }
    if (auto placed = place_word(task, name, value, out); !placed) return placed;
  }
  return {};
}

// Whether a single word that begins with { is all the arguments: it is, unless the first argument can take it and the
// word names no argument.
bool is_whole(const Task& task, const std::string& word) {
  json value;
  const bool readable = read_value(word, task.schema, "arguments", value).ok() && value.is_object();
  const bool names_one = readable && std::any_of(value.items().begin(), value.items().end(), [&](const auto& item) {
                           return contains(task.names, item.key()) && !item.value().is_null();
                         });
  const Types first = task.positions.empty() ? Types{0} : accepted(member_schema(task.schema, task.positions.front()));
  if ((first & kObject) != 0) {
    // An object for an argument that takes objects: all arguments only when it fits as that.
    return names_one && check_args(text_of(task.schema), task.positions, text_of(value)).ok();
  }
  return names_one || (first & kString) == 0;
}

Result<Task> task_of(const TaskSpec& spec) {
  Task task{spec.name, spec.arguments, spec.arguments, json::object()};
  if (spec.schema.empty()) return task;
  task.schema = json::parse(spec.schema, nullptr, false);
  if (!task.schema.is_object()) {
    return Error{Code::corrupt, "the schema of " + spec.name + " cannot be read", "Build its plugin anew."};
  }
  if (const auto found = task.schema.find("properties"); found != task.schema.end() && found->is_object()) {
    for (const auto& [name, ignored] : found->items()) {
      if (!contains(task.names, name)) task.names.push_back(name);
    }
  }
  return task;
}

Status read_words(const Task& task, const std::vector<std::string>& words, json& out) {
  out = json::object();
  if (words.size() == 1) {
    auto text = whole_text(words.front());
    if (!text) return text.error();
    if (*text) return read_value(**text, task.schema, "arguments", out);
    if (words.front().starts_with('{') && is_whole(task, words.front())) {
      return read_value(words.front(), task.schema, "arguments", out);
    }
  }
  return place_words(task, words, out);
}

Error with_usage(Error error, const TaskSpec& spec, const Task& task, const std::vector<std::string>& words) {
  if (error.code != Code::invalid) return error;
  if (error.hint.empty()) error.hint = keyword_slip(task, words);
  if (!error.hint.empty()) error.hint += ' ';
  error.hint += "Usage: " + usage_line(spec);
  return error;
}

Status read_untyped(const std::vector<std::string>& words, json& out) {
  const json anything = json::object();
  if (words.size() == 1) {
    auto text = whole_text(words.front());
    if (!text) return text.error();
    const bool object = words.front().starts_with('{');
    if (*text || object) return read_value(*text ? **text : words.front(), anything, "arguments", out);
  }
  json by_name = json::object();
  json by_position = json::array();
  bool all_named = !words.empty();
  for (const std::string& word : words) {
    std::string name;
    std::string value;
    all_named = all_named && split_keyword(word, is_identifier, name, value);
    json read;
    if (auto done = word_value(word, anything, word.substr(0, 60), read); !done) return done;
    by_position.push_back(std::move(read));
    if (!all_named) continue;
    if (by_name.contains(name)) return Error{Code::invalid, "argument '" + name + "' is given twice", {}};
    if (auto done = word_value(value, anything, name, by_name[name]); !done) return done;
  }
  out = all_named ? std::move(by_name) : std::move(by_position);
  return {};
}

}  // namespace

Result<std::string> words_to_args(const TaskSpec& spec, const std::vector<std::string>& words) {
  if (spec.schema.empty() && spec.arguments.empty()) return words_to_args(words);
  auto task = task_of(spec);
  if (!task) return task.error();
  json args;
  if (auto read = read_words(*task, words, args); !read) return with_usage(read.error(), spec, *task, words);
  std::string text = text_of(args);
  if (auto fits = check_args(spec.schema, spec.arguments, text); !fits) {
    return with_usage(fits.error(), spec, *task, words);
  }
  return text;
}

Result<std::string> words_to_args(const std::vector<std::string>& words) {
  json args = json::array();
  if (auto read = read_untyped(words, args); !read) return read.error();
  std::string text = text_of(args);
  if (auto fits = check_args({}, {}, text); !fits) return fits.error();
  return text;
}

std::string usage_line(const TaskSpec& spec) {
  const json schema = spec.schema.empty() ? json::object() : json::parse(spec.schema, nullptr, false);
  const json required = schema.is_object() ? schema.value("required", json::array()) : json::array();
  std::string out = spec.name;
  for (const std::string& name : spec.arguments) {
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    out += needed ? " " + name : " [" + name + "]";
  }
  return out;
}

}  // namespace flowrra
