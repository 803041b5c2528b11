#include <optional>

#include "app/arguments.hpp"
#include "app/record_json.hpp"
#include "base/interrupt.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "submit_batch.hpp"
#include "submit_flags.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  SubmitFlags how;
  std::string id;
  std::string batch;
  bool wait = false;
  bool unchecked = false;
};

Result<int> wait_and_print(Client& client, const TaskId& id, Format format) {
  const Interrupt interrupt;
  auto record = client.wait(id, std::nullopt, interrupt.fd());
  if (!record) return record.error();
  return print_task(*record, format);
}

// The task's definition. Nothing for a task that nobody knows, where it may be queued all the same.
Result<std::optional<TaskSpec>> find_spec(Client& client, const std::string& task, bool unchecked) {
  auto known = client.spec(task);
  if (known) return std::optional(*std::move(known));
  if (unchecked && known.error().code == Code::not_found) return std::optional<TaskSpec>();
  return known.error();
}

// The words by the task's definition, or by that of another version of it where they fit that one alone.
Result<std::string> arguments_of(Client& client, TaskSpec& spec, const std::vector<std::string>& words) {
  auto args = words_to_args(spec, words);
  if (args || args.error().code != Code::invalid) return args;
  auto others = client.versions_beside(spec);
  if (!others) return others.error();
  Error error = args.error();
  for (TaskSpec& other : *others) {
    auto fitting = words_to_args(other, words);
    if (!fitting) error.hint += (error.hint.empty() ? "Also: " : " Also: ") + usage_line(other) + ".";
    if (!fitting) continue;
    spec = std::move(other);
    return fitting;
  }
  return error;
}

Result<int> submit_many(const Shell& shell, const Flags& flags, NewTask defaults) {
  if (shell.words.size() > 1) {
    return Error{Code::usage, "with --batch only TASK may be named: each line has its own arguments", {}};
  }
  if (flags.wait) return Error{Code::usage, "--batch and --wait exclude each other", "`flowrra wait` takes the ids."};
  if (!shell.words.empty()) defaults.name = shell.words.front();
  return submit_batch(shell, {flags.batch, std::move(defaults), flags.unchecked});
}

Result<int> submit(const Shell& shell, const Flags& flags) {
  auto task = flags.how.task();
  if (!task) return task.error();
  task->id = flags.id;
  if (*shell.format() == Format::value && !flags.wait) {
    return Error{Code::usage, "-o value is the result's: without --wait there is none", {}};
  }
  if (!flags.batch.empty()) return submit_many(shell, flags, *std::move(task));
  if (shell.words.empty()) return Error{Code::usage, "TASK is missing", "`flowrra tasks` lists the tasks."};
  task->name = shell.words.front();
  const std::vector<std::string> words(shell.words.begin() + 1, shell.words.end());
  auto client = shell.client();
  if (!client) return client.error();
  auto spec = find_spec(**client, task->name, flags.unchecked);
  if (!spec) return spec.error();
  auto args = *spec ? arguments_of(**client, **spec, words) : words_to_args(words);
  if (!args) return args.error();
  task->args = std::move(*args);
  if (*spec) task->kind = (*spec)->kind;
  auto id = (*client)->submit(std::move(*task), nullptr);  // the arguments fit: they were read by the definition
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
  flowrra submit text.add 2 3
  flowrra submit media.thumbnail path=cat.jpg width=200 --priority -5
  flowrra submit media.thumbnail '{path: cat.jpg, width: 200}' --wait -o value
  flowrra submit media.thumbnail @args.json --delay 10m
  flowrra submit text.count --at "2026-01-31 08:15" --id nightly-2026-01-31 -- --a-file-with-dashes
  flowrra submit --batch tasks.jsonl --tag import
  seq -f '{"args": [%g, 1]}' 1000 | flowrra submit text.add --batch - --id sums -o jsonl

A line of a batch is an object: task, args, id, queue, priority, delay, at, expires, timeout, max_retries, retry_delay,
backoff, tags. What it leaves out is as the options say. With --id PREFIX, line N without an id is PREFIX-N: the same
batch submitted twice is queued once.
)";

}  // namespace

void add_submit(CLI::App& program, Shell& shell) {
  Command command(program, shell, "submit", "queue a task and print its id");
  auto flags = std::make_shared<Flags>();
  command.words("TASK [ARGUMENT...]");
  command.footer(kFooter);
  flags->how.add_to(command);
  command.option("--id", flags->id, "id of your choice; submitting it again is the same task", "ID");
  command.flag("--wait", flags->wait, "wait for the end and print the result, as `flowrra result` does");
  command.option("--batch", flags->batch, "queue a task for each line of the file; -: standard input", "FILE.jsonl|-");
  command.flag("--unchecked", flags->unchecked, "queue it although nobody knows the task yet");
  command.output("table, wide, json, jsonl, yaml, id; with --wait also value (the result alone)");
  command.run([&shell, flags] { return submit(shell, *flags); });
}

}  // namespace flowrra::cli
