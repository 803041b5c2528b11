#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "store/broker.hpp"
#include "task/task.hpp"

namespace flowrra {

using StateCounts = std::array<std::int64_t, kStates.size()>;  // by State

// How a number of durations is spread. Percentiles are by nearest rank: each is one of the durations.
struct Spread {
  std::int64_t count = 0;  // of durations; the rest is zero without any
  Micros mean{0};
  Micros p50{0};
  Micros p95{0};
  Micros max{0};
};

Spread spread_of(std::vector<Micros> durations);

// What statistics need of a task that has ended.
struct FinishedTask {
  std::string name;
  State state = State::success;
  int attempt = 0;
  WallTime submitted_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
};

FinishedTask finished_task(const TaskRecord& record);

struct StatsInput {
  std::vector<StateCount> counts;
  std::vector<FinishedTask> finished;              // the sample: those that ended last
  bool more_finished = false;                      // others ended before those of the sample
  std::map<std::string, WallTime> oldest_pending;  // by queue: when its oldest pending task was submitted
  StaleCounts stale;
  WallTime now;
};

struct TaskStats {
  std::string task;
  StateCounts counts{};
  std::int64_t sampled = 0;  // of its tasks in the sample
  std::int64_t failed = 0;   // and how many of these failed
  Spread wait;               // from submission to the start, of those that ran once (a --delay counts)
  Spread run;                // of the last attempt
};

struct QueueStats {
  std::string queue;
  StateCounts counts{};
  std::optional<Micros> oldest_pending;  // its age
};

struct Stats {
  StateCounts totals{};
  std::vector<TaskStats> tasks;    // by name
  std::vector<QueueStats> queues;  // by name
  std::int64_t sampled = 0;
  std::int64_t finished = 0;  // of the sample, within `window`
  Micros window{0};           // up to now: a minute, or less where the sample does not reach back so far
  StaleCounts stale;          // what was refused because its lease or session was over

  [[nodiscard]] double per_second() const;
};

Stats make_stats(const StatsInput& input);

// One object: totals, throughput {finished, seconds, per_second}, stale {settlements, progress, heartbeats}, sampled,
// tasks [task, a count for each state, sampled, failed_sampled, wait, run], queues [queue, a count for each state,
// oldest_pending]. Durations are seconds; wait and run are {count, mean, p50, p95, max}, null without any.
std::string stats_json(const Stats& stats);

}  // namespace flowrra
