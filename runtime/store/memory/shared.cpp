#include "store/memory/shared.hpp"

#include <unistd.h>

namespace flowrra::memory {
namespace {

void ring(const UniqueFd& bell) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(bell.get(), &one, sizeof one);  // full: it is ringing already
}

}  // namespace

Row* Shared::find(const TaskId& id) {
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : &rows.at(found->second);
}

Row* Shared::find(const Lease& lease) {
  const auto found = rows.find(lease.row);
  return found == rows.end() || found->second.record.id != lease.task ? nullptr : &found->second;
}

Row& Shared::add(Row row) {
  row.seq = ++last_seq;
  by_id[row.record.id] = row.seq;
  Row& kept = rows.emplace(row.seq, std::move(row)).first->second;
  link(kept);
  return kept;
}

void Shared::erase(Row& row) {
  unlink(row);
  by_id.erase(row.record.id);
  rows.erase(row.seq);
}

// Lanes are never removed.
Lane& Shared::lane_of(Row& row) {
  if (row.lane == nullptr) row.lane = &lanes[{row.record.queue, row.record.name}];
  return *row.lane;
}

void Shared::link(Row& row) {
  const auto state = row.standing.state;
  if (is_final(state)) {
    finished.emplace_hint(finished.end(), row.standing.finished_at.value_or(WallTime()), row.seq);
    return;
  }
  Lane& lane = lane_of(row);
  if (is_waiting(state)) ++lane.waiting;
  if (is_waiting(state) && row.standing.expires_at) expiring.emplace(*row.standing.expires_at, row.seq);
  if (state == State::pending) lane.ready.emplace(row.record.priority, row.seq);
  if (row.standing.due_at) due.emplace(*row.standing.due_at, row.seq);
  if (state == State::running) running.insert(running.end(), row.seq);
  if (state == State::running && row.standing.cancel) ending.insert(row.seq);
}

void Shared::unlink(Row& row) {
  const auto state = row.standing.state;
  if (is_final(state)) {
    finished.erase({row.standing.finished_at.value_or(WallTime()), row.seq});
    return;
  }
  Lane& lane = lane_of(row);
  if (is_waiting(state)) --lane.waiting;
  if (is_waiting(state) && row.standing.expires_at) expiring.erase({*row.standing.expires_at, row.seq});
  if (state == State::pending) lane.ready.erase({row.record.priority, row.seq});
  if (row.standing.due_at) due.erase({*row.standing.due_at, row.seq});
  if (state == State::running) running.erase(row.seq);
  if (state == State::running && row.standing.cancel) ending.erase(row.seq);
}

std::int64_t Shared::waiting(const std::string& queue) const {
  std::int64_t count = 0;
  for (auto at = lanes.lower_bound({queue, ""}); at != lanes.end() && at->first.first == queue; ++at) {
    count += at->second.waiting;
  }
  return count;
}

bool Shared::alive(const SessionId& session, BootTime now) const {
  const auto found = sessions.find(session);
  return found != sessions.end() && found->second.deadline > now;
}

void Shared::ring_broker() const {
  for (const Bells* bells : open) ring(bells->broker);
}

void Shared::ring_backend() const {
  for (const Bells* bells : open) ring(bells->backend);
}

bool matches(const Row& row, const ListQuery& query) {
  const State state = row.standing.state;
  if (query.order == ListQuery::Order::finished_last && !is_final(state)) return false;
  if (!query.states.empty() && std::ranges::find(query.states, state) == query.states.end()) return false;
  if (query.queue && row.record.queue != *query.queue) return false;
  if (query.name && row.record.name != *query.name) return false;
  if (query.id_begin && !row.record.id.starts_with(*query.id_begin)) return false;
  return !query.tag || std::ranges::find(row.record.tags, *query.tag) != row.record.tags.end();
}

TaskRecord record_of(const Row& row) {
  TaskRecord out = row.record;
  const Standing& standing = row.standing;
  out.state = standing.state;
  out.attempt = standing.attempt;
  out.crashes = standing.crashes;
  out.attempts_before = standing.attempts_before;
  out.cancel_requested = standing.cancel && standing.state == State::running;
  out.due_at = standing.due_at;
  out.expires_at = standing.expires_at;
  out.started_at = standing.started_at;
  out.finished_at = standing.finished_at;
  return out;
}

}  // namespace flowrra::memory
