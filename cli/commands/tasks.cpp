#include <algorithm>

#include "app/arguments.hpp"
#include "app/record_json.hpp"
#include "base/units.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

std::string table_of(const std::vector<TaskSpec>& specs, bool wide) {
  std::vector<std::string> titles{"TASK", "KIND", "DESCRIPTION"};
  if (wide) titles.insert(titles.end(), {"TIMEOUT", "RETRIES", "PLUGIN"});
  Table table(titles);
  for (const TaskSpec& spec : specs) {
    std::vector<Table::Cell> row{{usage_line(spec)}, {std::string(name(spec.kind))}, {spec.doc}};
    if (wide) {
      const bool limited = spec.options.timeout && *spec.options.timeout > Micros(0);
      row.push_back({limited ? to_text(*spec.options.timeout) : "-"});
      row.push_back({spec.options.max_retries ? std::to_string(*spec.options.max_retries) : "-"});
      row.push_back({spec.plugin + " " + spec.plugin_version});
    }
    table.add(std::move(row));
  }
  return table.text();
}

Result<std::vector<TaskSpec>> collect(const Shell& shell, Client& client) {
  if (shell.words.empty()) return client.specs();
  std::vector<TaskSpec> out;
  for (const std::string& word : shell.words) {
    auto spec = client.spec(word);
    if (!spec) return spec.error();
    out.push_back(std::move(*spec));
  }
  return out;
}

Result<int> tasks(const Shell& shell) {
  auto client = shell.client();
  if (!client) return client.error();
  auto specs = collect(shell, **client);
  if (!specs) return specs.error();
  std::vector<std::string> items;
  std::vector<std::string> names;
  for (const TaskSpec& spec : *specs) {
    items.push_back(spec_json(spec));
    names.push_back(spec.name);
  }
  const Format format = *shell.format();
  if (print_items(format, items, names)) return kOk;
  print(table_of(*specs, format == Format::wide));
  return kOk;
}

}  // namespace

void add_tasks(CLI::App& program, Shell& shell) {
  Command command(program, shell, "tasks", "list the tasks that can be submitted");
  command.words("[TASK...]");
  command.footer(
      "What nodes have published is listed; while none has, what the plugins of the configuration offer.\n\n"
      "Examples:\n  flowrra tasks\n  flowrra tasks media.thumbnail -o json | jq .[0].schema\n");
  command.output("table, wide, json (with the schemas of the arguments), jsonl, yaml, id");
  command.run([&shell] { return tasks(shell); });
}

}  // namespace flowrra::cli
