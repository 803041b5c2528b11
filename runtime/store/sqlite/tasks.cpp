#include "store/sqlite/tasks.hpp"

#include "store/session_json.hpp"
#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {
namespace {

#define FLOWRRA_ADD                                                                                            \
  "INSERT INTO task (id, lane, state, priority, submitted_at, due_at, kind, options, tags, args, expires_at) " \
  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
constexpr const char* kAdd = FLOWRRA_ADD " ON CONFLICT (id) DO NOTHING";
constexpr const char* kAddFinished =
    "INSERT INTO task (id, lane, state, priority, attempt, crashes, submitted_at, started_at, finished_at, kind, cpu_s,"
    " max_rss, node, error_code, error_message, error_crash, options, tags, progress, args, result, attempts_before,"
    " expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
    " ?21, ?22, ?23) RETURNING seq";
constexpr const char* kLease =
    "UPDATE task SET state = 2, attempt = ?2, lease = ?3, session = ?4, started_at = ?5, node = ?6, progress = NULL"
    " WHERE seq = ?1";
constexpr const char* kSucceed =
    "UPDATE task NOT INDEXED SET state = ?6, suspect = 0, session = NULL, finished_at = ?7, result = ?8,"
    " error_code = NULL, error_message = NULL, error_crash = NULL, cpu_s = ?9, max_rss = ?10,"
    " progress = coalesce(?11, progress)"
    " WHERE seq = ?1 AND id = ?2 AND lane = ?3 AND session = ?4 AND lease = ?5 AND state = 2 AND cancel = 0";
constexpr const char* kFinish =
    "UPDATE task SET state = ?2, crashes = ?3, suspect = 0, cancel = 0, session = NULL, finished_at = ?4, result = ?5,"
    " error_code = ?6, error_message = ?7, error_crash = ?8, cpu_s = ?9, max_rss = ?10,"
    " progress = coalesce(?11, progress) WHERE seq = ?1";
constexpr const char* kBury =
    "UPDATE task SET state = ?2, crashes = ?3, suspect = 0, cancel = 0, session = NULL, finished_at = ?4, result = "
    "NULL,"
    " error_code = NULL, error_message = NULL, error_crash = NULL, options = NULL, tags = NULL, progress = NULL,"
    " args = NULL WHERE seq = ?1";
constexpr const char* kRetry =
    "UPDATE task SET state = ?2, crashes = ?3, suspect = 0, session = NULL, due_at = ?4, error_code = ?5,"
    " error_message = ?6, error_crash = ?7, cpu_s = ?8, max_rss = ?9, progress = coalesce(?10, progress)"
    " WHERE seq = ?1";
constexpr const char* kGiveBack =
    "UPDATE task SET state = 1, attempt = ?2, crashes = ?3, refunds = ?4, suspect = ?5, session = NULL,"
    " started_at = NULL, node = NULL WHERE seq = ?1";
constexpr const char* kEndWaiting =
    "UPDATE task SET state = ?2, suspect = 0, cancel = 0, session = NULL, due_at = NULL, finished_at = ?3, error_code "
    "= ?4,"
    " error_message = ?5, error_crash = NULL WHERE seq = ?1";
constexpr const char* kReplay =
    "UPDATE task SET state = 1, attempts_before = attempt, crashes = 0, refunds = 0, suspect = 0, cancel = 0,"
    " session = NULL, due_at = NULL, expires_at = NULL, started_at = NULL, finished_at = NULL, result = NULL,"
    " args = coalesce(args, ?2), options = coalesce(options, ?3), tags = coalesce(tags, ?4) WHERE seq = ?1";

template <typename Member>
auto of(const std::optional<TaskError>& error, Member member) {
  return error ? std::optional<std::string_view>((*error).*member) : std::nullopt;
}

std::optional<double> cpu(const std::optional<Resources>& spent) {
  return spent ? std::optional(spent->cpu_s) : std::nullopt;
}

std::optional<std::int64_t> rss(const std::optional<Resources>& spent) {
  return spent ? std::optional(static_cast<std::int64_t>(spent->max_rss)) : std::nullopt;
}

std::optional<int> stored(const std::optional<Kind>& kind) {
  return kind ? std::optional(static_cast<int>(*kind)) : std::nullopt;
}

std::optional<std::string> stored(const std::vector<std::string>& tags) {
  return tags.empty() ? std::nullopt : std::optional(list_to_json(tags));
}

using NewRow =
    std::tuple<std::string_view, LaneId, int, int, WallTime, std::optional<WallTime>, std::optional<int>,
               std::optional<std::string>, std::optional<std::string>, std::string_view, std::optional<WallTime>>;

// The values of FLOWRRA_ADD.
NewRow new_row(const NewTask& task, LaneId lane, const Standing& standing, WallTime now) {
  std::string options = to_json(task.options);
  return {task.id,
          lane,
          static_cast<int>(standing.state),
          task.priority,
          now,
          standing.due_at,
          stored(task.kind),
          options.empty() ? std::nullopt : std::optional(std::move(options)),
          stored(task.tags),
          task.args,
          standing.expires_at};
}

const char* add_together_sql() {
  static const std::string sql = [] {
    std::string out = FLOWRRA_ADD;
    for (std::size_t i = 1; i < Tasks::kTogether; ++i) out += ", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    return out;
  }();
  return sql.c_str();
}

}  // namespace

