#include <CLI/CLI.hpp>
#include <optional>

#include "app/arguments.hpp"
#include "app/record_json.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "flags.hpp"
#include "interrupt.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  std::string queue = "default";
  int priority = 0;
  std::string delay;
  std::string at;
  std::string timeout;
  std::optional<int> max_retries;
  std::string retry_delay;
  std::string id;
  bool wait = false;
  bool unchecked = false;
};

Result<NewTask> task_from(const Flags& flags) {
  NewTask task;
  auto delay = duration_flag("--delay", flags.delay);
  if (!delay) return delay.error();
  auto at = time_flag("--at", flags.at);
  if (!at) return at.error();
  if (*delay && *at) return Error{Code::usage, "--delay and --at exclude each other", {}};
  auto timeout = duration_flag("--timeout", flags.timeout);
  if (!timeout) return timeout.error();
  auto retry_delay = duration_flag("--retry-delay", flags.retry_delay);
  if (!retry_delay) return retry_delay.error();
  task.id = flags.id;
  task.queue = flags.queue;
  task.priority = flags.priority;
  task.delay = *delay;
  task.at = *at;
  task.options.timeout = *timeout;
  task.options.retry_delay = *retry_delay;
  task.options.max_retries = flags.max_retries;
  return task;
}

Result<int> wait_and_print(Client& client, const TaskId& id, Format format) {
  const Interrupt interrupt;
  auto record = client.wait(id, std::nullopt, interrupt.fd());
  if (!record) return record.error();
  return print_task(*record, format);
}

Result<int> submit(const Shell& shell, const Flags& flags) {
  if (shell.words.empty()) return Error{Code::usage, "TASK is missing", "`flowrra tasks` lists the tasks."};
  auto task = task_from(flags);
  if (!task) return task.error();
  task->name = shell.words.front();
  const std::vector<std::string> words(shell.words.begin() + 1, shell.words.end());
  auto client = shell.client();
  if (!client) return client.error();
  std::optional<TaskSpec> spec;
  if (!flags.unchecked) {
    auto known = (*client)->spec(task->name);
    if (!known) return known.error();
    spec = std::move(*known);
  }
  auto args = spec ? words_to_args(*spec, words) : words_to_args(words);
  if (!args) return args.error();
  task->args = std::move(*args);
  auto id = (*client)->submit(std::move(*task), spec ? &*spec : nullptr);
  if (!id) return id.error();
  const Format format = *shell.format();
  if (flags.wait) return wait_and_print(**client, *id, format);
  if (!print_item(format, "{\"id\":" + json_string(*id) + "}", *id)) print_line(*id);
  return kOk;
}

constexpr const char* kFooter =
    R"(The task's definition decides what its arguments mean. Where it wants a string, the word is taken as it is; elsewhere
YAML 1.2 rules hold: 010 is ten, yes is text, [1, 2] is a list. NAME=VALUE names an argument; a single '{...}', @FILE
or - (standard input) gives all of them. Options stand before or after the words; -2 and - are words, and so is
everything after --.

Examples:
  flowrra submit demo.add 2 3
  flowrra submit media.thumbnail path=cat.jpg width=200 --priority -5
  flowrra submit media.thumbnail '{path: cat.jpg, width: 200}' --wait -o value
  flowrra submit media.thumbnail @args.json --delay 10m
  flowrra submit text.count --at "2026-01-31 08:15" --id nightly-2026-01-31 -- --a-file-with-dashes
)";

}  // namespace

void add_submit(CLI::App& program, Shell& shell) {
  CLI::App* command = program.add_subcommand("submit", "queue a task and print its id");
  auto flags = std::make_shared<Flags>();
  shell.word_usage[command] = "TASK [ARGUMENT...]";
  command->footer(kFooter);
  command->add_option("--queue", flags->queue, "queue to put it in [default]")->type_name("NAME");
  command->add_option("--priority", flags->priority, "lower runs first [0]")->type_name("N");
  command->add_option("--delay", flags->delay, "not before so long from now: 90, 1.5, 250ms, 10s, 5m, 2h, 1d")
      ->type_name("TIME");
  command->add_option("--at", flags->at, "not before: \"2026-01-31 08:15\" (local) or RFC 3339")->type_name("WHEN");
  command->add_option("--timeout", flags->timeout, "of one attempt")->type_name("TIME");
  command->add_option("--max-retries", flags->max_retries, "attempts after the first")
      ->type_name("N")
      ->check(CLI::Range(0, 1000));
  command->add_option("--retry-delay", flags->retry_delay, "before the first retry")->type_name("TIME");
  command->add_option("--id", flags->id, "id of your choice; submitting it again is the same task")->type_name("ID");
  command->add_flag("--wait", flags->wait, "wait for the end and print the result, as `flowrra result` does");
  command->add_flag("--unchecked", flags->unchecked, "queue it although nobody knows the task yet");
  add_output(*command, shell, "table, wide, json, jsonl, yaml, id; with --wait also value (the result alone)");
  command->callback([&shell, flags] { shell.action = [&shell, flags] { return submit(shell, *flags); }; });
}

}  // namespace flowrra::cli
