#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite/lanes.hpp"
#include "store/sqlite/statement.hpp"
#include "store/standing.hpp"

namespace flowrra::sqlite {

// What a change of a task must know about its row.
struct TaskRow {
  std::int64_t seq = 0;
  TaskId id;
  LaneId lane = 0;
  Standing standing;
  std::optional<std::int64_t> session;  // key of the session that runs it
};

// Where a leased task stands, as Lease::row has it: its row and its lane, neither of which changes while it runs.
struct Place {
  std::int64_t seq = 0;
  LaneId lane = 0;
};
std::int64_t to_lease_row(const Place& place);  // 0 where the numbers are too large
std::optional<Place> from_lease_row(std::int64_t row);

// A row read as "seq, lane, state" only.
TaskRow stub_row(const Rows& rows);

// Reads what changes of tasks must know; a row whose state cannot be understood is none. Called within a transaction.
class TaskRows {
 public:
  explicit TaskRows(Connection& connection);

  std::optional<TaskRow> find(std::int64_t seq);
  std::optional<TaskRow> find(const TaskId& id);
  bool exists(const TaskId& id);

  // Up to `limit` tasks whose time has come, as stubs.
  std::vector<TaskRow> due(WallTime now, int limit);

  // Up to `limit` tasks that have not begun in time.
  std::vector<TaskRow> expiring(WallTime now, int limit);

  // What is to come: when the time of the first task comes, when the first one will not have begun in time, and whether
  // there is any that shall stop.
  struct Ahead {
    std::optional<WallTime> due, expiry;
    bool cancel = false;
  };
  Ahead ahead();

  // What the session runs; without a key: what names no session.
  std::vector<std::int64_t> running_of(std::optional<std::int64_t> session);

  // What the session runs and shall stop.
  std::vector<TaskId> to_cancel(std::int64_t session);

 private:
  Connection& connection_;
  Statement by_seq_, by_id_, exists_, due_, expiring_, ahead_, to_cancel_, running_of_;
};

}  // namespace flowrra::sqlite
