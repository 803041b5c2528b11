#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/plugin_file.hpp"
#include "task/spec.hpp"

// The C types of the plugin ABI (flowrra/plugin.h); only their names are needed here.
struct flowrra_bytes;
struct flowrra_call;
struct flowrra_host;
struct flowrra_plugin;

namespace flowrra {

// A task of a loaded plugin: what it declared, checked, and the function that runs it.
struct LoadedTask {
  TaskSpec spec;
  void (*run)(void* data, flowrra_call* call, flowrra_bytes args) = nullptr;
  void* data = nullptr;
};

// A plugin's shared object in this process, checked and initialised. It is never unloaded: its code and data live as
// long as the process. [main thread]
class PluginLibrary {
 public:
  // Loads the file or its private copy, checks what it declares and calls its init() with `host`, which must outlive
  // the process. Code::not_found, Code::invalid: the message names the file and what is wrong, the hint what to do.
  static Result<PluginLibrary> load(const PluginFile& plugin, const flowrra_host& host);

  // The same for a plugin that is part of this program, known by `path`. Both outlive the process. Code::invalid.
  static Result<PluginLibrary> adopt(const std::string& path, const flowrra_plugin& plugin, const flowrra_host& host);

  [[nodiscard]] const std::string& path() const { return path_; }  // absolute
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& version() const { return version_; }
  [[nodiscard]] const std::vector<LoadedTask>& tasks() const { return tasks_; }
  // Tells the plugin that nothing runs any more.
  void shutdown() const;

 private:
  explicit PluginLibrary(std::string path) : path_(std::move(path)) {}
  Status open(const std::string& file);
  Status take_in(const flowrra_host& host);
  Status check_plugin();
  Status init(const flowrra_host& host);
  Status read_tasks();

  std::string path_;
  std::string name_;
  std::string version_;
  std::vector<LoadedTask> tasks_;
  const flowrra_plugin* plugin_ = nullptr;
};

}  // namespace flowrra
