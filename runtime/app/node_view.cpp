#include "app/node_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/record_json.hpp"
#include "base/units.hpp"

namespace flowrra {
namespace {

using Json = nlohmann::ordered_json;

Json seconds(const std::optional<Micros>& duration) {
  return duration ? Json(static_cast<double>(duration->count()) / 1e6) : Json();
}

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json to_value(const WorkHealth& work, WallTime at) {
  return {{"id", work.id},
          {"task", work.name},
          {"attempt", work.attempt},
          {"since", to_rfc3339(at - work.age)},
          {"deadline", work.left ? Json(to_rfc3339(at + *work.left)) : Json()}};
}

Json to_value(const HostHealth& host, WallTime at) {
  Json out{{"name", host.name},
           {"kind", name(host.kind)},
           {"pid", host.pid},
           {"generation", host.generation},
           {"ready", host.ready},
           {"held", host.held},
           {"stuck", or_null(host.stuck)},
           {"work", Json::array()}};
  for (const WorkHealth& work : host.work) out["work"].push_back(to_value(work, at));
  return out;
}

void add_health(Json& out, const NodeHealth& health) {
  out["health_at"] = to_rfc3339(health.at);
  out["draining"] = health.draining;
  for (const char* list : {"parts", "room", "hosts"}) out[list] = Json::array();
  for (const PartHealth& part : health.parts) {
    out["parts"].push_back({{"name", part.name},
                            {"age", seconds(part.age)},
                            {"waiting", part.waiting},
                            {"oldest", seconds(part.oldest)},
                            {"stuck", or_null(part.stuck)}});
  }
  for (const RoomHealth& room : health.room) {
    out["room"].push_back({{"kind", room.kind}, {"slots", room.slots}, {"in_flight", room.in_flight}});
  }
  for (const HostHealth& host : health.hosts) out["hosts"].push_back(to_value(host, health.at));
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

bool NodeView::takes(const std::string& queue) const { return has(status.session.queues, queue); }
bool NodeView::knows(const std::string& task) const { return has(status.session.tasks, task); }

std::string_view name(NodeView::State state) {
  switch (state) {
    case NodeView::State::ok:
      return "ok";
    case NodeView::State::draining:
      return "draining";
    case NodeView::State::stuck:
      return "stuck";
    case NodeView::State::silent:
      return "silent";
    case NodeView::State::dead:
      break;
  }
  return "dead";
}

NodeView node_view(NodeStatus status) {
  NodeView out;
  if (auto health = health_from_json(status.health)) out.health = *std::move(health);
  out.status = std::move(status);
  if (!out.status.alive) {
    out.state = NodeView::State::dead;
    out.problems = {out.status.gone ? "its process is gone" : "its session is over"};
    return out;
  }
  if (!out.health) return out;
  out.told_ago = std::max(Micros(0), out.health->lease - out.status.expires_in);
  out.problems = out.health->stuck();
  // It renews three times a lease: by then two renewals are missing.
  if (out.status.expires_in < out.health->lease / 3) {
    out.state = NodeView::State::silent;
    out.problems.insert(out.problems.begin(), "it has not renewed its session for " + to_text(*out.told_ago));
  } else if (!out.problems.empty()) {
    out.state = NodeView::State::stuck;
  } else if (out.health->draining) {
    out.state = NodeView::State::draining;
  }
  return out;
}

std::vector<NodeView> node_views(std::vector<NodeStatus> nodes) {
  std::vector<NodeView> out;
  out.reserve(nodes.size());
  for (NodeStatus& node : nodes) out.push_back(node_view(std::move(node)));
  return out;
}

std::string node_view_json(const NodeView& node) {
  Json out = Json::parse(node_json(node.status));
  out["state"] = name(node.state);
  out["problems"] = node.problems;
  for (const char* key : {"health_at", "health_age", "draining", "parts", "room", "hosts"}) out[key] = nullptr;
  out["health_age"] = seconds(node.told_ago);
  if (node.health) add_health(out, *node.health);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace flowrra
