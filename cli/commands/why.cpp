#include "app/why.hpp"

#include "base/log.hpp"
#include "base/units.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

void line(std::string_view key, const std::string& value) {
  print_line(colored(Color::gray, std::string(key) + std::string(10 - key.size(), ' ')) + value);
}

void print_why(const Why& why) {
  const TaskRecord& task = why.record;
  line("task", task.id + "  " + task.name);
  line("state", colored(color_of(task.state), name(task.state)) + ", in the queue " + task.queue);
  bool first = true;
  for (const Reason& reason : why.reasons) {
    line(first ? "why" : "", log::escaped(reason.message) + colored(Color::gray, " [" + reason.code + "]"));
    if (!reason.hint.empty()) line("", "  " + log::escaped(reason.hint));
    first = false;
  }
  if (!why.expected_at) return;
  const Micros left = *why.expected_at - system_clock().wall();
  std::string when = left > Micros(0) ? local_time(*why.expected_at) + ", in " + to_text(left) : "now";
  if (why.estimated) when += ", judged by how fast its queue moved lately";
  line("expected", when);
}

Result<int> why(const Shell& shell) {
  auto id = shell.only_word("ID");
  if (!id) return id.error();
  auto client = shell.client();
  if (!client) return client.error();
  const auto why = (*client)->why(*id);
  if (!why) return why.error();
  if (!print_item(*shell.format(), why_json(*why), why->record.id)) print_why(*why);
  return kOk;
}

constexpr const char* kFooter =
    R"(Names what keeps the task from running, and when it is expected to start where that can be known. With -o json each
reason has a stable code: not_due, retry_delay, queue_paused, no_node, queue_not_taken, task_unknown, version_unknown,
plugin_refused, node_stuck, slots_busy, tasks_ahead, about_to_start; of a task that runs: running, cancel_requested, node_lost; of one
that has ended: success, failed, cancelled, expired. A store that cannot be reached is an error (exit code 7).

Examples:
  flowrra why 01kd5t9m2xq4
  flowrra why 01kd5t9m2xq4 -o json | jq -r '.reasons[0].code'
)";

}  // namespace

void add_why(CLI::App& program, Shell& shell) {
  Command command(program, shell, "why", "say what keeps a task from running");
  command.words("ID");
  command.footer(kFooter);
  command.output("table, json, jsonl, yaml, id");
  command.run([&shell] { return why(shell); });
}

}  // namespace flowrra::cli
