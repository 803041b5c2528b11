
#include "app/record_json.hpp"
#include "base/interrupt.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "flags.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

// What is left of a wait for several tasks that began at `start`.
std::optional<Micros> left_of(const std::optional<Micros>& timeout, BootTime start) {
  if (!timeout) return std::nullopt;
  return std::max(Micros(0), *timeout - (system_clock().boot() - start));
}

Result<int> wait(const Shell& shell, const std::string& timeout_text) {
  if (shell.words.empty()) return Error{Code::usage, "ID is missing", "`flowrra ps` lists tasks and their ids."};
  auto timeout = duration_flag("--timeout", timeout_text);
  if (!timeout) return timeout.error();
  auto client = shell.client();
  if (!client) return client.error();
  const Interrupt interrupt;
  const BootTime start = system_clock().boot();
  std::vector<TaskRecord> records;
  std::vector<std::string> items;
  std::vector<std::string> ids;
  int code = kOk;
  for (const std::string& word : shell.words) {
    auto record = (*client)->wait(word, left_of(*timeout, start), interrupt.fd());
    if (!record) {
      const bool stop = record.error().code == Code::interrupted || record.error().code == Code::unreachable;
      if (stop) return record.error();
      const int failed = fail(shell, record.error());
      if (code == kOk) code = failed;
      continue;
    }
    if (code == kOk) code = exit_code(record->state);
    items.push_back(record_json(*record));
    ids.push_back(record->id);
    records.push_back(*std::move(record));
  }
  const Format format = *shell.format();
  if (!print_items(format, items, ids) && !records.empty()) print(task_table(records, format == Format::wide));
  return code;
}

}  // namespace

void add_wait(CLI::App& program, Shell& shell) {
  Command command(program, shell, "wait", "wait until tasks have ended");
  auto timeout = std::make_shared<std::string>();
  command.words("ID...");
  command.footer(
      "Prints the tasks when all have ended. The exit code is that of the first that did not succeed: 4 failed,\n"
      "5 cancelled or expired, 3 unknown id, 124 when --timeout ran out first.\n\n"
      "Examples:\n  flowrra wait 01kd5t9m2xq4n8w7c3z6y1r0ab 01kd5t9m2yfq\n"
      "  flowrra wait --timeout 10m $(cat ids) && echo all done\n");
  command.option("--timeout", *timeout, "wait no longer than this for all of them", "TIME");
  command.output("table, wide, json, jsonl, yaml, id");
  command.run([&shell, timeout] { return wait(shell, *timeout); });
}

}  // namespace flowrra::cli
