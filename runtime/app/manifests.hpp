#pragma once

#include <string>
#include <vector>

#include "app/client.hpp"

namespace flowrra {

// The specs of the plugin files, in order. What was read before is taken from `folder`/manifests.json while a file is
// the same (modification time, size, inode); the others are probed and remembered. A plugin that cannot be used is left
// out with a warning. The folder is made (0700) where it is missing; failing to remember is no error. Errors are those
// of the probe itself.
Result<std::vector<TaskSpec>> read_manifests(const std::vector<std::string>& files, const PluginProbe& probe,
                                             const std::string& folder);

}  // namespace flowrra
