#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/directory.hpp"
#include "task/spec.hpp"

namespace flowrra {

// The versions of a task that living nodes have, each once. Pure.
std::vector<std::string> versions_in(const std::vector<NodeStatus>& nodes, const std::string& task);

// The definitions of the versions of a task, other than this one, that living nodes have. Errors: those of the store.
Result<std::vector<TaskSpec>> other_versions(Directory& directory, const TaskSpec& than);

}  // namespace flowrra
