#include "app/doctor.hpp"

#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "findings_view.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

Result<int> doctor(const Shell& shell) {
  if (auto none = shell.no_words(); !none) return none.error();
  const auto config = shell.config();
  const auto findings = config ? diagnose(*config) : std::vector{finding("configuration", config.error())};
  print_findings(findings, *shell.format());
  return first_error(findings) == nullptr ? kOk : kError;
}

constexpr const char* kFooter =
    R"(Looks at the configuration and the plugins, at the stores (can they be written, are they whole, is there room), at
the nodes and their parts, and at tasks that nobody will run. The exit code is 0 when nothing is wrong (there may be
warnings), else 1. The whole store is read: with a great many tasks this takes a while.

Examples:
  flowrra doctor
  flowrra doctor -o json | jq '.[] | select(.level != "ok")'
)";

}  // namespace

void add_doctor(CLI::App& program, Shell& shell) {
  Command command(program, shell, "doctor", "look at everything and say what is wrong");
  command.footer(kFooter);
  command.output("table, json, jsonl, yaml, id (what is wrong)");
  command.run([&shell] { return doctor(shell); });
}

}  // namespace flowrra::cli
