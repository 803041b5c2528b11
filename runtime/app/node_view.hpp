#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/directory.hpp"
#include "task/health.hpp"

namespace flowrra {

// A node as people look at it: what the store knows of its session, what it told of its health, and what follows.
struct NodeView {
  enum class State : std::uint8_t {
    ok,
    draining,  // it takes no more tasks
    stuck,     // it is alive, but something of it makes no progress
    silent,    // it should have renewed its session long ago
    dead,
  };
  NodeStatus status;
  std::optional<NodeHealth> health;
  std::optional<Micros> told_ago;  // how old its health is; none where it is dead or has told nothing
  State state = State::ok;
  std::vector<std::string> problems;  // why it is not ok

  [[nodiscard]] bool takes(const std::string& queue) const;
  [[nodiscard]] bool knows(const std::string& task) const;
};

std::string_view name(NodeView::State state);

NodeView node_view(NodeStatus status);
std::vector<NodeView> node_views(std::vector<NodeStatus> nodes);

// A node with all that is known of its health: the keys of node_json and state, problems, health_at, health_age,
// draining, parts {name, age, waiting, oldest, stuck}, room {kind, slots, in_flight}, hosts {name, kind, pid,
// generation, ready, held, stuck, work {id, task, attempt, since, deadline}}. Durations are seconds.
std::string node_view_json(const NodeView& node);

}  // namespace flowrra
