#include "app/why.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/places.hpp"
#include "base/nearest.hpp"
#include "base/units.hpp"

namespace flowrra {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::string in_time(WallTime at, WallTime now) {
  return at > now ? "in " + to_text(std::max(at - now, Micros(1000))) : "now";
}

std::string counted(std::int64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

// The kind of room that the task needs: "io", "blocking", "cpu"; empty where nobody knows.
std::string room_of(const WhyInput& input) {
  if (input.spec) return std::string(room_of(*input.spec));
  if (!input.record.kind) return {};
  return *input.record.kind == Kind::cpu ? "cpu" : "io";
}

class Explainer {
 public:
  explicit Explainer(const WhyInput& input) : in_(input), task_(input.record) {}

  Why explain() {
    out_.record = task_;
    if (is_final(task_.state)) {
      ended();
    } else if (task_.state == State::running) {
      running();
    } else {
      waiting();
    }
    return std::move(out_);
  }

 private:
  void say(std::string code, std::string message, std::string hint = {}) {
    out_.reasons.push_back({std::move(code), std::move(message), std::move(hint)});
  }

  void ended() {
    std::string message = "it ended as " + std::string(name(task_.state));
    if (task_.finished_at) message += " " + to_text(std::max(in_.now - *task_.finished_at, Micros(1000))) + " ago";
    if (task_.attempt > 0) message += ", in attempt " + std::to_string(task_.attempt);
    if (task_.error) message += ": " + task_.error->message;
    if (task_.error && task_.error->code != name(task_.state)) message += " [" + task_.error->code + "]";
    say(std::string(name(task_.state)), std::move(message),
        task_.state == State::success ? "" : "`flowrra retry " + task_.id + "` runs it again.");
  }

  void running() {
    const NodeView* node = node_of_name();
    out_.node = task_.node;
    if (node == nullptr) {
      say("node_lost", "it runs on node " + task_.node + ", which is gone",
          "A live node finds it within a second and runs it again, or within two leases on another machine.");
      return;
    }
    const HostHealth* host = nullptr;
    const WorkHealth* work = find_work(*node, host);
    std::string message = "attempt " + std::to_string(task_.attempt) + " runs on node " + task_.node;
    if (host != nullptr) {
      out_.host = host->name;
      message += ", host " + host->name + " (pid " + std::to_string(host->pid) + ")";
    }
    if (task_.started_at) message += ", for " + to_text(std::max(in_.now - *task_.started_at, Micros(1000)));
    if (work != nullptr && work->left) {
      out_.deadline = node->health->at + *work->left;
      message += "; its deadline is " + in_time(*out_.deadline, in_.now);
    }
    if (task_.cancel_requested)
      say("cancel_requested", "it was asked to end", "It is ended by force after kill_grace.");
    say("running", std::move(message));
    for (const std::string& problem : node->problems) say("node_stuck", "node " + task_.node + ": " + problem);
  }

  const NodeView* node_of_name() const {
    const NodeView* found = nullptr;
    for (const NodeView& node : in_.nodes) {
      if (!node.status.alive || node.status.session.node != task_.node) continue;
      const HostHealth* host = nullptr;
      if (found == nullptr || find_work(node, host) != nullptr) found = &node;
    }
    return found;
  }

  const WorkHealth* find_work(const NodeView& node, const HostHealth*& host) const {
    if (!node.health) return nullptr;
    for (const HostHealth& each : node.health->hosts) {
      const auto work = std::ranges::find(each.work, task_.id, &WorkHealth::id);
      if (work == each.work.end()) continue;
      host = &each;
      return &*work;
    }
    return nullptr;
  }

  void waiting() {
    if (task_.state == State::scheduled && task_.due_at) {
      say("not_due", "it is not due before " + to_rfc3339(*task_.due_at) + ", " + in_time(*task_.due_at, in_.now));
    }
    if (task_.state == State::retrying) retrying();
    const bool paused = contains(in_.paused, task_.queue);
    if (paused) {
      say("queue_paused", "the queue " + task_.queue + " is paused", "`flowrra queue resume " + task_.queue + "`");
    }
    const auto takers = find_takers();
    if (task_.state != State::pending) {
      if (!paused && !takers.empty()) out_.expected_at = task_.due_at;
      return;
    }
    out_.ahead = in_.ahead;
    if (!paused && !takers.empty()) pending(takers);
  }

  void retrying() {
    std::string message = "attempt " + std::to_string(task_.attempt + 1);
    if (task_.due_at) message += " begins " + in_time(*task_.due_at, in_.now);
    if (task_.error) message += ", after the error: " + task_.error->message + " [" + task_.error->code + "]";
    say("retry_delay", std::move(message));
  }

  // The live nodes that could run it; says why there is none.
  std::vector<const NodeView*> find_takers() {
    std::vector<const NodeView*> alive;
    std::vector<const NodeView*> takers;
    bool queue_taken = false;
    for (const NodeView& node : in_.nodes) {
      if (!node.status.alive || node.state == NodeView::State::draining) continue;
      alive.push_back(&node);
      queue_taken |= node.takes(task_.queue);
      if (node.takes(task_.queue) && node.knows(task_.name)) takers.push_back(&node);
    }
    if (alive.empty()) {
      say("no_node", "no live node takes tasks from this store", "Start one: `flowrra run`.");
    } else if (!queue_taken) {
      say("queue_not_taken",
          "no live node takes from the queue " + task_.queue + "; they take from " + taken_queues(alive),
          "Name it in [queues] or in --queues of a node.");
    } else if (takers.empty()) {
      unknown(alive);
    }
    return takers;
  }

  static std::string taken_queues(const std::vector<const NodeView*>& nodes) {
    std::vector<std::string> queues;
    for (const NodeView* node : nodes) {
      for (const std::string& queue : node->status.session.queues) {
        if (!contains(queues, queue)) queues.push_back(queue);
      }
    }
    return list_names(queues);
  }

  void unknown(const std::vector<const NodeView*>& nodes) {
    std::vector<std::string> tasks;
    for (const NodeView* node : nodes) {
      for (const std::string& task : node->status.session.tasks) {
        if (!is_version(task) && !contains(tasks, task)) tasks.push_back(task);
      }
    }
    if (is_version(task_.name)) {
      say("version_unknown",
          "its arguments fit " + task_.name + " alone, and no live node has this version of the task",
          "Start a node with the plugin that it was submitted for, or cancel it.");
      return;
    }
    std::string hint = did_you_mean(task_.name, tasks);
    if (hint.empty()) hint = tasks.empty() ? "They know no task at all." : "They know " + list_names(tasks) + ".";
    say("task_unknown", "no live node that takes from the queue " + task_.queue + " knows the task " + task_.name,
        std::move(hint));
    for (const NodeView* node : nodes) {
      for (const NodePlugin& plugin : node->status.session.plugins) {
        if (plugin.refused.empty()) continue;
        say("plugin_refused",
            "node " + node->status.session.node + " does not use the plugin " + plugin.path + ": " + plugin.refused,
            "It may be the one that has the task.");
      }
    }
  }

  void pending(const std::vector<const NodeView*>& takers) {
    bool free_slot = false;
    std::int64_t slots = 0;
    bool all_stuck = true;
    for (const NodeView* node : takers) {
      const auto room = room_in(*node);
      free_slot |= !room || room->in_flight < room->slots;
      slots += room ? room->slots : 0;
      const bool stuck = node->state == NodeView::State::stuck || node->state == NodeView::State::silent;
      all_stuck = all_stuck && stuck;
    }
    for (const NodeView* node : takers) {
      if (!all_stuck) break;
      for (const std::string& problem : node->problems) {
        say("node_stuck", "node " + node->status.session.node + ": " + problem, "See `flowrra doctor`.");
      }
    }
    const std::string others =
        counted(in_.ahead, "task") + " of its queue " + (in_.ahead == 1 ? "is" : "are") + " ahead of it";
    if (!free_slot) {
      say("slots_busy", slots_text(slots) + " busy, and " + others);
    } else if (in_.ahead > 0) {
      say("tasks_ahead", others);
    } else if (!all_stuck) {
      say("about_to_start", "nothing keeps it: a node is about to take it");
    }
    if (!all_stuck) expect(free_slot);
  }

  [[nodiscard]] std::string slots_text(std::int64_t slots) const {
    const std::string kind = room_of(in_);
    const std::string noun = kind.empty() ? "slot" : kind + " slot";
    return slots == 1 ? "the only " + noun + " is" : "all " + counted(slots, noun) + " are";
  }

  void expect(bool free_slot) {
    if (free_slot && in_.ahead == 0) {
      out_.expected_at = in_.now;
    } else if (in_.rate && *in_.rate > 0) {
      const double seconds = static_cast<double>(in_.ahead + 1) / *in_.rate;
      out_.estimated = true;
      if (const auto wait = from_seconds(seconds)) out_.expected_at = in_.now + *wait;
    }
    if (!out_.expected_at) out_.estimated = false;
  }

  [[nodiscard]] std::optional<RoomHealth> room_in(const NodeView& node) const {
    if (!node.health) return std::nullopt;
    const auto found = std::ranges::find(node.health->room, room_of(in_), &RoomHealth::kind);
    return found == node.health->room.end() ? std::nullopt : std::optional(*found);
  }

  const WhyInput& in_;
  const TaskRecord& task_;
  Why out_;
};

}  // namespace

Why explain(const WhyInput& input) { return Explainer(input).explain(); }

std::string why_json(const Why& why) {
  using Json = nlohmann::ordered_json;
  const auto text = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  const auto time = [](const std::optional<WallTime>& at) { return at ? Json(to_rfc3339(*at)) : Json(); };
  const TaskRecord& task = why.record;
  Json out{{"id", task.id},
           {"task", task.name},
           {"state", name(task.state)},
           {"queue", task.queue},
           {"reasons", Json::array()}};
  for (const Reason& reason : why.reasons) {
    out["reasons"].push_back({{"code", reason.code}, {"message", reason.message}, {"hint", text(reason.hint)}});
  }
  out["ahead"] = task.state == State::pending ? Json(why.ahead) : Json();
  out["expected_at"] = time(why.expected_at);
  out["estimated"] = why.estimated;
  out["node"] = text(why.node);
  out["host"] = text(why.host);
  out["started_at"] = time(task.started_at);
  out["deadline"] = time(why.deadline);
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace flowrra
