#include "app/doctor.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/nearest.hpp"
#include "base/units.hpp"
#include "store/open/open.hpp"

namespace flowrra {
namespace {

using Level = Finding::Level;

constexpr Micros kClockSlack = std::chrono::seconds(5);
constexpr std::int64_t kPlausible = 1'735'689'600'000'000;  // the year 2025: a clock before it was never set

Finding note(Level level, std::string subject, std::string message, std::string hint = {}) {
  return {level, std::move(subject), std::move(message), std::move(hint), Code::internal};
}

std::string counted(std::int64_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

// Waiting tasks by (queue, name).
std::map<std::pair<std::string, std::string>, std::int64_t> waiting_lanes(const std::vector<StateCount>& counts) {
  std::map<std::pair<std::string, std::string>, std::int64_t> out;
  for (const StateCount& each : counts) {
    if (is_waiting(each.state) && each.count > 0) out[{each.queue, each.name}] += each.count;
  }
  return out;
}

void check_node(const NodeView& node, std::vector<Finding>& out) {
  const std::string subject = "node " + node.status.session.node;
  const std::string pid = "pid " + std::to_string(node.status.session.pid);
  switch (node.state) {
    case NodeView::State::ok:
      out.push_back(note(Level::ok, subject, pid + ", runs " + counted(node.status.running, "task")));
      return;
    case NodeView::State::draining:
      out.push_back(note(Level::ok, subject, pid + " is draining"));
      return;
    case NodeView::State::dead:
      out.push_back(note(Level::warning, subject, pid + ": " + node.problems.front() + ", and nobody has tidied it up",
                         "Any live node does: `flowrra run`."));
      return;
    case NodeView::State::silent:
    case NodeView::State::stuck:
      break;
  }
  for (const std::string& problem : node.problems) {
    out.push_back(note(Level::error, subject, pid + ": " + problem,
                       node.state == NodeView::State::silent ? "It may be stopped or starved: look at its process."
                                                             : "Its log says more."));
  }
}

// Plugins that a node would not use.
void check_quarantine(const NodeView& node, std::vector<Finding>& out) {
  if (!node.status.alive) return;
  for (const NodePlugin& plugin : node.status.session.plugins) {
    if (plugin.refused.empty()) continue;
    out.push_back(note(Level::error, plugin.path,
                       "node " + node.status.session.node + " does not use it: " + plugin.refused,
                       "`flowrra plugin check FILE` tells more; `flowrra reload` tries again."));
  }
}

void check_nodes(const WorkPicture& picture, std::vector<Finding>& out) {
  for (const NodeView& node : picture.nodes) {
    check_node(node, out);
    check_quarantine(node, out);
  }
  const bool alive = std::ranges::any_of(picture.nodes, [](const NodeView& node) { return node.status.alive; });
  if (alive) return;
  std::int64_t waiting = 0;
  for (const auto& [lane, count] : waiting_lanes(picture.counts)) waiting += count;
  out.push_back(note(waiting > 0 ? Level::error : Level::warning, "nodes",
                     "none is alive, and " + counted(waiting, "task") + (waiting == 1 ? " waits" : " wait"),
                     "Start one: `flowrra run`."));
}

// Tasks that wait for a node that never comes, while others are there.
void check_waiting(const WorkPicture& picture, std::vector<Finding>& out) {
  std::vector<const NodeView*> alive;
  std::vector<std::string> known;
  for (const NodeView& node : picture.nodes) {
    if (!node.status.alive) continue;
    alive.push_back(&node);
    known.insert(known.end(), node.status.session.tasks.begin(), node.status.session.tasks.end());
  }
  if (alive.empty()) return;
  std::map<std::string, std::int64_t> untaken;
  for (const auto& [lane, count] : waiting_lanes(picture.counts)) {
    const auto& [queue, task] = lane;
    const bool taken = std::ranges::any_of(alive, [&](const NodeView* node) { return node->takes(queue); });
    if (!taken) untaken[queue] += count;
    const bool run =
        std::ranges::any_of(alive, [&](const NodeView* node) { return node->takes(queue) && node->knows(task); });
    if (!taken || run) continue;
    std::string hint = is_version(task)
                           ? "Start a node with the plugin that has this version of the task, or cancel them."
                           : did_you_mean(task, known);
    if (hint.empty()) hint = "Start a node with its plugin; `flowrra tasks` lists what is known.";
    out.push_back(note(Level::error, "task " + task,
                       counted(count, "task") + (count == 1 ? " waits" : " wait") + " in the queue " + queue +
                           ", and no live node knows it",
                       std::move(hint)));
  }
  for (const auto& [queue, count] : untaken) {
    out.push_back(
        note(Level::error, "queue " + queue,
             counted(count, "task") + (count == 1 ? " waits" : " wait") + " in it, and no live node takes from it",
             "Name it in [queues], or in --queues of a node."));
  }
}

// Tasks that live nodes understand differently.
void check_versions(const WorkPicture& picture, std::vector<Finding>& out) {
  std::map<std::string, std::map<std::string, std::set<std::string>>> versions;  // of a task, with the nodes
  for (const NodeView& node : picture.nodes) {
    if (!node.status.alive) continue;
    for (const std::string& name : node.status.session.tasks) {
      if (is_version(name)) versions[std::string(without_version(name))][name].insert(node.status.session.node);
    }
  }
  for (const auto& [task, nodes_of] : versions) {
    if (nodes_of.size() < 2) continue;
    std::string message = "live nodes have " + std::to_string(nodes_of.size()) + " versions with different arguments:";
    for (const auto& [version, nodes] : nodes_of) {
      message += (message.ends_with(':') ? " " : "; ") + version + " on " + list_names({nodes.begin(), nodes.end()});
    }
    out.push_back(
        note(Level::warning, "task " + task, std::move(message),
             "A task goes to a version that its arguments fit, whichever node takes it first. Bring the nodes "
             "to one version of the plugin."));
  }
}

void check_running(const WorkPicture& picture, std::vector<Finding>& out) {
  if (picture.running_unowned <= 0) {
    out.push_back(note(Level::ok, "running tasks", "each has a live node"));
    return;
  }
  out.push_back(note(Level::error, "running tasks",
                     counted(picture.running_unowned, "task") + " of nodes that are gone " +
                         (picture.running_unowned == 1 ? "is" : "are") + " still marked as running",
                     "A live node makes them pending again: `flowrra run`."));
}

void check_clock(const WorkPicture& picture, std::vector<Finding>& out) {
  if (to_micros(picture.now) < kPlausible) {
    out.push_back(
        note(Level::error, "clock", "it says " + to_rfc3339(picture.now), "Set it: delays to a wall time rely on it."));
    return;
  }
  std::optional<WallTime> latest = picture.newest_submit;
  for (const NodeView& node : picture.nodes) {
    if (node.status.alive && node.health) latest = std::max(latest.value_or(node.health->at), node.health->at);
  }
  const Micros ahead = latest ? *latest - picture.now : Micros(0);
  if (ahead > kClockSlack) {
    out.push_back(note(Level::warning, "clock",
                       "the store knows of things that happened " + to_text(ahead) + " from now",
                       "The clock was set back, or those of two machines differ: synchronise them."));
  } else {
    out.push_back(note(Level::ok, "clock", to_rfc3339(picture.now)));
  }
}

// A task may end between one look and the next: what is unowned in every one of a few looks is.
Result<std::int64_t> unowned(Store& store) {
  constexpr int kLooks = 3;
  std::int64_t least = 0;
  for (int look = 0; look < kLooks; ++look) {
    const auto nodes = store.directory().nodes();
    if (!nodes) return nodes.error();
    const auto counts = store.broker().counts();
    if (!counts) return counts.error();
    std::int64_t here = 0;
    for (const StateCount& each : *counts) here += each.state == State::running ? each.count : 0;
    for (const NodeStatus& node : *nodes) here -= node.alive ? node.running : 0;
    least = look == 0 ? here : std::min(least, here);
    if (least <= 0) return std::int64_t{0};
  }
  return least;
}

Result<WorkPicture> look(Store& store) {
  WorkPicture out;
  auto nodes = store.directory().nodes();
  if (!nodes) return nodes.error();
  out.nodes = node_views(*std::move(nodes));
  auto counts = store.broker().counts();
  if (!counts) return counts.error();
  out.counts = *std::move(counts);
  auto paused = store.directory().paused_queues();
  if (!paused) return paused.error();
  out.paused = *std::move(paused);
  const auto running = unowned(store);
  if (!running) return running.error();
  out.running_unowned = *running;
  ListQuery newest;
  newest.limit = 1;
  const auto records = store.broker().list(newest);
  if (!records) return records.error();
  if (!records->empty()) out.newest_submit = records->front().submitted_at;
  out.now = system_clock().wall();
  return out;
}

void check_store(const std::string& which, Store& store, std::vector<Finding>& out) {
  for (StoreCheck& each : store.check()) {
    const auto level = each.level == StoreCheck::Level::ok        ? Level::ok
                       : each.level == StoreCheck::Level::warning ? Level::warning
                                                                  : Level::error;
    out.push_back(note(level, which + " " + each.subject, std::move(each.message), std::move(each.hint)));
  }
}

void check_stores(const Config& config, std::vector<Finding>& out) {
  const auto open = [](const StoreOptions& options) -> std::unique_ptr<Store> {
    if (options.url.starts_with("memory:")) return nullptr;
    const auto exists = store_exists(options);
    if (!exists || !*exists) return nullptr;  // check_config has said so
    auto store = open_store(options);
    return store ? *std::move(store) : nullptr;
  };
  const auto broker = open(config.broker_options());
  if (broker) check_store("broker", *broker, out);
  const auto backend = config.one_store() ? nullptr : open(config.backend_options());
  if (backend) check_store("backend", *backend, out);
  if (!broker) return;
  const auto picture = look(*broker);
  if (!picture) {
    out.push_back(finding("broker", picture.error()));
    return;
  }
  std::set<std::string> said;  // plugins that this machine's check has named
  for (const Finding& each : out) {
    if (each.level == Level::error) said.insert(each.subject);
  }
  for (Finding& each : check_work(*picture)) {
    if (each.level != Level::error || !said.contains(each.subject)) out.push_back(std::move(each));
  }
}

}  // namespace

std::vector<Finding> check_work(const WorkPicture& picture) {
  std::vector<Finding> out;
  check_nodes(picture, out);
  check_running(picture, out);
  check_waiting(picture, out);
  check_versions(picture, out);
  for (const std::string& queue : picture.paused) {
    out.push_back(note(Level::warning, "queue " + queue, "it is paused", "`flowrra queue resume " + queue + "`"));
  }
  check_clock(picture, out);
  return out;
}

std::vector<Finding> diagnose(const Config& config) {
  std::vector<Finding> out = check_config(config);
  check_stores(config, out);
  return out;
}

}  // namespace flowrra
