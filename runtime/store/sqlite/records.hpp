#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/broker.hpp"
#include "store/sqlite/lanes.hpp"
#include "store/sqlite/statement.hpp"
#include "store/sqlite/task_logs.hpp"

namespace flowrra::sqlite {

// The columns of `task` that a Record is read from, in its order: those that count for a task that is to be run, then
// the rest.
#define FLOWRRA_CLAIM_COLUMNS                                                                           \
  "seq, id, lane, priority, attempt, attempts_before, crashes, refunds, suspect, lease, submitted_at, " \
  "expires_at, kind, options, tags, args"
#define FLOWRRA_RECORD_COLUMNS                                                                               \
  FLOWRRA_CLAIM_COLUMNS                                                                                      \
  ", state, due_at, started_at, finished_at, cpu_s, max_rss, node, error_code, error_message, error_crash, " \
  "progress, result, cancel"  // and the log, where one task is looked for

// One row of `task`.
struct Record {
  std::int64_t seq = 0;
  LaneId lane = 0;
  int refunds = 0;
  bool suspect = false;
  std::uint64_t lease = 0;
  TaskRecord task;
  std::string damage;  // what of it cannot be understood (state, kind, options, tags); empty when all can
};

Record read_record(const Rows& rows, Lanes& lanes);

// From a pending row, read as FLOWRRA_CLAIM_COLUMNS, into a new Record: what its earlier attempts left stays unread.
void read_claim(const Rows& rows, Lanes& lanes, Record& out);

// What `role` shows: a broker all rows, a backend the finished tasks whose outcome it keeps.
enum class Shown { all, outcomes };

// Reads rows for people. list() is called within a transaction.
class Records {
 public:
  Records(Connection& connection, Lanes& lanes);
  std::optional<TaskRecord> find(const TaskId& id, Shown shown);
  std::vector<TaskRecord> list(const ListQuery& query, Shown shown);

 private:
  std::string source(const std::vector<State>& states, const ListQuery& query);

  Connection& connection_;
  Lanes& lanes_;
  Statement find_;
};

}  // namespace flowrra::sqlite
