#include "store/sqlite/sqlite_broker.hpp"

#include <algorithm>

#include "store/refusals.hpp"
#include "store/session_json.hpp"
#include "store/sqlite/submissions.hpp"
#include "store/sqlite/turn.hpp"

namespace flowrra::sqlite {

SqliteBroker::SqliteBroker(Engine& engine)
    : engine_(engine),
      heads_(*engine.connection, engine.lanes),
      runners_(*engine.connection, "SELECT DISTINCT session FROM task INDEXED BY task_running WHERE state = 2"),
      waiting_of_(*engine.connection,
                  "SELECT seq, lane, state FROM task WHERE state IN (0, 1, 3)"
                  " AND lane IN (SELECT id FROM lane WHERE queue = ?1) LIMIT ?2"),
      place_of_(*engine.connection, "SELECT lane, priority, seq FROM task WHERE id = ?1 AND state = 1"),
      ahead_(*engine.connection,
             "SELECT count(*) FROM lane AS l JOIN task AS t INDEXED BY task_ready ON t.lane = l.id"
             " WHERE l.queue = (SELECT queue FROM lane WHERE id = ?1) AND t.state = 1"
             " AND l.name IN (SELECT value FROM json_each(?4))"
             " AND (t.priority < ?2 OR (t.priority = ?2 AND t.seq < ?3))") {}

Result<std::vector<PushOutcome>> SqliteBroker::push(std::span<const NewTask> tasks, std::int64_t max_queue_size) {
  if (auto fits = pushable(tasks); !fits) return fits.error();
  // Before the lock is held: whoever submits one task would spend a third of the time under it with this.
  engine_.lanes.prepare_to_add();
  engine_.tasks.prepare_to_add();
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  Submissions submissions(engine_, max_queue_size);
  auto out = submissions.add(tasks);
  if (auto committed = write.commit(submissions.effects()); !committed) return committed.error();
  return out;
}

Result<ExchangeAnswer> SqliteBroker::exchange(const ExchangeRequest& request) {
  return Turn(engine_, heads_, request).run();
}

// Keys of sessions that are dead or missing and have running tasks; no key: tasks that name no session.
std::vector<std::optional<std::int64_t>> SqliteBroker::dead_runners() {
  std::vector<std::optional<std::int64_t>> keys;
  {
    Rows rows = runners_.query();
    while (rows.next()) keys.push_back(rows.is_null(0) ? std::nullopt : std::optional(rows.integer(0)));
  }
  std::erase_if(keys, [this](const auto& key) { return key && engine_.sessions.alive_key(*key); });
  return keys;
}

Result<int> SqliteBroker::recover() {
  {
    ReadTransaction look(*engine_.connection);
    const bool nothing = dead_runners().empty() && !engine_.sessions.any_dead() && !engine_.sessions.any_orphans();
    if (auto ended = look.end(); !ended) return ended.error();
    if (nothing) return 0;
  }
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  engine_.sessions.remove_orphans();
  std::vector<std::int64_t> rows_to_recover;
  for (const auto& key : dead_runners()) {
    const auto rows = engine_.rows.running_of(key);
    rows_to_recover.insert(rows_to_recover.end(), rows.begin(), rows.end());
  }
  int count = 0;
  const WallTime now = engine_.clock().wall();
  CommitEffects effects;
  for (const auto seq : rows_to_recover) {
    auto row = engine_.rows.find(seq);
    const int attempt = row ? row->standing.attempt : 0;
    if (!row || !engine_.tasks.recover(*row, now)) continue;
    engine_.logs.append(seq, lost_line(attempt, now));
    ++count;
    (is_final(row->standing.state) ? effects.outcomes : effects.work) = true;
  }
  engine_.sessions.remove_dead();
  if (auto committed = write.commit(effects); !committed) return committed.error();
  return count;
}

Result<std::vector<CancelOutcome>> SqliteBroker::cancel(std::span<const TaskId> ids) {
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  const WallTime now = engine_.clock().wall();
  std::vector<CancelOutcome> out;
  CommitEffects effects;
  for (const TaskId& id : ids) {
    auto row = engine_.rows.find(id);
    out.push_back(row ? engine_.tasks.cancel(*row, now) : CancelOutcome::unknown);
    effects.outcomes |= out.back() == CancelOutcome::cancelled;
    effects.work |= out.back() == CancelOutcome::requested;  // the node that runs it shall look
  }
  effects.durable = effects.outcomes || effects.work;
  if (auto committed = write.commit(effects); !committed) return committed.error();
  return out;
}

Result<std::vector<ReplayOutcome>> SqliteBroker::replay(std::span<const TaskRecord> records) {
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  std::vector<ReplayOutcome> out;
  CommitEffects effects;
  for (const TaskRecord& record : records) {
    auto row = engine_.rows.find(record.id);
    const bool replayed = row && engine_.tasks.replay(*row, record);
    out.push_back(!row ? ReplayOutcome::unknown : replayed ? ReplayOutcome::replayed : ReplayOutcome::refused);
    effects.work |= replayed;
  }
  effects.durable = effects.work;
  if (auto committed = write.commit(effects); !committed) return committed.error();
  return out;
}

// In steps, so that neither the WAL nor the time under the lock grows with the queue.
Result<std::int64_t> SqliteBroker::purge(const std::string& queue) {
  constexpr int kStep = 2000;
  std::int64_t count = 0;
  for (;;) {
    const auto removed = purge_some(queue, kStep);
    if (!removed) return removed.error();
    count += *removed;
    if (*removed < kStep) return count;
  }
}

Result<int> SqliteBroker::purge_some(const std::string& queue, int limit) {
  TaskWrite write(engine_);
  if (!write.begun()) return write.begun().error();
  std::vector<TaskRow> waiting;
  {
    Rows rows = waiting_of_.query(queue, limit);
    while (rows.next()) waiting.push_back(stub_row(rows));
  }
  for (const TaskRow& row : waiting) engine_.tasks.remove(row.seq, row.lane, row.standing.state);
  if (auto committed = write.commit({.durable = !waiting.empty(), .work = false, .outcomes = !waiting.empty()});
      !committed)
    return committed.error();
  return static_cast<int>(waiting.size());
}

Result<std::optional<TaskRecord>> SqliteBroker::find(const TaskId& id) {
  auto found = engine_.records.find(id, Shown::all);
  if (auto ended = engine_.connection->take_status(); !ended) return ended.error();
  return found;
}

Result<std::vector<TaskRecord>> SqliteBroker::list(const ListQuery& query) {
  ReadTransaction moment(*engine_.connection);
  auto found = engine_.records.list(query, Shown::all);
  if (auto ended = moment.end(); !ended) return ended.error();
  return found;
}

Result<std::vector<StateCount>> SqliteBroker::counts() {
  ReadTransaction moment(*engine_.connection);
  auto found = engine_.lanes.counts();
  if (auto ended = moment.end(); !ended) return ended.error();
  return found;
}

Result<StaleCounts> SqliteBroker::stale_counts() {
  ReadTransaction moment(*engine_.connection);
  const StaleCounts found = engine_.stale.read();
  if (auto ended = moment.end(); !ended) return ended.error();
  return found;
}

Result<std::int64_t> SqliteBroker::ahead_of(const TaskId& id, const std::vector<std::string>& names) {
  const std::string of = list_to_json(names);
  ReadTransaction moment(*engine_.connection);
  std::int64_t count = 0;
  if (Rows place = place_of_.query(id); place.next()) {
    Rows ahead = ahead_.query(place.integer(0), place.integer(1), place.integer(2), of);
    if (ahead.next()) count = ahead.integer(0);
  }
  if (auto ended = moment.end(); !ended) return ended.error();
  return count;
}

}  // namespace flowrra::sqlite
