#pragma once

#include <set>
#include <string>
#include <utility>

namespace flowrra {

// The tasks that none of the workers' hosts has.
template <typename Workers>
std::set<std::string> missing_tasks(const Workers& workers) {
  std::set<std::string> out;
  bool first = true;
  for (const auto& worker : workers) {
    if (std::exchange(first, false)) {
      out = worker->lacking();
    } else {
      std::erase_if(out, [&](const std::string& task) { return !worker->lacking().contains(task); });
    }
  }
  return out;
}

}  // namespace flowrra
