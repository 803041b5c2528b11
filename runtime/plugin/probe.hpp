#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "plugin/manifest.hpp"
#include "plugin/plugin_file.hpp"

namespace flowrra {

inline constexpr Micros kProbeTimeout = std::chrono::seconds(10);
inline constexpr std::size_t kMaxManifestBytes = 4 * 1024 * 1024;

// Reads a plugin's manifest in a child that may crash, hang or exit: `host_program` is the path of flowrra-host. The
// error says what became of the child and what it said last; whatever it started in its session is killed.
// Blocks for `timeout` at most. [any thread]
Result<Manifest> probe_plugin(const std::string& host_program, const PluginFile& plugin,
                              Micros timeout = kProbeTimeout);

// The same for many, a few children at a time. One manifest for each, in order; `refused` says what is wrong with
// those that cannot be used. Gives up, and kills the children, when `abandon_fd` becomes readable. [any thread]
std::vector<Manifest> probe_plugins(const std::string& host_program, const std::vector<PluginFile>& plugins,
                                    Micros timeout = kProbeTimeout, std::size_t at_once = 4, int abandon_fd = -1);

}  // namespace flowrra
