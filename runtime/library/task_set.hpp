#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/app.hpp"
#include "library/registered.hpp"
#include "task/checked_spec.hpp"

namespace flowrra::library {

// The definitions that a program knows by itself, by name.
using KnownTasks = std::map<std::string, SharedSpec, std::less<>>;

KnownTasks known_tasks(const std::vector<TaskSpec>& specs);

// Code::not_found, the hint naming what is near.
Error not_registered(std::string_view name, const KnownTasks& known);

// The configuration under which this program is the host of its own tasks: it is executed again, and its tasks come
// before those of the plugins. Throws HostError where main() has not made that possible.
flowrra::Config as_own_host(flowrra::Config config, const TaskRegistry::Tasks& tasks);

// Throws HostError in a process that was started as a host and runs on as a program.
void refuse_in_host();

// What the hosts of this configuration can run, asked of them. Plugins that cannot be used are logged and left out; of
// this program's own tasks (null: none) a host must know exactly the same. Throws.
PluginSet ask_hosts(const flowrra::Config& config, const TaskRegistry::Tasks* tasks);

}  // namespace flowrra::library
