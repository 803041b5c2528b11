#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/directory.hpp"
#include "task/spec.hpp"

namespace flowrra {

// The versions of a task that living nodes have, each once. Pure.
std::vector<std::string> versions_in(const std::vector<NodeStatus>& nodes, const std::string& task);

// The definitions of the versions of a task other than one of them.
struct OtherVersions {
  bool any_lives = false;        // a living node has some version of the task
  std::vector<TaskSpec> living;  // that living nodes have
  std::vector<TaskSpec> gone;    // that nodes had, which may come back
};

// Errors: those of the store.
Result<OtherVersions> other_versions(Directory& directory, const TaskSpec& than);

}  // namespace flowrra
