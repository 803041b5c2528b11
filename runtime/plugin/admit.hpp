#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/plugin_file.hpp"

namespace flowrra {

// Which plugin files are let in, and where their private copies are.
struct AdmitRules {
  std::string copies;                       // folder
  std::map<std::string, std::string> pins;  // what a file must hold ("sha256:…"), by its name or its absolute path
};

// Looks at each file once: who could change it, what it holds, whether that is what its pin says; and copies it. One
// answer for each path, in order: what hosts load, or Code::denied (owner, modes, pin), not_found, invalid, … The
// path kThisProgram stands for itself. [any thread]
std::vector<Result<PluginFile>> admit_plugins(const AdmitRules& rules, const std::vector<std::string>& paths);

}  // namespace flowrra
