#include "plugin/registry.hpp"

#include <algorithm>
#include <ranges>

namespace flowrra {

Status Registry::add(PluginLibrary library) {
  for (const LoadedTask& task : library.tasks()) {
    const auto other = tasks_.find(task.spec.name);
    if (other == tasks_.end()) continue;
    return Error{Code::duplicate,
                 library.path() + ": task '" + task.spec.name + "' is already registered by " + other->second.path,
                 "Rename one of the two tasks, or load only one of the plugins."};
  }
  for (const LoadedTask& task : library.tasks()) tasks_.emplace(task.spec.name, Entry{task, library.path()});
  libraries_.push_back(std::move(library));
  return {};
}

const LoadedTask* Registry::find(const std::string& name) const {
  const auto found = tasks_.find(name);
  return found == tasks_.end() ? nullptr : &found->second.task;
}

std::vector<std::string> Registry::names(Kind kind) const {
  std::vector<std::string> out;
  for (const auto& [name, entry] : tasks_) {
    if (entry.task.spec.kind == kind) out.push_back(name);
  }
  std::ranges::sort(out);
  return out;
}

void Registry::shutdown() const {
  for (const PluginLibrary& library : std::views::reverse(libraries_)) library.shutdown();
}

}  // namespace flowrra
