#include <CLI/CLI.hpp>

#include "app/record_json.hpp"
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
  CLI::App* command = program.add_subcommand("version", "print the version");
  command->footer("Examples:\n  flowrra version\n  flowrra version -o json\n");
  add_output(*command, shell, "table, json, jsonl, yaml, id (the number alone)");
  command->callback([&shell] { shell.action = [&shell] { return version(shell); }; });
}

}  // namespace flowrra::cli