Tasks::Tasks(Connection& connection, Lanes& lanes, TaskRows& rows, TaskLogs& logs)
    : lanes_(lanes),
      rows_(rows),
      logs_(logs),
      add_(connection, kAdd),
      add_together_(connection, add_together_sql()),
      add_finished_(connection, kAddFinished),
      lease_(connection, kLease),
      succeed_(connection, kSucceed),
      finish_(connection, kFinish),
      bury_(connection, kBury),
      retry_(connection, kRetry),
      give_back_(connection, kGiveBack),
      end_waiting_(connection, kEndWaiting),
      ask_to_end_(connection, "UPDATE task SET cancel = 1 WHERE seq = ?1"),
      replay_(connection, kReplay),
      progress_(connection, "UPDATE task SET progress = ?2 WHERE seq = ?1"),
      change_lane_(connection, "UPDATE task SET lane = ?2 WHERE seq = ?1"),
      remove_(connection, "DELETE FROM task WHERE seq = ?1"),
      promote_(connection, "UPDATE task SET state = 1, due_at = NULL WHERE seq = ?1") {}

bool Tasks::add(const NewTask& task, WallTime now) {
  const LaneId lane = lanes_.find_or_add(task.queue, task.name);
  const Standing standing = first_standing(task, now);
  const NewRow row = new_row(task, lane, standing, now);
  const int added = std::apply([this](const auto&... values) { return add_.run(values...); }, row);
  if (added == 1) lanes_.entered(lane, standing.state);
  return added == 1;
}

bool Tasks::add_together(std::span<const NewTask, kTogether> tasks, WallTime now) {
  std::vector<NewRow> rows;
  std::vector<std::pair<LaneId, State>> entered;
  rows.reserve(kTogether);
  entered.reserve(kTogether);
  for (const NewTask& task : tasks) {
    const LaneId lane = lanes_.find_or_add(task.queue, task.name);
    const Standing standing = first_standing(task, now);
    rows.push_back(new_row(task, lane, standing, now));
    entered.emplace_back(lane, standing.state);
  }
  if (!add_together_.insert(std::span<const NewRow>(rows))) return false;
  for (const auto& [lane, state] : entered) lanes_.entered(lane, state);
  return true;
}

void Tasks::add_finished(const TaskRecord& record) {
  const LaneId lane = lanes_.find_or_add(record.queue, record.name);
  const std::string options = to_json(record.options);
  const auto tags = stored(record.tags);  // bound texts outlive the rows
  Rows added = add_finished_.query(
      record.id, lane, static_cast<int>(record.state), record.priority, record.attempt, record.crashes,
      record.submitted_at, record.started_at, record.finished_at.value_or(record.submitted_at), stored(record.kind),
      cpu(record.resources), rss(record.resources), or_null(record.node), of(record.error, &TaskError::code),
      of(record.error, &TaskError::message), of(record.error, &TaskError::crash), or_null(options), tags,
      or_null(record.progress), record.args, or_null(record.result), record.attempts_before, record.expires_at);
  if (added.next()) {
    const std::int64_t seq = added.integer(0);
    added.next();  // an INSERT … RETURNING is done only at its end
    if (!record.log.empty()) logs_.append(seq, record.log);
  }
  lanes_.entered(lane, record.state);
}

bool Tasks::lease(TaskRow& row, std::int64_t session, const std::string& node, WallTime now) {
  if (!flowrra::lease(row.standing, now)) return false;
  const Standing& to = row.standing;
  lease_.run(row.seq, to.attempt, static_cast<std::int64_t>(to.counter), session, now, node);
  lanes_.moved(row.lane, State::pending, State::running);
  return true;
}

bool Tasks::settle(TaskRow& row, const Settlement& asked, bool keep_results, WallTime now) {
  const auto instead = overruled(row.standing, asked);
  const Settlement& settlement = instead ? *instead : asked;
  if (!flowrra::settle(row.standing, settlement, now)) return false;
  if (is_final(row.standing.state)) {
    write_finish(row, settlement, keep_results);
  } else {
    write_wait(row, settlement);
  }
  if (!settlement.log.empty() && (keep_results || !is_final(row.standing.state))) logs_.append(row.seq, settlement.log);
  lanes_.left(row.lane, State::running);
  if (row.standing.state == State::pending && !settlement.version.empty()) change_lane(row, settlement.version);
  lanes_.entered(row.lane, row.standing.state);
  return true;
}

