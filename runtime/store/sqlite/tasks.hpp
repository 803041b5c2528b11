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

// A row read as "seq, lane, state" only.
TaskRow stub_row(const Rows& rows);

// The changes of the task table. Each goes through the rules of Standing, keeps the lanes' counts, and returns false,
// having changed nothing, where the rules forbid it. Called within a write transaction.
class Tasks {
 public:
  Tasks(Connection& connection, Lanes& lanes);

  std::optional<TaskRow> find(std::int64_t seq);
  std::optional<TaskRow> find(const TaskId& id);
  bool exists(const TaskId& id);

  bool add(const NewTask& task, WallTime now);  // false when the id is known
  void add_finished(const TaskRecord& record);
  bool lease(TaskRow& row, std::int64_t session, const std::string& node, WallTime now);
  bool settle(TaskRow& row, const Settlement& settlement, bool keep_results, WallTime now);
  bool recover(TaskRow& row, WallTime now);
  CancelOutcome cancel(TaskRow& row, WallTime now);
  // `record` says what a tombstone has forgotten.
  bool replay(TaskRow& row, const TaskRecord& record);
  bool fail(TaskRow& row, const TaskError& error, WallTime now);
  void set_progress(const TaskRow& row, const std::string& progress);
  void remove(std::int64_t seq, LaneId lane, State state);

  void append_log(std::int64_t seq, const std::string& lines);
  std::string log(std::int64_t seq);

  // Makes up to `limit` tasks pending whose time has come.
  int promote_due(WallTime now, int limit);
  std::optional<WallTime> first_due();

  // What the session runs and shall stop.
  std::vector<TaskId> to_cancel(std::int64_t session);

  // Ends up to `limit` tasks that have not begun in time.
  int expire_due(WallTime now, int limit);
  std::optional<WallTime> first_expiry();

 private:
  void end_waiting(TaskRow& row, State from, WallTime now);
  static std::optional<TaskRow> read(Rows&& rows);
  static std::optional<TaskRow> read_row(const Rows& rows);
  void write_finish(const TaskRow& row, const Settlement& settlement, bool keep_results);
  void write_wait(const TaskRow& row, const Settlement& settlement);

  Lanes& lanes_;
  Statement by_seq_, by_id_, exists_, add_, add_finished_, lease_, finish_, bury_, retry_, give_back_, end_waiting_,
      ask_to_end_, replay_, progress_, log_, set_log_, remove_, remove_log_, due_, promote_, first_due_, expiring_,
      first_expiry_, to_cancel_;
};

}  // namespace flowrra::sqlite
