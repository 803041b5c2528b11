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

Result<OtherVersions> other_versions(Directory& directory, const TaskSpec& than) {
  const auto nodes = directory.nodes();
  if (!nodes) return nodes.error();
  auto specs = directory.specs();
  if (!specs) return specs.error();
  const auto living = versions_in(*nodes, than.name);
  const std::string own = version_of(than);
  OtherVersions out;
  out.any_lives = !living.empty();
  for (TaskSpec& spec : *specs) {
    if (!is_version(spec.name) || without_version(spec.name) != than.name || spec.name == own) continue;
    const bool lives = std::ranges::find(living, spec.name) != living.end();
    (lives ? out.living : out.gone).push_back(std::move(spec));
  }
  return out;
}

}  // namespace flowrra