bool Tasks::succeed(const Place& place, std::int64_t session, const Settlement& settlement, WallTime now) {
  const Lease& lease = settlement.lease;
  Standing to;
  to.state = State::running;  // which the statement makes sure of
  if (settlement.to != State::success || settlement.crashed || !flowrra::settle(to, settlement, now)) return false;
  const int changed = succeed_.run(place.seq, lease.task, place.lane, session, static_cast<std::int64_t>(lease.counter),
                                   static_cast<int>(to.state), to.finished_at, or_null(settlement.result),
                                   cpu(settlement.resources), rss(settlement.resources), or_null(settlement.progress));
  if (changed != 1) return false;
  if (!settlement.log.empty()) logs_.append(place.seq, settlement.log);
  lanes_.moved(place.lane, State::running, to.state);
  return true;
}

void Tasks::change_lane(TaskRow& row, const std::string& version) {
  row.lane = lanes_.find_or_add(std::string(lanes_.at(row.lane).queue), version);
  change_lane_.run(row.seq, row.lane);
}

void Tasks::write_finish(const TaskRow& row, const Settlement& settlement, bool keep_results) {
  const Standing& to = row.standing;
  const int state = static_cast<int>(to.state);
  if (!keep_results) {
    bury_.run(row.seq, state, to.crashes, to.finished_at);
    logs_.remove(row.seq);
    return;
  }
  finish_.run(row.seq, state, to.crashes, to.finished_at, or_null(settlement.result),
              of(settlement.error, &TaskError::code), of(settlement.error, &TaskError::message),
              of(settlement.error, &TaskError::crash), cpu(settlement.resources), rss(settlement.resources),
              or_null(settlement.progress));
}

void Tasks::write_wait(const TaskRow& row, const Settlement& settlement) {
  const Standing& to = row.standing;
  if (to.state == State::pending) {
    give_back_.run(row.seq, to.attempt, to.crashes, to.refunds, to.suspect ? 1 : 0);
    return;
  }
  retry_.run(row.seq, static_cast<int>(to.state), to.crashes, to.due_at, of(settlement.error, &TaskError::code),
             of(settlement.error, &TaskError::message), of(settlement.error, &TaskError::crash),
             cpu(settlement.resources), rss(settlement.resources), or_null(settlement.progress));
}

bool Tasks::recover(TaskRow& row, WallTime now) {
  if (!flowrra::recover(row.standing, now)) return false;
  if (is_final(row.standing.state)) {
    end_waiting(row, State::running, now);
    return true;
  }
  write_wait(row, {});
  lanes_.moved(row.lane, State::running, State::pending);
  return true;
}

// Writes the end of a task that no settlement ended: its standing has moved from `from` already.
void Tasks::end_waiting(TaskRow& row, State from, WallTime now) {
  const TaskError why = why_ended(row.standing);
  end_waiting_.run(row.seq, static_cast<int>(row.standing.state), now, why.code, why.message);
  lanes_.moved(row.lane, from, row.standing.state);
}

CancelOutcome Tasks::cancel(TaskRow& row, WallTime now) {
  const State from = row.standing.state;
  const CancelOutcome outcome = flowrra::cancel(row.standing, now);
  if (outcome == CancelOutcome::cancelled) end_waiting(row, from, now);
  if (outcome == CancelOutcome::requested) ask_to_end_.run(row.seq);
  return outcome;
}

bool Tasks::replay(TaskRow& row, const TaskRecord& record) {
  const State from = row.standing.state;
  if (!flowrra::replay(row.standing)) return false;
  const std::string options = to_json(record.options);
  replay_.run(row.seq, record.args, or_null(options), stored(record.tags));
  if (!record.log.empty() && logs_.read(row.seq).empty()) logs_.append(row.seq, record.log);
  lanes_.moved(row.lane, from, State::pending);
  return true;
}

bool Tasks::fail(TaskRow& row, const TaskError& error, WallTime now) {
  if (!flowrra::fail(row.standing, now)) return false;
  Settlement settlement;
  settlement.error = error;
  write_finish(row, settlement, true);
  lanes_.moved(row.lane, State::running, State::failed);
  return true;
}

void Tasks::set_progress(const TaskRow& row, const std::string& progress) { progress_.run(row.seq, or_null(progress)); }

void Tasks::remove(std::int64_t seq, LaneId lane, State state) {
  remove_.run(seq);
  logs_.remove(seq);
  lanes_.left(lane, state);
}

int Tasks::promote_due(WallTime now, int limit) {
  std::vector<TaskRow> due = rows_.due(now, limit);
  for (TaskRow& row : due) {
    const State from = row.standing.state;
    if (!flowrra::promote(row.standing)) continue;
    promote_.run(row.seq);
    lanes_.moved(row.lane, from, State::pending);
  }
  return static_cast<int>(due.size());
}

int Tasks::expire_due(WallTime now, int limit) {
  int count = 0;
  for (TaskRow& row : rows_.expiring(now, limit)) {
    const State from = row.standing.state;
    if (!flowrra::expire(row.standing, now)) continue;
    end_waiting(row, from, now);
    ++count;
  }
  return count;
}

}  // namespace flowrra::sqlite
