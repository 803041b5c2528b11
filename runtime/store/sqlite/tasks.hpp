#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "store/sqlite/lanes.hpp"
#include "store/sqlite/statement.hpp"
#include "store/sqlite/task_logs.hpp"
#include "store/sqlite/task_rows.hpp"

namespace flowrra::sqlite {

// The changes of the task table. Each goes through the rules of Standing, keeps the lanes' counts, and returns false,
// having changed nothing, where the rules forbid it. Called within a write transaction.
class Tasks {
 public:
  Tasks(Connection& connection, Lanes& lanes, TaskRows& rows, TaskLogs& logs);

  void prepare_to_add() { add_.prepare_early(); }
  bool add(const NewTask& task, WallTime now);  // false when the id is known
  // kTogether at once, which costs two thirds. False when an id is known, or there twice: none is added then.
  static constexpr std::size_t kTogether = 32;
  bool add_together(std::span<const NewTask, kTogether> tasks, WallTime now);
  void add_finished(const TaskRecord& record);
  bool lease(TaskRow& row, std::int64_t session, const std::string& node, WallTime now);
  bool settle(TaskRow& row, const Settlement& settlement, bool keep_results, WallTime now);
  // What settle() does with a success whose outcome is kept, checking the lease as it writes: a row need not be read
  // before. False where the lease is not the current one; nothing is changed then.
  bool succeed(const Place& place, std::int64_t session, const Settlement& settlement, WallTime now);
  bool recover(TaskRow& row, WallTime now);
  CancelOutcome cancel(TaskRow& row, WallTime now);
  // `record` says what a tombstone has forgotten.
  bool replay(TaskRow& row, const TaskRecord& record);
  bool fail(TaskRow& row, const TaskError& error, WallTime now);
  void set_progress(const TaskRow& row, const std::string& progress);
  void remove(std::int64_t seq, LaneId lane, State state);

  // Makes up to `limit` tasks pending whose time has come.
  int promote_due(WallTime now, int limit);

  // Ends up to `limit` tasks that have not begun in time.
  int expire_due(WallTime now, int limit);

 private:
  void change_lane(TaskRow& row, const std::string& version);
  void end_waiting(TaskRow& row, State from, WallTime now);
  void write_finish(const TaskRow& row, const Settlement& settlement, bool keep_results);
  void write_wait(const TaskRow& row, const Settlement& settlement);

  Lanes& lanes_;
  TaskRows& rows_;
  TaskLogs& logs_;
  Statement add_, add_together_, add_finished_, lease_, succeed_, finish_, bury_, retry_, give_back_, end_waiting_,
      ask_to_end_, replay_, progress_, change_lane_, remove_, promote_;
};

}  // namespace flowrra::sqlite
