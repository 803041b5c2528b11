#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace flowrra {

// The plugin files that `paths` of the configuration name, absolute, each once: a file stands for itself, a folder for
// the *.so in it by name, a pattern (* ? [) for what it matches. Code::not_found for a path that leads to no plugin.
Result<std::vector<std::string>> find_plugins(const std::vector<std::string>& paths);

}  // namespace flowrra
