#include <algorithm>

#include "app/node_view.hpp"
#include "base/units.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

Color color_of(NodeView::State state) {
  switch (state) {
    case NodeView::State::ok:
      return Color::green;
    case NodeView::State::draining:
      return Color::yellow;
    default:
      return Color::red;
  }
}

std::string joined(const std::vector<std::string>& texts, const char* between = ",") {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : between) + text;
  return out;
}

std::string age_text(const std::optional<Micros>& age) {
  if (!age) return "-";
  return *age < std::chrono::seconds(1) ? "0s" : to_text(std::chrono::floor<std::chrono::seconds>(*age));
}

// What a dead node told of itself holds no more.
bool tells(const NodeView& node) { return node.health && node.state != NodeView::State::dead; }

// "3/8 cpu, 0/100 io": what is in flight of what there is room for.
std::string room_text(const NodeView& node) {
  std::string out;
  if (!tells(node)) return "-";
  for (const RoomHealth& room : node.health->room) {
    if (room.slots == 0) continue;
    out +=
        (out.empty() ? "" : ", ") + std::to_string(room.in_flight) + "/" + std::to_string(room.slots) + " " + room.kind;
  }
  return out;
}

std::string nodes_table(const std::vector<NodeView>& nodes, bool wide) {
  std::vector<std::string> titles{"NODE", "PID", "STATE", "TOLD", "RUNNING", "ROOM", "QUEUES", "PROBLEMS"};
  if (wide) titles.insert(titles.end() - 1, {"EXPIRES", "SESSION", "TASKS"});
  Table table(titles);
  for (const NodeView& node : nodes) {
    const Session& session = node.status.session;
    std::vector<Table::Cell> row{{session.node},
                                 {std::to_string(session.pid)},
                                 {std::string(name(node.state)), color_of(node.state)},
                                 {node.told_ago ? age_text(node.told_ago) + " ago" : "-"},
                                 {std::to_string(node.status.running)},
                                 {room_text(node)},
                                 {joined(session.queues)}};
    if (wide) {
      for (std::string text : {to_text(node.status.expires_in), session.id, joined(session.tasks)}) {
        row.push_back({std::move(text)});
      }
    }
    row.push_back({joined(node.problems, "; "), Color::red});
    table.add(std::move(row));
  }
  return table.text();
}

std::string parts_table(const std::vector<NodeView>& nodes) {
  Table table({"NODE", "PART", "LAST", "WAITING", "OLDEST", "STATE"});
  for (const NodeView& node : nodes) {
    if (!tells(node)) continue;
    for (const PartHealth& part : node.health->parts) {
      const bool ok = part.stuck.empty();
      table.add({{node.status.session.node},
                 {part.name},
                 {age_text(part.age)},
                 {std::to_string(part.waiting)},
                 {age_text(part.oldest)},
                 {ok ? "ok" : part.stuck, ok ? Color::green : Color::red}});
    }
  }
  return table.text();
}

std::string hosts_table(const std::vector<NodeView>& nodes) {
  Table table({"NODE", "HOST", "PID", "KIND", "GENERATION", "HELD", "WORKS AT", "SINCE", "STATE"});
  for (const NodeView& node : nodes) {
    if (!tells(node)) continue;
    for (const HostHealth& host : node.health->hosts) {
      const auto longest = std::ranges::max_element(host.work, {}, &WorkHealth::age);
      const bool works = longest != host.work.end();
      std::string work = works ? longest->id + " " + longest->name : "-";
      if (host.work.size() > 1) work += " and " + std::to_string(host.work.size() - 1) + " more";
      const std::string state = !host.stuck.empty() ? host.stuck : host.ready ? "ok" : "starts";
      table.add({{node.status.session.node},
                 {host.name},
                 {std::to_string(host.pid)},
                 {std::string(name(host.kind))},
                 {std::to_string(host.generation)},
                 {std::to_string(host.held)},
                 {std::move(work)},
                 {works ? age_text(longest->age + node.told_ago.value_or(Micros(0))) : "-"},
                 {state, state == "ok" ? Color::green : Color::red}});
    }
  }
  return table.text();
}

std::string plugins_table(const std::vector<NodeView>& nodes) {
  Table table({"NODE", "GENERATION", "PLUGIN", "VERSION", "DIGEST", "PATH", "STATE"});
  for (const NodeView& node : nodes) {
    const Session& session = node.status.session;
    for (const NodePlugin& plugin : session.plugins) {
      const bool ok = plugin.refused.empty();
      table.add({{session.node},
                 {std::to_string(session.generation)},
                 {ok ? plugin.name : "-"},
                 {ok ? plugin.version : "-"},
                 {plugin.digest.empty() ? "-" : plugin.digest},
                 {plugin.path},
                 {ok ? "ok" : "refused: " + plugin.refused, ok ? Color::green : Color::red}});
    }
  }
  return table.text();
}

Result<int> nodes(const Shell& shell) {
  if (auto none = shell.no_words(); !none) return none.error();
  auto client = shell.client();
  if (!client) return client.error();
  auto found = (*client)->nodes();
  if (!found) return found.error();
  const auto views = node_views(*std::move(found));
  std::vector<std::string> items;
  std::vector<std::string> ids;
  for (const NodeView& node : views) {
    items.push_back(node_view_json(node));
    ids.push_back(node.status.session.id);
  }
  const Format format = *shell.format();
  if (print_items(format, items, ids)) return kOk;
  if (views.empty()) {
    print_line("no node: start one with `flowrra run`");
    return kOk;
  }
  print(nodes_table(views, format == Format::wide));
  if (format == Format::wide) print("\n" + parts_table(views) + "\n" + plugins_table(views));
  print("\n" + hosts_table(views));
  return kOk;
}

constexpr const char* kFooter =
    R"(A node is ok, draining (it takes no more tasks), stuck (something of it makes no progress), silent (it has not renewed
its session in time) or dead: its process is gone, or its session is over. What its parts and hosts do is as of its last
heartbeat, a third of the lease ago at most; TOLD says when.
ROOM is what is in flight of what there is room for. -o wide shows every part: when it last got something done, what
waits there, and for how long; and the plugins that each node has loaded, with their digests.

Examples:
  flowrra nodes
  flowrra nodes -o wide
  flowrra nodes -o json | jq '.[] | select(.state != "ok") | .problems'
)";

}  // namespace

void add_nodes(CLI::App& program, Shell& shell) {
  Command command(program, shell, "nodes", "list the nodes, how they are and what their hosts do");
  command.footer(kFooter);
  command.output("table, wide, json, jsonl, yaml, id (of the sessions)");
  command.run([&shell] { return nodes(shell); });
}

}  // namespace flowrra::cli
