#pragma once

#include <flowrra/library/registry.hpp>
#include <memory>
#include <vector>

#include "task/spec.hpp"

struct flowrra_plugin;

namespace flowrra::library {

// What a registry holds. Once sealed it is read only and outlives the process.
struct TaskRegistry::Tasks {
  Tasks(std::string name, std::string version);
  sdk::Plugin plugin;
  bool sealed = false;
};
using RegisteredTasks = std::shared_ptr<TaskRegistry::Tasks>;

struct RegistryAccess {
  static const RegisteredTasks& tasks(const TaskRegistry& registry) { return registry.tasks_; }
};

// The registry's definitions as a node knows them. ConfigError for one that no host would take.
std::vector<TaskSpec> specs_of(const TaskRegistry::Tasks& tasks);

// Makes this the one registry of the process. HostError when there is one already. [main thread]
void seal(const RegisteredTasks& tasks);

// The sealed registry as a plugin of this program, for its hosts. Only after seal().
const flowrra_plugin& sealed_plugin();

}  // namespace flowrra::library
