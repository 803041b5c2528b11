#include "app/stats.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace flowrra {
namespace {

using Json = nlohmann::ordered_json;

constexpr Micros kWindow = std::chrono::minutes(1);

// Wall time may jump: a span that went backwards counts as none.
Micros between(WallTime from, WallTime to) { return std::max(to - from, Micros(0)); }

Micros percentile(const std::vector<Micros>& sorted, double part) {
  const auto rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

struct Sample {
  std::int64_t tasks = 0;
  std::int64_t failed = 0;
  std::vector<Micros> waits;
  std::vector<Micros> runs;

  void add(const FinishedTask& task) {
    ++tasks;
    if (task.state == State::failed) ++failed;
    if (!task.started_at) return;
    if (task.attempt == 1) waits.push_back(between(task.submitted_at, *task.started_at));
    if (task.finished_at) runs.push_back(between(*task.started_at, *task.finished_at));
  }
};

void add_throughput(const StatsInput& input, Stats& stats) {
  stats.window = kWindow;
  if (input.more_finished) {
    Micros reach{0};
    for (const FinishedTask& task : input.finished) {
      if (task.finished_at) reach = std::max(reach, between(*task.finished_at, input.now));
    }
    stats.window = std::min(kWindow, reach);
  }
  stats.finished = std::ranges::count_if(input.finished, [&](const FinishedTask& task) {
    return task.finished_at && between(*task.finished_at, input.now) <= stats.window;
  });
}

double seconds(Micros duration) { return static_cast<double>(duration.count()) / 1e6; }

void put_counts(Json& into, const StateCounts& counts) {
  for (const State state : kStates) into[std::string(name(state))] = counts[static_cast<std::size_t>(state)];
}

Json spread_json(const Spread& spread) {
  if (spread.count == 0) return {};
  return {{"count", spread.count},
          {"mean", seconds(spread.mean)},
          {"p50", seconds(spread.p50)},
          {"p95", seconds(spread.p95)},
          {"max", seconds(spread.max)}};
}

}  // namespace

Spread spread_of(std::vector<Micros> durations) {
  Spread out;
  if (durations.empty()) return out;
  std::ranges::sort(durations);
  out.count = std::ssize(durations);
  out.mean = std::accumulate(durations.begin(), durations.end(), Micros(0)) / out.count;
  out.p50 = percentile(durations, 0.5);
  out.p95 = percentile(durations, 0.95);
  out.max = durations.back();
  return out;
}

FinishedTask finished_task(const TaskRecord& record) {
  return {record.name, record.state, record.attempt, record.submitted_at, record.started_at, record.finished_at};
}

double Stats::per_second() const { return window > Micros(0) ? static_cast<double>(finished) / seconds(window) : 0; }

Stats make_stats(const StatsInput& input) {
  std::map<std::string, StateCounts> by_task;
  std::map<std::string, StateCounts> by_queue;
  std::map<std::string, Sample> samples;
  Stats out;
  for (const StateCount& each : input.counts) {
    const auto state = static_cast<std::size_t>(each.state);
    for (StateCounts* counts : {&out.totals, &by_task[each.name], &by_queue[each.queue]})
      (*counts)[state] += each.count;
  }
  for (const FinishedTask& task : input.finished) {
    by_task.try_emplace(task.name);
    samples[task.name].add(task);
  }
  for (const auto& [task, counts] : by_task) {
    Sample& sample = samples[task];
    if (sample.tasks == 0 && std::ranges::all_of(counts, [](std::int64_t count) { return count == 0; })) continue;
    out.tasks.push_back({task, counts, sample.tasks, sample.failed, spread_of(std::move(sample.waits)),
                         spread_of(std::move(sample.runs))});
  }
  for (const auto& [queue, counts] : by_queue) {
    const auto oldest = input.oldest_pending.find(queue);
    std::optional<Micros> age;
    if (oldest != input.oldest_pending.end()) age = between(oldest->second, input.now);
    out.queues.push_back({queue, counts, age});
  }
  out.sampled = std::ssize(input.finished);
  out.stale = input.stale;
  add_throughput(input, out);
  return out;
}

std::string stats_json(const Stats& stats) {
  Json out = Json::object();
  put_counts(out["totals"], stats.totals);
  out["throughput"] = {
      {"finished", stats.finished}, {"seconds", seconds(stats.window)}, {"per_second", stats.per_second()}};
  out["stale"] = {{"settlements", stats.stale.settlements},
                  {"progress", stats.stale.progress},
                  {"heartbeats", stats.stale.heartbeats}};
  out["sampled"] = stats.sampled;
  out["tasks"] = Json::array();
  for (const TaskStats& each : stats.tasks) {
    Json task = Json::object();
    task["task"] = each.task;
    put_counts(task, each.counts);
    task["sampled"] = each.sampled;
    task["failed_sampled"] = each.failed;
    task["wait"] = spread_json(each.wait);
    task["run"] = spread_json(each.run);
    out["tasks"].push_back(std::move(task));
  }
  out["queues"] = Json::array();
  for (const QueueStats& each : stats.queues) {
    Json queue = Json::object();
    queue["queue"] = each.queue;
    put_counts(queue, each.counts);
    queue["oldest_pending"] = each.oldest_pending ? Json(seconds(*each.oldest_pending)) : Json();
    out["queues"].push_back(std::move(queue));
  }
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace flowrra
