#pragma once

#include <string>

#include "executor/executor.hpp"

namespace flowrra {

// What stands behind the names of hosts: nothing for those of the plugins that a node began with.
inline std::string mark_of(const HostSettings& settings) {
  return settings.generation == 1 ? std::string() : " of generation " + std::to_string(settings.generation);
}

// How far the workers' hosts are.
template <typename Workers>
Standing standing_of(const Workers& workers) {
  Standing out = Standing::up;
  for (const auto& worker : workers) {
    if (!worker->ready()) {
      out = Standing::coming;
    } else if (!worker->lacking().empty()) {
      return Standing::lacking;
    }
  }
  return out;
}

// Ends the hosts that have nothing left.
template <typename Workers>
void stop_unused(const Workers& workers) {
  for (const auto& worker : workers) {
    if (worker->load() == 0) worker->stop();
  }
}

}  // namespace flowrra
