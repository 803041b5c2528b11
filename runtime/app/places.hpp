#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/node_view.hpp"
#include "task/spec.hpp"

// The places that tasks need in nodes: who shares them, and how many are taken now. All of it pure.
namespace flowrra {

// The kind of room that the task needs, as in RoomHealth: "io", "blocking", "cpu".
std::string_view room_of(const TaskSpec& spec);

// Counts what is in flight in each node by what the store says that it runs now, instead of what it told with its last
// heartbeat. A node that runs tasks of which no spec is known is left as it is.
void count_room(std::span<NodeView> nodes, std::span<const TaskSpec> specs);

// Names of the tasks that may be taken before this one: those that the nodes which could run it know, or all where
// there is no such node, as far as they need the same kind of room.
std::vector<std::string> rivals_of(const TaskRecord& task, std::span<const NodeView> nodes,
                                   std::span<const TaskSpec> specs);

}  // namespace flowrra
