
#include "app/record_json.hpp"
#include "base/log.hpp"
#include "base/nearest.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  std::vector<std::string> states;
  std::string queue;
  std::string task;
  std::string tag;
  int limit = 50;
  int offset = 0;
  bool all = false;
};

using States = std::vector<State>;

// The groups of states to list, one after the other: what runs, what waits, what is over.
Result<std::vector<States>> groups(const Flags& flags) {
  if (flags.states.empty()) {
    std::vector<States> out{{State::running}, {State::pending, State::retrying, State::scheduled}};
    if (flags.all) out.push_back({State::success, State::failed, State::cancelled, State::expired});
    return out;
  }
  States chosen;
  std::vector<std::string> names;
  names.reserve(kStates.size());
  for (const State state : kStates) names.emplace_back(name(state));
  for (const std::string& text : flags.states) {
    const auto state = parse_state(text);
    if (!state) {
      return Error{Code::usage, "no state '" + log::escaped(text) + "'", "The states are " + list_names(names) + "."};
    }
    chosen.push_back(*state);
  }
  return std::vector<States>{chosen};
}

// One more than is wanted, to know whether there are more.
Result<std::vector<TaskRecord>> collect(Client& client, const Flags& flags) {
  auto wanted = groups(flags);
  if (!wanted) return wanted.error();
  const int end = flags.offset + flags.limit + 1;
  std::vector<TaskRecord> out;
  for (const States& states : *wanted) {
    ListQuery query;
    query.states = states;
    query.limit = end - static_cast<int>(out.size());
    if (!flags.queue.empty()) query.queue = flags.queue;
    if (!flags.task.empty()) query.name = flags.task;
    if (!flags.tag.empty()) query.tag = flags.tag;
    if (query.limit <= 0) break;
    auto part = client.list(query);
    if (!part) return part.error();
    out.insert(out.end(), std::make_move_iterator(part->begin()), std::make_move_iterator(part->end()));
  }
  out.erase(out.begin(), out.begin() + std::min<std::ptrdiff_t>(flags.offset, std::ssize(out)));
  return out;
}

Result<int> ps(const Shell& shell, const Flags& flags) {
  if (auto none = shell.no_words(); !none) return none.error();
  auto client = shell.client();
  if (!client) return client.error();
  auto records = collect(**client, flags);
  if (!records) return records.error();
  const bool more = std::ssize(*records) > flags.limit;
  if (more) records->resize(static_cast<std::size_t>(flags.limit));
  std::vector<std::string> items;
  std::vector<std::string> ids;
  for (const TaskRecord& record : *records) {
    items.push_back(record_json(record));
    ids.push_back(record.id);
  }
  const Format format = *shell.format();
  if (!print_items(format, items, ids)) print(task_table(*records, format == Format::wide));
  if (more && (format == Format::table || format == Format::wide)) {
    std::fflush(stdout);
    std::fprintf(stderr, "There are more: --limit N shows more at once, --offset %d the next ones.\n",
                 flags.offset + flags.limit);
  }
  return kOk;
}

}  // namespace

void add_ps(CLI::App& program, Shell& shell) {
  Command command(program, shell, "ps", "list tasks that run or wait, newest first");
  auto flags = std::make_shared<Flags>();
  command.footer(
      "Examples:\n  flowrra ps\n  flowrra ps --state failed,expired -o wide\n"
      "  flowrra ps --all --queue mail --limit 500 -o jsonl\n");
  command.list("--state", flags->states,
               "only these: scheduled, pending, running, retrying, success, failed, cancelled, expired", "STATE[,...]");
  command.option("--queue", flags->queue, "only this queue", "NAME");
  command.option("--task", flags->task, "only this task", "NAME");
  command.option("--tag", flags->tag, "only those with this tag", "TAG");
  command.option("--limit", flags->limit, "at most so many [50]", "N", Command::Bounds{1, 1000000});
  command.option("--offset", flags->offset, "leave out the first N", "N", Command::Bounds{0, 100000000});
  command.flag("--all", flags->all, "also tasks that are over");
  command.output("table, wide, json, jsonl, yaml, id");
  command.run([&shell, flags] { return ps(shell, *flags); });
}

}  // namespace flowrra::cli
