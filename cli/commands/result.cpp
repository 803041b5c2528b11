
#include "base/interrupt.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "flags.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  bool wait = false;
  std::string timeout;
};

Result<int> result(const Shell& shell, const Flags& flags) {
  auto id = shell.only_word("ID");
  if (!id) return id.error();
  auto timeout = duration_flag("--timeout", flags.timeout);
  if (!timeout) return timeout.error();
  auto client = shell.client();
  if (!client) return client.error();
  if (!flags.wait && !*timeout) {
    auto record = (*client)->find(*id);
    if (!record) return record.error();
    return print_task(*record, *shell.format());
  }
  const Interrupt interrupt;
  auto record = (*client)->wait(*id, *timeout, interrupt.fd());
  if (!record) return record.error();
  return print_task(*record, *shell.format());
}

constexpr const char* kFooter =
    R"(Prints what is known of the task. The exit code says how it ended: 0 success or not ended, 4 failed, 5 cancelled or
expired, 3 unknown id, 124 when --timeout ran out. -o value prints the result's JSON alone (and exits with 1 while there
is none). An id may be shortened as long as it is unambiguous.

Examples:
  flowrra result 01kd5t9m2xq4n8w7c3z6y1r0ab
  flowrra result 01kd5t9m2xq4n8w7c3z6y1r0ab --wait --timeout 5m -o json
  flowrra result nightly-2026-01-31 -o value | jq .words
)";

}  // namespace

void add_result(CLI::App& program, Shell& shell) {
  Command command(program, shell, "result", "print a task's state and result");
  auto flags = std::make_shared<Flags>();
  command.words("ID");
  command.footer(kFooter);
  command.flag("--wait", flags->wait, "wait until the task has ended");
  command.option("--timeout", flags->timeout, "wait no longer than this; implies --wait", "TIME");
  command.output("table, wide, json, jsonl, yaml, id, value (the result alone)");
  command.run([&shell, flags] { return result(shell, *flags); });
}

}  // namespace flowrra::cli
