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

// The stored form of a spec: one JSON object with the keys name, kind, blocking, schema, arguments, doc, options,
// plugin, plugin_version.
std::string to_json(const TaskSpec& spec);
Result<TaskSpec> spec_from_json(std::string_view text);

}  // namespace flowrra
