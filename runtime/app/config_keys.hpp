#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"

namespace flowrra {

// What a key's value looks like.
enum class Shape : std::uint8_t {
  integer,  // within [min, max]
  seconds,  // an integer or a float in the file; with a unit also elsewhere
  size,     // bytes as an integer, or text with a unit
  boolean,
  choice,  // one of `choices`, separated by |
  name,    // [A-Za-z0-9._-]{1,128}
  names,   // a list of such; separated by commas outside the file
  path,    // made absolute
  paths,   // a list of such; separated by colons outside the file
  url,     // of a store; the path in sqlite://PATH and unix://PATH is made absolute
  pins,    // a table from file names to digests; NAME=DIGEST separated by commas outside the file
};

// A value as it was written, before its key's shape is checked.
struct RawValue {
  enum class Type : std::uint8_t { integer, number, boolean, text, list, table, other };
  Type type = Type::other;
  bool from_text = false;  // a flag's or a variable's text: the shape decides what it is
  std::int64_t integer = 0;
  double number = 0;
  bool boolean = false;
  std::string text;
  std::vector<std::string> list;  // of a table: "name=text"
};

// A checked value; which member counts is the shape's matter.
struct Value {
  std::int64_t integer = 0;
  Micros duration{0};
  bool boolean = false;
  std::string text;
  std::vector<std::string> list;
};

// Reads and writes the member behind a key; get() has nothing where the value is not set.
template <typename Target>
struct Access {
  std::optional<Value> (*get)(const Target&) = nullptr;
  void (*set)(Target&, const Value&) = nullptr;
};

// One key of the configuration. Keys with an `option` exist in [executor], where they are the last source of that
// option, and in each [tasks."name"].
struct ConfigKey {
  std::string_view section;
  std::string_view name;
  Shape shape = Shape::integer;
  double min = 0;
  double max = 0;
  std::string_view choices;
  std::string_view doc;
  Access<Config> value;
  Access<TaskOptions> option = {};
};

// All keys but the free names of [queues] and [tasks."name"].
std::span<const ConfigKey> config_keys();

// The key, or null. `key` is "section.name".
const ConfigKey* find_key(std::string_view key);
const ConfigKey* find_task_option(std::string_view name);

// The names of the keys of a section ("tasks": of a task's), and of the sections.
std::vector<std::string> key_names(std::string_view section);
std::vector<std::string> section_names();

// The name by which config.origins and messages know an option of [tasks."name"]: tasks."media.thumbnail".timeout.
std::string task_option_label(std::string_view task, std::string_view option);

// The variable that sets a key: FLOWRRA_EXECUTOR_IO_WORKERS.
inline constexpr std::string_view kVariablePrefix = "FLOWRRA_";
std::string variable_of(const ConfigKey& key);
bool is_variable_of(const ConfigKey& key, std::string_view name);

// "an integer from 1 to 100000", "seconds from 0 to 86400", "full or normal".
std::string describe_shape(const ConfigKey& key);

// Checks the value against the key's shape. Relative paths are relative to `folder`. Code::config, the message
// beginning with `label` (what the user knows the key by).
Result<Value> check_value(const ConfigKey& key, const std::string& label, const RawValue& raw,
                          const std::filesystem::path& folder);

// True for the URL of a store that is reached through a socket.
bool on_network(std::string_view url);

// A raw value that is text from a flag or a variable.
RawValue raw_text(std::string_view text);

// Applies the keys of the file to the config. Errors as load_config.
Status read_config_file(Config& config, const std::filesystem::path& file);

}  // namespace flowrra
