
#include "command.hpp"
#include "commands/commands.hpp"
#include "each_id.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

Result<std::string> retry(Client& client, const TaskRecord& record) {
  if (auto done = client.retry(record); !done) return done.error();
  return std::string("pending");
}

}  // namespace

void add_retry(CLI::App& program, Shell& shell) {
  Command command(program, shell, "retry", "run tasks again that failed, were cancelled or expired");
  command.words("ID...");
  command.footer(
      "The task keeps its id, arguments, options and log; all its retries are before it again.\n\n"
      "Examples:\n  flowrra retry 01kd5t9m2xq4n8w7c3z6y1r0ab\n"
      "  flowrra ps --state failed --task web.download --limit 1000 -o id | xargs flowrra retry\n");
  command.output("table, json, jsonl, yaml, id");
  command.run([&shell] { return for_each_id(shell, retry); });
}

}  // namespace flowrra::cli
