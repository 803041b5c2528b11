
#include "command.hpp"
#include "commands/commands.hpp"
#include "each_id.hpp"
#include "exit_code.hpp"
#include "flags.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

Result<std::string> remove(Client& client, const TaskRecord& record) {
  if (auto done = client.remove(record); !done) return done.error();
  return std::string("removed");
}

Result<int> rm(const Shell& shell, const std::string& older) {
  auto age = duration_flag("--older", older);
  if (!age) return age.error();
  if (!*age) return for_each_id(shell, remove);
  if (auto none = shell.no_words(); !none) return none.error();
  auto client = shell.client();
  if (!client) return client.error();
  auto count = (*client)->remove_older(**age);
  if (!count) return count.error();
  const std::string number = std::to_string(*count);
  if (!print_item(*shell.format(), "{\"removed\":" + number + "}", number)) print_line(number + " removed");
  return kOk;
}

}  // namespace

void add_rm(CLI::App& program, Shell& shell) {
  Command command(program, shell, "rm", "forget tasks that have ended");
  auto older = std::make_shared<std::string>();
  command.words("ID...");
  command.footer(
      "Result, error and log are gone. A task that waits or runs is refused: cancel it first. `[backend] ttl` does\n"
      "the same by itself.\n\n"
      "Examples:\n  flowrra rm 01kd5t9m2xq4n8w7c3z6y1r0ab\n  flowrra rm --older 7d\n");
  command.option("--older", *older, "in the place of IDs: everything that ended longer ago", "TIME");
  command.output("table, json, jsonl, yaml, id");
  command.run([&shell, older] { return rm(shell, *older); });
}

}  // namespace flowrra::cli
