#include <array>

#include "command.hpp"
#include "commands/commands.hpp"
#include "each_id.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

Result<std::string> cancel(Client& client, const TaskRecord& record) {
  const std::array ids{record.id};
  auto outcomes = client.cancel(ids);
  if (!outcomes) return outcomes.error();
  switch (outcomes->front()) {
    case CancelOutcome::cancelled:
      return std::string("cancelled");
    case CancelOutcome::requested:
      return std::string("asked to end");
    default:
      return Error{Code::invalid, "task " + record.id + " has ended already: " + std::string(name(record.state)), {}};
  }
}

constexpr const char* kFooter =
    R"(A task that waits never runs. One that runs is asked to end: its context says that it is cancelled, then its process
gets SIGTERM, then SIGKILL ([executor] kill_grace); `flowrra wait ID` waits for that. A task that has ended stays as it is:
exit code 6.

Examples:
  flowrra cancel 01kd5t9m2xq4n8w7c3z6y1r0ab
  flowrra ps --task web.download -o id | xargs flowrra cancel
)";

}  // namespace

void add_cancel(CLI::App& program, Shell& shell) {
  Command command(program, shell, "cancel", "end tasks that wait or run");
  command.words("ID...");
  command.footer(kFooter);
  command.output("table, json, jsonl, yaml, id");
  command.run([&shell] { return for_each_id(shell, cancel); });
}

}  // namespace flowrra::cli
