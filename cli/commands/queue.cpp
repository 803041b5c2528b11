#include <unistd.h>

#include <array>
#include <iostream>
#include <map>
#include <set>

#include "app/record_json.hpp"
#include "base/log.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "verbs.hpp"

namespace flowrra::cli {
namespace {

using Counts = std::array<std::int64_t, kStates.size()>;

std::int64_t of(const Counts& counts, State state) { return counts[static_cast<std::size_t>(state)]; }

std::string to_json(const std::string& queue, const Counts& counts, bool paused) {
  std::string out = "{\"queue\":" + json_string(queue) + ",\"paused\":" + (paused ? "true" : "false");
  for (const State state : kStates) out += "," + json_string(name(state)) + ":" + std::to_string(of(counts, state));
  return out + "}";
}

Result<int> list(const Shell& shell, const std::vector<std::string>& words) {
  if (!words.empty()) return Error{Code::usage, "`flowrra queue ls` takes no more words", {}};
  auto client = shell.client();
  if (!client) return client.error();
  auto counts = (*client)->counts();
  if (!counts) return counts.error();
  auto paused = (*client)->paused_queues();
  if (!paused) return paused.error();
  const std::set<std::string> is_paused(paused->begin(), paused->end());
  std::map<std::string, Counts> queues;
  for (const std::string& queue : *paused) queues[queue];
  for (const StateCount& count : *counts) queues[count.queue][static_cast<std::size_t>(count.state)] += count.count;
  std::vector<std::string> items;
  std::vector<std::string> names;
  Table table({"QUEUE", "PAUSED", "PENDING", "SCHEDULED", "RETRYING", "RUNNING", "SUCCESS", "FAILED"});
  for (const auto& [queue, sums] : queues) {
    const bool stopped = is_paused.contains(queue);
    items.push_back(to_json(queue, sums, stopped));
    names.push_back(queue);
    std::vector<Table::Cell> row{{queue}, {stopped ? "yes" : "no", stopped ? Color::yellow : Color::none}};
    for (const State state :
         {State::pending, State::scheduled, State::retrying, State::running, State::success, State::failed}) {
      row.push_back({std::to_string(of(sums, state))});
    }
    table.add(std::move(row));
  }
  if (!print_items(*shell.format(), items, names)) print(table.text());
  return kOk;
}

Status check_queues(const std::vector<std::string>& queues) {
  if (queues.empty()) return Error{Code::usage, "QUEUE is missing", "`flowrra queue ls` lists the queues."};
  for (const std::string& queue : queues) {
    if (valid_name(queue)) continue;
    return Error{Code::invalid, "'" + log::escaped(queue) + "' is not a queue's name",
                 "Names are 1 to 128 letters, digits, '.', '_' and '-'."};
  }
  return {};
}

void report(Format format, const std::vector<std::string>& queues, const std::vector<std::string>& outcomes) {
  std::vector<std::string> items;
  items.reserve(queues.size());
  for (std::size_t i = 0; i < queues.size(); ++i) {
    items.push_back("{\"queue\":" + json_string(queues[i]) + ",\"outcome\":" + json_string(outcomes[i]) + "}");
  }
  if (print_items(format, items, queues)) return;
  for (std::size_t i = 0; i < queues.size(); ++i) print_line(queues[i] + "  " + outcomes[i]);
}

Result<int> set_paused(const Shell& shell, const std::vector<std::string>& queues, bool paused) {
  if (auto usable = check_queues(queues); !usable) return usable.error();
  auto client = shell.client();
  if (!client) return client.error();
  for (const std::string& queue : queues) {
    if (auto done = (*client)->set_paused(queue, paused); !done) return done.error();
  }
  report(*shell.format(), queues, std::vector<std::string>(queues.size(), paused ? "paused" : "resumed"));
  return kOk;
}

// A slip here costs work that nobody can bring back.
Status confirm(const std::vector<std::string>& queues, bool yes) {
  if (yes) return {};
  if (isatty(STDIN_FILENO) == 1) {
    std::fprintf(stderr, "Remove every task that waits in %s? [y/N] ", queues.front().c_str());
    std::string answer;
    if (std::getline(std::cin, answer) && (answer == "y" || answer == "yes")) return {};
  }
  return Error{Code::usage, "nothing was removed", "Say --yes to remove every task that waits."};
}

Result<int> purge(const Shell& shell, const std::vector<std::string>& queues, bool yes) {
  if (auto usable = check_queues(queues); !usable) return usable.error();
  if (queues.size() > 1) return Error{Code::usage, "one QUEUE is purged at a time", {}};
  if (auto sure = confirm(queues, yes); !sure) return sure.error();
  auto client = shell.client();
  if (!client) return client.error();
  auto count = (*client)->purge(queues.front());
  if (!count) return count.error();
  report(*shell.format(), queues, {std::to_string(*count) + " removed"});
  return kOk;
}

constexpr const char* kFooter =
    R"(  ls               the queues, how many tasks each has in which state, and which are paused
  pause QUEUE...   its tasks wait; those that run go on; submitting goes on
  resume QUEUE...  its tasks are taken again
  purge QUEUE      removes every task that waits in it

Examples:
  flowrra queue ls
  flowrra queue pause mail
  flowrra queue purge mail --yes
)";

}  // namespace

void add_queue(CLI::App& program, Shell& shell) {
  Command command(program, shell, "queue", "list, pause, resume or purge queues");
  auto yes = std::make_shared<bool>(false);
  command.words("ls|pause|resume|purge [QUEUE...]");
  command.footer(kFooter);
  command.flag("--yes", *yes, "purge without asking");
  command.output("table, json, jsonl, yaml, id");
  command.run([&shell, yes] {
    return run_verb(shell, "queue",
                    {{"ls", list},
                     {"pause", [](const Shell& s, const auto& words) { return set_paused(s, words, true); }},
                     {"resume", [](const Shell& s, const auto& words) { return set_paused(s, words, false); }},
                     {"purge", [yes](const Shell& s, const auto& words) { return purge(s, words, *yes); }}});
  });
}

}  // namespace flowrra::cli
