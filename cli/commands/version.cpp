
#include "app/record_json.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

Result<int> version(const Shell& shell) {
  if (auto none = shell.no_words(); !none) return none.error();
  const std::string number = FLOWRRA_VERSION;
  if (!print_item(*shell.format(), "{\"version\":" + json_string(number) + "}", number))
    print_line("flowrra " + number);
  return kOk;
}

}  // namespace

void add_version(CLI::App& program, Shell& shell) {
  Command command(program, shell, "version", "print the version");
  command.footer("Examples:\n  flowrra version\n  flowrra version -o json\n");
  command.output("table, json, jsonl, yaml, id (the number alone)");
  command.run([&shell] { return version(shell); });
}

}  // namespace flowrra::cli
