#include "store/versions.hpp"

#include <algorithm>

namespace flowrra {

std::vector<std::string> versions_in(const std::vector<NodeStatus>& nodes, const std::string& task) {
  std::vector<std::string> out;
  for (const NodeStatus& node : nodes) {
    if (!node.alive || node.gone) continue;
    for (const std::string& name : node.session.tasks) {
      const bool is_one = is_version(name) && without_version(name) == task;
      if (is_one && std::ranges::find(out, name) == out.end()) out.push_back(name);
    }
  }
  return out;
}

Result<std::vector<TaskSpec>> other_versions(Directory& directory, const TaskSpec& than) {
  const auto nodes = directory.nodes();
  if (!nodes) return nodes.error();
  const std::string own = version_of(than);
  std::vector<TaskSpec> out;
  for (const std::string& version : versions_in(*nodes, than.name)) {
    if (version == own) continue;
    auto spec = directory.spec(version);
    if (!spec) return spec.error();
    if (*spec) out.push_back(*std::move(*spec));
  }
  return out;
}

}  // namespace flowrra
