#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"

namespace flowrra {

// One key of the configuration in effect, as it may be shown: without passwords.
struct Setting {
  std::string section;      // "executor"; "tasks" for an operator's option of a task
  std::string task;         // of such an option: whose
  std::string name;         // "io_workers", a queue's name, "timeout"
  std::string value;        // as JSON, which is TOML as well; empty: there is none
  bool by_default = false;  // nobody set it and it has no constant default: it is absent, or follows another key
  Origin origin;
};

// Every key, those of [queues] and [tasks] that are there, in the order of flowrra.toml.
std::vector<Setting> settings(const Config& config);

// "executor.io_workers", "tasks.\"media.thumbnail\".timeout": the key's name in Config::origins.
std::string label(const Setting& setting);

// "file /etc/flowrra.toml:3", "environment FLOWRRA_EXECUTOR_LEASE", "flag --log-level", "built-in".
std::string origin_text(const Origin& origin);

// A flowrra.toml that says the same; what is there by default stands as a comment. With `origins` each key names where
// its value comes from.
std::string config_toml(const Config& config, bool origins);

// The same as one object of objects, {"executor":{"io_workers":100,…},…}; what is absent is null. With `origins` each
// value is {"value","source","where"}.
std::string config_json(const Config& config, bool origins);

// One key as an object: key, value, source, where.
std::string setting_json(const Setting& setting);

}  // namespace flowrra
