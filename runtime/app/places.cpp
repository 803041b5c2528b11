#include "app/places.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace flowrra {
namespace {

const TaskSpec* find_spec(std::span<const TaskSpec> specs, const std::string& name) {
  const auto found = std::ranges::find(specs, name, &TaskSpec::name);
  return found == specs.end() ? nullptr : &*found;
}

}  // namespace

std::string_view room_of(const TaskSpec& spec) {
  if (spec.kind == Kind::cpu) return "cpu";
  return spec.blocking ? "blocking" : "io";
}

void count_room(std::span<NodeView> nodes, std::span<const TaskSpec> specs) {
  for (NodeView& node : nodes) {
    if (!node.health) continue;
    std::map<std::string_view, int> taken;
    bool known = true;
    for (const auto& [name, count] : node.status.running_by_name) {
      const TaskSpec* spec = find_spec(specs, name);
      known = known && spec != nullptr;
      if (spec != nullptr) taken[room_of(*spec)] += count;
    }
    if (!known) continue;
    for (RoomHealth& room : node.health->room) room.in_flight = taken[room.kind];
  }
}

std::vector<std::string> rivals_of(const TaskRecord& task, std::span<const NodeView> nodes,
                                   std::span<const TaskSpec> specs) {
  std::set<std::string> names;
  for (const NodeView& node : nodes) {
    if (!node.status.alive || !node.takes(task.queue) || !node.knows(task.name)) continue;
    names.insert(node.status.session.tasks.begin(), node.status.session.tasks.end());
  }
  if (names.empty()) {
    for (const TaskSpec& spec : specs) names.insert(spec.name);
  }
  if (const TaskSpec* own = find_spec(specs, task.name); own != nullptr) {
    std::erase_if(names, [&](const std::string& name) {
      const TaskSpec* other = find_spec(specs, name);
      return other != nullptr && room_of(*other) != room_of(*own);
    });
  }
  names.insert(task.name);
  return {names.begin(), names.end()};
}

}  // namespace flowrra
