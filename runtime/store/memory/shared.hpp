#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "store/broker.hpp"
#include "store/directory.hpp"
#include "store/standing.hpp"
#include "task/spec.hpp"

namespace flowrra::memory {

// One open store's two wake descriptors.
struct Bells {
  UniqueFd broker;   // work was queued
  UniqueFd backend;  // a task finished
};

// What has not ended of one queue and task name.
struct Lane {
  std::set<std::pair<int, std::int64_t>> ready;  // (priority, seq) of its pending tasks
  std::int64_t waiting = 0;
};

struct Row {
  std::int64_t seq = 0;  // order of arrival
  TaskRecord record;     // its state, attempt, crashes and times are those of `standing`, set when it is read
  Standing standing;
  SessionId session;       // of the running attempt
  Lane* lane = nullptr;    // of its queue and name; null: not looked up yet
  bool tombstone = false;  // its arguments and outcome are kept by another backend
};

struct LiveSession {
  Session session;
  BootTime deadline;
  std::int64_t reload_asked = 0;
  ReloadAnswer reload;
  std::string health;
};

// What all stores of one name share. Whoever touches a member holds `mutex`; the functions expect it held.
struct Shared {
  using LaneKey = std::pair<std::string, std::string>;  // queue, task name

  std::mutex mutex;
  std::int64_t last_seq = 0;
  std::map<std::int64_t, Row> rows;
  std::unordered_map<TaskId, std::int64_t> by_id;
  std::map<LaneKey, Lane> lanes;
  std::set<std::pair<WallTime, std::int64_t>> due;       // (due time, seq) of scheduled and retrying tasks
  std::set<std::pair<WallTime, std::int64_t>> expiring;  // (expiry, seq) of waiting tasks that have one
  std::set<std::int64_t> running;
  std::set<std::int64_t> ending;                         // running, and asked to end
  std::set<std::pair<WallTime, std::int64_t>> finished;  // (time of the end, seq)
  std::map<SessionId, LiveSession> sessions;
  std::map<std::string, TaskSpec> catalog;
  std::set<std::string> paused;  // queues
  StaleCounts stale;
  std::vector<Bells*> open;

  Row* find(const TaskId& id);
  // The row of which the lease was made, if it is still there.
  Row* find(const Lease& lease);
  Row& add(Row row);
  void erase(Row& row);

  // Runs `change` on the row's standing and keeps the indexes true; what `change` returned.
  template <typename Change>
  bool move(Row& row, Change change) {
    unlink(row);
    const bool moved = change(row.standing);
    link(row);
    return moved;
  }

  std::int64_t waiting(const std::string& queue) const;
  bool alive(const SessionId& session, BootTime now) const;
  void ring_broker() const;
  void ring_backend() const;

 private:
  void link(Row& row);
  void unlink(Row& row);
  Lane& lane_of(Row& row);
};

// The record as readers get it.
TaskRecord record_of(const Row& row);

// True for a row that the query's terms mean.
bool matches(const Row& row, const ListQuery& query);

// The rows for which `wanted` is true, by the query's terms and in its order.
template <typename Wanted>
std::vector<TaskRecord> listed(const Shared& state, const ListQuery& query, Wanted wanted) {
  std::vector<const Row*> rows;
  for (const auto& [seq, row] : state.rows) {
    if (matches(row, query) && wanted(row)) rows.push_back(&row);
  }
  if (query.order != ListQuery::Order::oldest) std::ranges::reverse(rows);
  if (query.order == ListQuery::Order::finished_last) {
    std::ranges::stable_sort(rows, std::ranges::greater(), [](const Row* row) { return row->standing.finished_at; });
  }
  std::vector<TaskRecord> out;
  for (auto at = static_cast<std::size_t>(query.offset); at < rows.size() && std::ssize(out) < query.limit; ++at) {
    out.push_back(record_of(*rows[at]));
    out.back().log.clear();
  }
  return out;
}

}  // namespace flowrra::memory
