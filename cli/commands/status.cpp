#include <algorithm>
#include <array>
#include <map>

#include "app/record_json.hpp"
#include "app/redact.hpp"
#include "base/units.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

using Counts = std::array<std::int64_t, kStates.size()>;

struct Picture {
  std::string broker;
  std::string backend;
  bool one_store = true;
  std::map<std::string, Counts> queues;
  Counts totals{};
  std::vector<NodeStatus> nodes;
};

Result<Picture> look(Client& client) {
  Picture picture;
  picture.broker = redact_url(client.config().broker.url);
  picture.backend = redact_url(client.config().backend.url);
  picture.one_store = client.config().one_store();
  auto counts = client.counts();
  if (!counts) return counts.error();
  for (const StateCount& count : *counts) {
    picture.queues[count.queue][static_cast<std::size_t>(count.state)] += count.count;
    picture.totals[static_cast<std::size_t>(count.state)] += count.count;
  }
  auto nodes = client.nodes();
  if (!nodes) return nodes.error();
  picture.nodes = std::move(*nodes);
  return picture;
}

std::string counts_json(const Counts& counts) {
  std::string out;
  for (const State state : kStates) {
    out += (out.empty() ? "" : ",") + json_string(name(state)) + ":" +
           std::to_string(counts[static_cast<std::size_t>(state)]);
  }
  return out;
}

std::string to_json(const Picture& picture) {
  std::vector<std::string> queues;
  queues.reserve(picture.queues.size());
  for (const auto& [name, counts] : picture.queues) {
    queues.push_back("{\"queue\":" + json_string(name) + "," + counts_json(counts) + "}");
  }
  std::vector<std::string> nodes;
  nodes.reserve(picture.nodes.size());
  for (const NodeStatus& node : picture.nodes) nodes.push_back(node_json(node));
  return "{\"broker\":" + json_string(picture.broker) + ",\"backend\":" + json_string(picture.backend) +
         ",\"totals\":{" + counts_json(picture.totals) + "},\"queues\":" + json_list(queues) +
         ",\"nodes\":" + json_list(nodes) + "}";
}

void print_queues(const Picture& picture) {
  std::vector<std::string> titles{"QUEUE"};
  for (const State state : kStates) titles.emplace_back(name(state));
  std::transform(titles.begin() + 1, titles.end(), titles.begin() + 1, [](std::string title) {
    for (char& c : title) c = static_cast<char>(c - 'a' + 'A');
    return title;
  });
  Table table(titles);
  const auto add = [&](const std::string& queue, const Counts& counts) {
    std::vector<Table::Cell> row{{queue}};
    for (const State state : kStates) {
      const std::int64_t count = counts[static_cast<std::size_t>(state)];
      row.push_back({std::to_string(count), count == 0 ? Color::gray : color_of(state)});
    }
    table.add(std::move(row));
  };
  for (const auto& [queue, counts] : picture.queues) add(queue, counts);
  if (picture.queues.size() != 1) add("total", picture.totals);
  print(table.text());
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

void print_nodes(const Picture& picture, bool wide) {
  std::vector<std::string> titles{"NODE", "PID", "ALIVE", "RUNNING", "QUEUES"};
  if (wide) titles.insert(titles.end(), {"EXPIRES", "SESSION", "TASKS"});
  Table table(titles);
  for (const NodeStatus& node : picture.nodes) {
    std::vector<Table::Cell> row{{node.session.node},
                                 {std::to_string(node.session.pid)},
                                 {node.alive ? "yes" : "no", node.alive ? Color::green : Color::red},
                                 {std::to_string(node.running)},
                                 {joined(node.session.queues)}};
    if (wide) {
      for (std::string text : {to_text(node.expires_in), node.session.id, joined(node.session.tasks)}) {
        row.push_back({std::move(text)});
      }
    }
    table.add(std::move(row));
  }
  print(table.text());
}

Result<int> status(const Shell& shell) {
  if (auto none = shell.no_words(); !none) return none.error();
  auto client = shell.client();
  if (!client) return client.error();
  auto picture = look(**client);
  if (!picture) return picture.error();
  const Format format = *shell.format();
  if (print_item(format, to_json(*picture), picture->broker)) return kOk;
  const auto alive = std::count_if(picture->nodes.begin(), picture->nodes.end(), [](const auto& n) { return n.alive; });
  print_line("broker   " + picture->broker);
  print_line("backend  " + (picture->one_store ? "the same store" : picture->backend));
  print_line("nodes    " + std::to_string(alive) + " alive");
  print_line("");
  if (!picture->nodes.empty()) {
    print_nodes(*picture, format == Format::wide);
    print_line("");
  }
  print_queues(*picture);
  return kOk;
}

}  // namespace

void add_status(CLI::App& program, Shell& shell) {
  Command command(program, shell, "status", "show the stores, the nodes and how many tasks there are");
  command.footer("Examples:\n  flowrra status\n  flowrra status -o json | jq .totals.pending\n");
  command.output("table, wide, json, jsonl, yaml");
  command.run([&shell] { return status(shell); });
}

}  // namespace flowrra::cli
