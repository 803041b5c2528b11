#include <algorithm>
#include <optional>
#include <string>

#include "app/app.hpp"
#include "app/arguments.hpp"
#include "base/log.hpp"
#include "base/nearest.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "flags.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  std::string plugins;
  std::string timeout;
  int max_retries = 0;
};

Error unknown_task(const std::string& task, const std::vector<TaskSpec>& specs) {
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const TaskSpec& spec : specs) names.push_back(spec.name);
  std::string hint = did_you_mean(task, names);
  if (hint.empty()) hint = names.empty() ? "No plugin was found: see [plugins] paths." : "Known: " + list_names(names);
  return {Code::not_found, "no plugin has the task '" + log::escaped(task) + "'", hint};
}

// Where one plugin was asked for and it may not be used, that is what went wrong.
const Manifest* denied_alone(const PluginSet& plugins, const Flags& flags) {
  const bool one = !flags.plugins.empty() && plugins.usable.empty() && plugins.refused.size() == 1;
  return one && plugins.refused.front().code == Code::denied ? &plugins.refused.front() : nullptr;
}

Result<int> exec(const Shell& shell, const Flags& flags) {
  if (shell.words.empty()) return Error{Code::usage, "TASK is missing", "See `flowrra exec --help`."};
  auto timeout = duration_flag("--timeout", flags.timeout);
  if (!timeout) return timeout.error();
  auto config = shell.config();
  if (!config) return config.error();
  if (!flags.plugins.empty()) {
    const auto done = set_value(*config, "plugins.paths", flags.plugins, {Origin::Source::flag, "--plugins"});
    if (!done) return done.error();
  }
  auto plugins = load_plugins(*config);
  if (!plugins) return plugins.error();
  if (const Manifest* denied = denied_alone(*plugins, flags)) return Error{denied->code, denied->refused, denied->hint};
  for (const Manifest& each : plugins->refused) log::warning("plugin " + each.path + " is not used: " + each.refused);

  const std::vector<TaskSpec> specs = plugins->specs();
  const std::string& name = shell.words.front();
  const auto spec = std::find_if(specs.begin(), specs.end(), [&](const TaskSpec& each) { return each.name == name; });
  if (spec == specs.end()) return unknown_task(name, specs);
  auto args = words_to_args(*spec, {shell.words.begin() + 1, shell.words.end()});
  if (!args) return args.error();
  NewTask task;
  task.name = name;
  task.kind = spec->kind;
  task.args = std::move(*args);
  task.options.timeout = *timeout;
  task.options.max_retries = flags.max_retries;
  auto record = run_once(*config, *plugins, std::move(task));
  if (!record) return record.error();
  return print_task(*record, *shell.format());
}

constexpr const char* kFooter =
    R"(The task runs once, in a process of its own as on a node; no store is read or written, and it is not tried again
unless --max-retries says so. Arguments are written as for `flowrra submit`. Ctrl-C ends the task, first by asking it,
then by force; once more kills it at once; the exit code is 130.

Examples:
  flowrra exec text.add 2 3
  flowrra exec text.count book.txt -o value
)";

}  // namespace

void add_exec(CLI::App& program, Shell& shell) {
  Command command(program, shell, "exec", "run one task here and now, without a store");
  auto flags = std::make_shared<Flags>();
  command.words("TASK [ARGUMENT...]");
  command.footer(kFooter);
  command.option("--plugins", flags->plugins, "plugin file, folder or glob, instead of [plugins] paths", "PATH");
  command.option("--timeout", flags->timeout, "of one attempt", "TIME");
  command.option("--max-retries", flags->max_retries, "attempts after the first [0]", "N", Command::Bounds{0, 1000});
  command.output("table, wide, json, jsonl, yaml, id, value (the result alone)");
  command.run([&shell, flags] { return exec(shell, *flags); });
}

}  // namespace flowrra::cli
