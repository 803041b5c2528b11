#include "store/sqlite/task_rows.hpp"

#include <sqlite3.h>

#include "store/sqlite/connection.hpp"

namespace flowrra::sqlite {
namespace {

#define FLOWRRA_ROW                                                                                            \
  "SELECT seq, id, lane, state, attempt, crashes, refunds, suspect, lease, session, cancel, attempts_before, " \
  "expires_at, started_at"                                                                                     \
  " FROM task WHERE "

std::optional<TaskRow> read_row(const Rows& rows) {
  const auto state = rows.integer(3);
  if (state < 0 || state >= std::ssize(kStates)) return std::nullopt;
  TaskRow row;
  row.seq = rows.integer(0);
  row.id = rows.text(1);
  row.lane = rows.integer(2);
  row.standing.state = static_cast<State>(state);
  row.standing.attempt = rows.small(4);
  row.standing.crashes = rows.small(5);
  row.standing.refunds = rows.small(6);
  row.standing.suspect = rows.integer(7) != 0;
  row.standing.counter = static_cast<std::uint64_t>(rows.integer(8));
  if (!rows.is_null(9)) row.session = rows.integer(9);
  row.standing.cancel = rows.integer(10) != 0;
  row.standing.attempts_before = rows.small(11);
  row.standing.expires_at = rows.time(12);
  row.standing.started_at = rows.time(13);
  return row;
}

constexpr int kSeqBits = 40;
constexpr std::int64_t kSeqEnd = std::int64_t{1} << kSeqBits;
constexpr std::int64_t kLaneEnd = std::int64_t{1} << (62 - kSeqBits);

std::optional<TaskRow> read_one(Rows&& rows) { return rows.next() ? read_row(rows) : std::nullopt; }

}  // namespace

std::int64_t to_lease_row(const Place& place) {
  const bool fits = place.seq > 0 && place.seq < kSeqEnd && place.lane > 0 && place.lane < kLaneEnd;
  return fits ? place.lane << kSeqBits | place.seq : 0;
}

std::optional<Place> from_lease_row(std::int64_t row) {
  if (row <= 0) return std::nullopt;
  return Place{row & (kSeqEnd - 1), row >> kSeqBits};
}

TaskRow stub_row(const Rows& rows) {
  TaskRow row;
  row.seq = rows.integer(0);
  row.lane = rows.integer(1);
  row.standing.state = static_cast<State>(rows.small(2));
  return row;
}

TaskRows::TaskRows(Connection& connection)
    : connection_(connection),
      by_seq_(connection, FLOWRRA_ROW "seq = ?1"),
      by_id_(connection, FLOWRRA_ROW "id = ?1"),
      exists_(connection, "SELECT 1 FROM task WHERE id = ?1"),
      due_(connection,
           "SELECT seq, lane, state FROM task INDEXED BY task_due WHERE state IN (0, 3) AND due_at <= ?1"
           " ORDER BY due_at LIMIT ?2"),
      expiring_(connection, FLOWRRA_ROW
                "seq IN (SELECT seq FROM task INDEXED BY task_expiry WHERE expires_at IS NOT NULL"
                " AND state IN (0, 1, 3) AND expires_at <= ?1 ORDER BY expires_at LIMIT ?2)"),
      ahead_(connection,
             "SELECT (SELECT due_at FROM task INDEXED BY task_due WHERE due_at IS NOT NULL AND state IN (0, 3)"
             " ORDER BY due_at LIMIT 1),"
             " (SELECT expires_at FROM task INDEXED BY task_expiry WHERE expires_at IS NOT NULL"
             " AND state IN (0, 1, 3) ORDER BY expires_at LIMIT 1),"
             " EXISTS (SELECT 1 FROM task INDEXED BY task_cancel WHERE cancel = 1)"),
      to_cancel_(connection,
                 "SELECT id FROM task INDEXED BY task_cancel WHERE cancel = 1 AND state = 2 AND session = ?1"),
      running_of_(connection, "SELECT seq FROM task INDEXED BY task_running WHERE state = 2 AND session IS ?1") {}

std::optional<TaskRow> TaskRows::find(std::int64_t seq) { return read_one(by_seq_.query(seq)); }

std::optional<TaskRow> TaskRows::find(const TaskId& id) {
  auto row = read_one(by_id_.query(id));
  if (!row || row->id == id) return row;
  connection_.fail(SQLITE_CORRUPT);  // a damaged index leads to another row
  return std::nullopt;
}

bool TaskRows::exists(const TaskId& id) { return exists_.query(id).next(); }

std::vector<TaskRow> TaskRows::due(WallTime now, int limit) {
  std::vector<TaskRow> out;
  Rows rows = due_.query(now, limit);
  while (rows.next()) out.push_back(stub_row(rows));
  return out;
}

std::vector<TaskRow> TaskRows::expiring(WallTime now, int limit) {
  std::vector<TaskRow> out;
  Rows rows = expiring_.query(now, limit);
  while (rows.next()) {
    if (auto row = read_row(rows)) out.push_back(std::move(*row));
  }
  return out;
}

TaskRows::Ahead TaskRows::ahead() {
  Rows rows = ahead_.query();
  if (!rows.next()) return {};
  return {rows.time(0), rows.time(1), rows.integer(2) != 0};
}

std::vector<std::int64_t> TaskRows::running_of(std::optional<std::int64_t> session) {
  std::vector<std::int64_t> out;
  Rows rows = running_of_.query(session);
  while (rows.next()) out.push_back(rows.integer(0));
  return out;
}

std::vector<TaskId> TaskRows::to_cancel(std::int64_t session) {
  std::vector<TaskId> out;
  Rows rows = to_cancel_.query(session);
  while (rows.next()) out.push_back(rows.text(0));
  return out;
}

}  // namespace flowrra::sqlite
