#include <algorithm>

#include "app/record_json.hpp"
#include "base/interrupt.hpp"
#include "base/log.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "flags.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

constexpr Micros kPatience = std::chrono::seconds(60);

// A node that was asked.
struct Asked {
  NodeStatus node;
  std::int64_t request = 0;
};

// Those that live: of this name or of this session, or all of them.
Result<std::vector<NodeStatus>> nodes_of(Client& client, const std::vector<std::string>& words) {
  auto nodes = client.nodes();
  if (!nodes) return nodes;
  std::erase_if(*nodes, [&](const NodeStatus& each) {
    return !each.alive ||
           (!words.empty() && each.session.node != words.front() && !each.session.id.starts_with(words.front()));
  });
  if (!nodes->empty()) return nodes;
  const std::string what = words.empty() ? "no node runs" : "no node '" + log::escaped(words.front()) + "' runs";
  return Error{Code::not_found, what, "`flowrra nodes -o wide` shows nodes and their sessions."};
}

std::string loaded(const NodeStatus& node) {
  std::string out;
  for (const NodePlugin& each : node.session.plugins) {
    if (each.refused.empty()) out += (out.empty() ? "" : ", ") + each.name + " " + each.version;
  }
  return out.empty() ? "no plugin" : out;
}

std::string outcome_json(const NodeStatus& node) {
  const bool refused = !node.reload.refused.empty();
  return "{\"node\":" + node_json(node) + ",\"reloaded\":" + (refused ? "false" : "true") +
         ",\"reason\":" + (refused ? json_string(node.reload.refused) : "null") + "}";
}

void tell_refused(const NodeStatus& node) {
  for (const NodePlugin& each : node.session.plugins) {
    if (!each.refused.empty()) log::warning("plugin " + each.path + " is not used: " + each.refused);
  }
}

std::string table_of(const std::vector<NodeStatus>& nodes) {
  Table table({"NODE", "PID", "RELOADED", "GENERATION", "PLUGINS"});
  for (const NodeStatus& node : nodes) {
    const bool done = node.reload.refused.empty();
    table.add({{node.session.node},
               {std::to_string(node.session.pid)},
               {done ? "yes" : "no: " + node.reload.refused, done ? Color::green : Color::red},
               {std::to_string(node.session.generation)},
               {loaded(node)}});
  }
  return table.text();
}

Result<int> reload(const Shell& shell, const std::string& timeout_text) {
  if (shell.words.size() > 1) return Error{Code::usage, "one NODE is expected", "See `flowrra reload --help`."};
  auto timeout = duration_flag("--timeout", timeout_text);
  if (!timeout) return timeout.error();
  auto client = shell.client();
  if (!client) return client.error();
  auto nodes = nodes_of(**client, shell.words);
  if (!nodes) return nodes.error();
  const Interrupt interrupt;
  const BootTime end = system_clock().boot() + timeout->value_or(kPatience);
  std::vector<Asked> asked;
  for (NodeStatus& node : *nodes) {
    auto request = (*client)->ask_reload(node.session.id);
    if (!request) return request.error();
    asked.push_back({std::move(node), *request});
  }
  std::vector<NodeStatus> answers;
  std::vector<std::string> items;
  std::vector<std::string> names;
  int code = kOk;
  for (const auto& [node, request] : asked) {
    auto answer = (*client)->await_reload(node.session.id, request, end, interrupt.fd());
    if (!answer) {
      code = fail(shell, answer.error());
      if (answer.error().code == Code::interrupted) return code;
      continue;
    }
    if (!answer->reload.refused.empty() && code == kOk) code = kError;
    items.push_back(outcome_json(*answer));
    names.push_back(answer->session.node);
    tell_refused(*answer);
    answers.push_back(*std::move(answer));
  }
  if (!print_items(*shell.format(), items, names) && !answers.empty()) print(table_of(answers));
  return code;
}

constexpr const char* kFooter =
    R"(The node reads its plugin files again, checks them in a process of their own, and starts new hosts with them: new tasks
go there, the old hosts finish what they run and end. Not one task is lost. When a plugin that was good before is so no
more, the node goes on with what it has: exit code 1, and the reason.

Waits for the answers of all nodes, or of the one that has this name or whose session begins so; 124 when --timeout ran
out first, 3 when there is no such node. Of the configuration [plugins] is read again. SIGHUP does the same to one node.

Examples:
  cp media.so.new /opt/plugins/.media && mv /opt/plugins/.media /opt/plugins/media.so && flowrra reload
  flowrra reload worker-3 --timeout 10
)";

}  // namespace

void add_reload(CLI::App& program, Shell& shell) {
  Command command(program, shell, "reload", "have nodes load their plugins anew");
  auto timeout = std::make_shared<std::string>();
  command.words("[NODE]");
  command.footer(kFooter);
  command.option("--timeout", *timeout, "wait no longer than this for the answers [60]", "TIME");
  command.output("table, json, jsonl, yaml, id");
  command.run([&shell, timeout] { return reload(shell, *timeout); });
}

}  // namespace flowrra::cli
