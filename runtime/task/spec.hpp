#pragma once

#include <string>
#include <vector>

#include "task/options.hpp"
#include "task/task.hpp"

namespace flowrra {

// The registered definition that tasks of one name invoke, as its plugin declared it.
struct TaskSpec {
  std::string name;
  Kind kind = Kind::cpu;
  bool blocking = false;               // an io task that is an ordinary function on the host's thread pool
  std::string schema;                  // JSON Schema of the arguments object; empty: anything goes
  std::vector<std::string> arguments;  // names in positional order
  std::string doc;                     // one line for people
  TaskOptions options;
  std::string plugin;  // name of the plugin
  std::string plugin_version;
};

// A version of a task: its name, '@', and eight hex digits that stand for its arguments and their schema. Nodes whose
// plugins describe a task's arguments alike have the same version of it. Tasks are submitted by name, and a node gives
// those to a version that they fit and its own not.
std::string version_of(const TaskSpec& spec);
bool is_version(std::string_view name);
// The name of the task that a version is of; a name that is none as it is.
std::string_view without_version(std::string_view name);

// The stored form of a spec: one JSON object with the keys name, kind, blocking, schema, arguments, doc, options,
// plugin, plugin_version.
std::string to_json(const TaskSpec& spec);
Result<TaskSpec> spec_from_json(std::string_view text);

}  // namespace flowrra
