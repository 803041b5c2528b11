#include "store/sqlite/sqlite_backend.hpp"

#include <algorithm>

#include "store/refusals.hpp"

namespace flowrra::sqlite {

SqliteBackend::SqliteBackend(Engine& engine)
    : engine_(engine),
      older_(*engine.connection,
             "SELECT seq, lane, state FROM task INDEXED BY task_finished"
             " WHERE state >= 4 AND state IN (4, 5, 6, 7) AND finished_at < ?1 LIMIT ?2") {}

Status SqliteBackend::store(std::span<const TaskRecord> records) {
  if (auto fits = storable(records); !fits) return fits;
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun();
  for (const TaskRecord& record : records) {
    const auto old = engine_.rows.find(record.id);
    if (old && !is_final(old->standing.state)) return still_open(record.id);
    if (old && outlives(old->standing, record)) continue;
    if (old) engine_.tasks.remove(old->seq, old->lane, old->standing.state);
    engine_.tasks.add_finished(record);
  }
  return write.commit({.durable = true, .work = false, .outcomes = true});
}

Result<std::optional<TaskRecord>> SqliteBackend::get(const TaskId& id) {
  auto found = engine_.records.find(id, Shown::outcomes);
  if (auto ended = engine_.connection->take_status(); !ended) return ended.error();
  return found;
}

Result<std::vector<TaskRecord>> SqliteBackend::list(const ListQuery& query) {
  ReadTransaction moment(*engine_.connection);
  auto found = engine_.records.list(query, Shown::outcomes);
  if (auto ended = moment.end(); !ended) return ended.error();
  return found;
}

Result<std::vector<bool>> SqliteBackend::remove(std::span<const TaskId> ids) {
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  std::vector<bool> out;
  for (const TaskId& id : ids) {
    const auto row = engine_.rows.find(id);
    out.push_back(row && is_final(row->standing.state));
    if (out.back()) engine_.tasks.remove(row->seq, row->lane, row->standing.state);
  }
  const bool any = std::ranges::find(out, true) != out.end();
  if (auto committed = write.commit({.durable = any}); !committed) return committed.error();
  return out;
}

Result<int> SqliteBackend::remove_older(Micros age, int limit) {
  return remove_finished(engine_.clock().wall() - age, limit);
}

// In steps, so that neither the WAL nor the time under the lock grows with the store.
Status SqliteBackend::clear() {
  constexpr int kStep = 2000;
  const WallTime now = engine_.clock().wall() + Micros(1);
  for (;;) {
    const auto removed = remove_finished(now, kStep);
    if (!removed) return removed.error();
    if (*removed < kStep) return {};
  }
}

Result<int> SqliteBackend::remove_finished(WallTime until, int limit) {
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  std::vector<TaskRow> old;
  {
    Rows rows = older_.query(until, limit);
    while (rows.next()) old.push_back(stub_row(rows));
  }
  for (const TaskRow& row : old) engine_.tasks.remove(row.seq, row.lane, row.standing.state);
  if (auto committed = write.commit({}); !committed) return committed.error();
  return static_cast<int>(old.size());
}

}  // namespace flowrra::sqlite
