#pragma once

#include <string>
#include <vector>

#include "app/config.hpp"
#include "base/result.hpp"
#include "plugin/manifest.hpp"
#include "plugin/plugin_file.hpp"
#include "plugin/probe.hpp"
#include "store/directory.hpp"

namespace flowrra {

// What the plugins of a configuration offer, read in disposable children from private copies. A plugin that cannot be
// used is named with its reason, and the others are used without it.
struct PluginSet {
  std::vector<Manifest> usable;   // in the order in which hosts load them
  std::vector<PluginFile> files;  // of those, in the same order; they keep the copies
  std::vector<Manifest> refused;
  std::vector<std::string> unused_pins;  // what [plugins] pin names and is none of them

  [[nodiscard]] std::vector<TaskSpec> specs() const;
  // As a node tells of them.
  [[nodiscard]] std::vector<NodePlugin> about() const;
};

// Errors: not_found (a path of [plugins] that does not exist, or no flowrra-host). A plugin that does not load is no
// error. Gives up with `interrupted` when `abandon_fd` becomes readable.
Result<PluginSet> load_plugins(const Config& config, int abandon_fd = -1);

// The same for these files, without a look at what they have in common: a manifest for each, in order.
Result<std::vector<Manifest>> read_plugins(const Config& config, const std::vector<std::string>& files,
                                           Micros timeout = kProbeTimeout);

// Whether all plugins that a node has loaded are still good, or gone from where they were looked for. Else the error of
// the first that is not.
Status still_good(const std::vector<NodePlugin>& loaded, const PluginSet& now);

// Removes private copies that nobody has used for long.
void sweep_copies(const Config& config);

// The log's errors on plugins that are not used.
void log_refused(const PluginSet& plugins);

}  // namespace flowrra
