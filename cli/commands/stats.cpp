#include "app/stats.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/units.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"
#include "task_view.hpp"

namespace flowrra::cli {
namespace {

struct Flags {
  int limit = 1000;
};

std::int64_t at(const StateCounts& counts, State state) { return counts[static_cast<std::size_t>(state)]; }

Table::Cell number(std::int64_t count, Color color = Color::none) {
  return {std::to_string(count), count == 0 ? Color::gray : color};
}
Table::Cell count(const StateCounts& counts, State state) { return number(at(counts, state), color_of(state)); }

// What takes less than a second is told in whole milliseconds or microseconds.
std::string short_time(Micros time) {
  if (time < std::chrono::milliseconds(1)) return std::to_string(time.count()) + "us";
  return to_text(time < std::chrono::seconds(1) ? std::chrono::floor<std::chrono::milliseconds>(time) : time);
}

void add_spread(std::vector<Table::Cell>& row, const Spread& spread, bool wide) {
  std::vector<Micros> times{spread.p50, spread.p95, spread.max};
  if (wide) times.insert(times.begin(), spread.mean);
  for (const Micros time : times) row.push_back({spread.count == 0 ? "-" : short_time(time)});
}

std::string tasks_table(const Stats& stats, bool wide) {
  std::vector<std::string> titles{"TASK"};
  const std::vector<State> states = wide ? std::vector<State>(kStates.begin(), kStates.end())
                                         : std::vector{State::pending, State::running, State::success, State::failed};
  for (const State state : states) {
    titles.emplace_back(name(state));
    std::ranges::transform(titles.back(), titles.back().begin(),
                           [](char c) { return static_cast<char>(c - 'a' + 'A'); });
  }
  titles.emplace_back("FAILURES");
  for (const char* what : {"WAIT", "RUN"}) {
    if (wide) titles.push_back(what + std::string(" MEAN"));
    for (const char* which : {" P50", " P95", " MAX"}) titles.push_back(std::string(what) + which);
  }
  Table table(titles);
  for (const TaskStats& each : stats.tasks) {
    std::vector<Table::Cell> row{{each.task}};
    for (const State state : states) row.push_back(count(each.counts, state));
    const bool some = each.sampled > 0;
    row.push_back(
        {some ? fmt::format("{}/{}", each.failed, each.sampled) : "-", each.failed > 0 ? Color::red : Color::none});
    add_spread(row, each.wait, wide);
    add_spread(row, each.run, wide);
    table.add(std::move(row));
  }
  return table.text();
}

std::string queues_table(const Stats& stats) {
  Table table({"QUEUE", "PENDING", "OLDEST", "SCHEDULED", "RETRYING", "RUNNING"});
  for (const QueueStats& each : stats.queues) {
    table.add({{each.queue},
               count(each.counts, State::pending),
               {each.oldest_pending ? to_text(*each.oldest_pending) : "-"},
               count(each.counts, State::scheduled),
               count(each.counts, State::retrying),
               count(each.counts, State::running)});
  }
  return table.text();
}

void print_stats(const Stats& stats, bool wide) {
  std::string totals;
  for (const State state : kStates) {
    const std::int64_t tasks = at(stats.totals, state);
    if (tasks > 0) totals += (totals.empty() ? "" : ", ") + std::to_string(tasks) + " " + std::string(name(state));
  }
  print_line("tasks       " + (totals.empty() ? "none" : totals));
  print_line(fmt::format("throughput  {:.1f}/s: {} ended in the last {}", stats.per_second(), stats.finished,
                         to_text(std::max(stats.window, Micros(1000)))));
  const StaleCounts& stale = stats.stale;
  if (stale != StaleCounts{}) {
    print_line(fmt::format("refused     as stale: {} outcomes, {} of progress, {} heartbeats", stale.settlements,
                           stale.progress, stale.heartbeats));
  }
  print_line(fmt::format("times       of the {} tasks that ended last", stats.sampled));
  if (stats.tasks.empty()) return;
  print("\n" + tasks_table(stats, wide) + "\n" + queues_table(stats));
}

Result<int> stats(const Shell& shell, const Flags& flags) {
  if (auto none = shell.no_words(); !none) return none.error();
  auto client = shell.client();
  if (!client) return client.error();
  const auto stats = (*client)->stats(flags.limit);
  if (!stats) return stats.error();
  const Format format = *shell.format();
  if (!print_item(format, stats_json(*stats), {})) print_stats(*stats, format == Format::wide);
  return kOk;
}

constexpr const char* kFooter =
    R"(WAIT is from submission to start (tasks that were tried again are left out), RUN the last attempt, FAILURES how many
failed, all of them over the tasks that ended last. "refused as stale" counts what nodes sent for tasks that were no
longer theirs, as after a pause longer than the lease. With -o json durations are seconds.

Examples:
  flowrra stats
  flowrra stats --limit 10000 -o wide
  flowrra stats -o json | jq '.queues[] | select(.oldest_pending > 60)'
)";

}  // namespace

void add_stats(CLI::App& program, Shell& shell) {
  Command command(program, shell, "stats", "show how long tasks wait and run, failures and throughput");
  auto flags = std::make_shared<Flags>();
  command.footer(kFooter);
  command.option("--limit", flags->limit, "look at so many finished tasks [1000]", "N", Command::Bounds{1, 100000});
  command.output("table, wide, json, jsonl, yaml");
  command.run([&shell, flags] { return stats(shell, *flags); });
}

}  // namespace flowrra::cli
