#include "store/memory/memory_backend.hpp"

#include "store/refusals.hpp"

namespace flowrra::memory {
namespace {

bool shown(const Row& row) { return is_final(row.standing.state) && !row.tombstone; }

Row finished_row(const TaskRecord& record) {
  Row row;
  row.record = record;
  row.standing.state = record.state;
  row.standing.attempt = record.attempt;
  row.standing.attempts_before = record.attempts_before;
  row.standing.crashes = record.crashes;
  row.standing.started_at = record.started_at;
  row.standing.finished_at = record.finished_at;
  row.standing.expires_at = record.expires_at;
  return row;
}

}  // namespace

Status MemoryBackend::store(std::span<const TaskRecord> records) {
  const std::scoped_lock lock(state_->mutex);
  if (auto fits = storable(records); !fits) return fits;
  for (const TaskRecord& record : records) {
    const Row* old = state_->find(record.id);
    if (old != nullptr && !is_final(old->standing.state)) return still_open(record.id);
  }
  for (const TaskRecord& record : records) {
    Row* old = state_->find(record.id);
    if (old != nullptr && outlives(old->standing, record)) continue;
    if (old != nullptr) state_->erase(*old);
    state_->add(finished_row(record));
  }
  state_->ring_backend();
  return {};
}

Result<std::optional<TaskRecord>> MemoryBackend::get(const TaskId& id) {
  const std::scoped_lock lock(state_->mutex);
  const Row* row = state_->find(id);
  return row == nullptr || !shown(*row) ? std::nullopt : std::optional(record_of(*row));
}

Result<std::vector<TaskRecord>> MemoryBackend::list(const ListQuery& query) {
  const std::scoped_lock lock(state_->mutex);
  return listed(*state_, query, shown);
}

Result<std::vector<bool>> MemoryBackend::remove(std::span<const TaskId> ids) {
  const std::scoped_lock lock(state_->mutex);
  std::vector<bool> out;
  for (const TaskId& id : ids) {
    Row* row = state_->find(id);
    out.push_back(row != nullptr && is_final(row->standing.state));
    if (out.back()) state_->erase(*row);
  }
  return out;
}

Result<int> MemoryBackend::remove_older(Micros age, int limit) {
  const std::scoped_lock lock(state_->mutex);
  const WallTime oldest = clock_.wall() - age;
  int count = 0;
  while (count < limit && !state_->finished.empty() && state_->finished.begin()->first < oldest) {
    state_->erase(state_->rows.at(state_->finished.begin()->second));
    ++count;
  }
  return count;
}

Status MemoryBackend::clear() {
  const std::scoped_lock lock(state_->mutex);
  while (!state_->finished.empty()) state_->erase(state_->rows.at(state_->finished.begin()->second));
  return {};
}

}  // namespace flowrra::memory
