#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "plugin/library.hpp"

namespace flowrra {

// The tasks of all loaded plugins by name. A plugin comes in whole or not at all. [main thread to add, any to find]
class Registry {
 public:
  // Takes the plugin in. Code::duplicate when another plugin has a task of the same name, naming both files.
  Status add(PluginLibrary library);

  // The task of that name, or null. Valid as long as the registry.
  [[nodiscard]] const LoadedTask* find(const std::string& name) const;
  // Names of the tasks of one kind, sorted.
  [[nodiscard]] std::vector<std::string> names(Kind kind) const;
  // Tells every plugin that nothing runs any more, the last loaded first.
  void shutdown() const;

 private:
  struct Entry {
    LoadedTask task;
    std::string path;
  };
  std::vector<PluginLibrary> libraries_;
  std::unordered_map<std::string, Entry> tasks_;
};

}  // namespace flowrra
