#pragma once

#include <cstdint>
#include <optional>
#include <string>

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
  bool recover(TaskRow& row);
  bool cancel(TaskRow& row, WallTime now);
  bool fail(TaskRow& row, const TaskError& error, WallTime now);
  void set_progress(const TaskRow& row, const std::string& progress);
  void remove(std::int64_t seq, LaneId lane, State state);

  // Makes up to `limit` tasks pending whose time has come.
  int promote_due(WallTime now, int limit);
  std::optional<WallTime> first_due();

 private:
  static std::optional<TaskRow> read(Rows&& rows);
  void write_finish(const TaskRow& row, const Settlement& settlement, bool keep_results);
  void write_wait(const TaskRow& row, const Settlement& settlement);

  Lanes& lanes_;
  Statement by_seq_, by_id_, exists_, add_, add_finished_, lease_, finish_, bury_, retry_, give_back_, cancel_,
      progress_, remove_, due_, promote_, first_due_;
};

}  // namespace flowrra::sqlite
