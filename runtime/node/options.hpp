#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "executor/executor.hpp"
#include "store/directory.hpp"
#include "task/spec.hpp"

namespace flowrra {

// What plugins that were read anew offer.
struct PluginOffer {
  std::vector<TaskSpec> specs;
  std::vector<PluginFile> files;    // to load, in this order
  std::vector<NodePlugin> plugins;  // for people: those that cannot be used, too
};

// What a node is told about itself.
struct NodeOptions {
  std::string name;                              // for people; a session id tells nodes apart
  std::vector<std::string> queues;               // that it takes from …
  std::vector<int> weights = {};                 // … and what share each gets; empty: priority and age alone count
  std::vector<TaskSpec> specs;                   // what its plugins can run
  std::map<std::string, TaskOptions> overrides;  // the operator's, by task name
  TaskOptions defaults;                          // for what neither submitter, operator nor plugin say
  HostSettings hosts;
  std::vector<NodePlugin> plugins;  // what is told of hosts.plugins, and of what is not used
  // Reads the plugins anew; an error says why those that are loaded now (its argument) must stay. Called in a thread
  // of its own; it gives up when `abandon_fd` becomes readable. Empty: this node does not reload.
  std::function<Result<PluginOffer>(const std::vector<NodePlugin>& loaded, int abandon_fd)> reread;
  int io_hosts = 1;
  int io_workers = 100;  // io jobs in flight, over all io hosts
  int cpu_workers = 1;   // cpu hosts
  Micros lease = std::chrono::seconds(30);
  Micros drain_timeout = std::chrono::seconds(30);
  std::optional<Micros> ttl;     // how long finished tasks are kept; none: for ever
  bool exit_when_empty = false;  // end as soon as no task it can run is left
};

}  // namespace flowrra
