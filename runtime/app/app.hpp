#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "app/plugin_set.hpp"
#include "base/result.hpp"
#include "node/options.hpp"
#include "task/task.hpp"

namespace flowrra {

// What a node is told: [executor], [queues] and [tasks], and what the plugins can run.
// Code::not_found without a flowrra-host.
Result<NodeOptions> node_options(const Config& config, const PluginSet& plugins);

// Runs a node until SIGTERM or SIGINT (once: drain; twice: release at once) or, with `until_empty`, until no task it
// can run is left. SIGHUP and `flowrra reload` load the plugins anew: `reread` gives the configuration as it is by
// then, of which [plugins] alone is looked at. Returns when everything is settled or released and every child has
// ended. A server that is away at the start is waited for as [executor] start_timeout says; what ends the node ends
// that wait, too. [main thread]
Status run_node(const Config& config, bool until_empty, const std::function<Result<Config>()>& reread);

// Runs one task on this machine without any store, in a host as a node would, and returns its record.
// SIGTERM and SIGINT end the task, by asking and then by force; a second one kills it at once.
// Errors: not_found (no plugin has it), invalid, too_large, interrupted (a signal came). [main thread]
Result<TaskRecord> run_once(const Config& config, const PluginSet& plugins, NewTask task);

}  // namespace flowrra
