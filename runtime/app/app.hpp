#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "base/result.hpp"
#include "node/options.hpp"
#include "plugin/manifest.hpp"
#include "store/store.hpp"
#include "task/task.hpp"

namespace flowrra {

// What the plugins of a configuration offer, read in disposable children. A plugin that cannot be used is named with
// its reason, and the others are used without it.
struct PluginSet {
  std::vector<Manifest> usable;  // in the order in which hosts load them
  std::vector<Manifest> refused;

  [[nodiscard]] std::vector<TaskSpec> specs() const;
};

// Errors: not_found (a path of [plugins] that does not exist, or no flowrra-host). A plugin that does not load is no
// error.
Result<PluginSet> load_plugins(const Config& config);

// What a node is told: [executor], [queues] and [tasks], and what the plugins can run.
// Code::not_found without a flowrra-host.
Result<NodeOptions> node_options(const Config& config, const PluginSet& plugins);

// The stores of a node, open.
struct NodeStores {
  std::unique_ptr<Store> broker;
  std::unique_ptr<Store> backend;  // null where the broker's store keeps the results
};
Result<NodeStores> open_node_stores(const Config& config);

// Runs a node until SIGTERM or SIGINT (once: drain; twice: release at once) or, with `until_empty`, until no task it
// can run is left. Returns when everything is settled or released and every child has ended. [main thread]
Status run_node(const Config& config, bool until_empty);

// Runs one task on this machine without any store, in a host as a node would, and returns its record.
// SIGTERM and SIGINT end the task, by asking and then by force; a second one kills it at once.
// Errors: not_found (no plugin has it), invalid, too_large, interrupted (a signal came). [main thread]
Result<TaskRecord> run_once(const Config& config, const PluginSet& plugins, NewTask task);

}  // namespace flowrra
