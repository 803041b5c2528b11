#pragma once

#include "store/sqlite/connection.hpp"
#include "store/sqlite/lanes.hpp"
#include "store/sqlite/records.hpp"
#include "store/sqlite/sessions.hpp"
#include "store/sqlite/stale.hpp"
#include "store/sqlite/tasks.hpp"

namespace flowrra::sqlite {

// What the three roles of one open store share.
struct Engine {
  explicit Engine(std::unique_ptr<Connection> opened)
      : connection(std::move(opened)),
        lanes(*connection),
        sessions(*connection),
        stale(*connection),
        rows(*connection),
        logs(*connection),
        tasks(*connection, lanes, rows, logs),
        records(*connection, lanes) {}

  [[nodiscard]] const Clock& clock() const { return connection->clock(); }

  std::unique_ptr<Connection> connection;  // declared first: the others' statements end before it
  Lanes lanes;
  Sessions sessions;
  Stale stale;
  TaskRows rows;
  TaskLogs logs;
  Tasks tasks;
  Records records;
};

// A write transaction that may change tasks: it writes the lanes' counts with them.
class TaskWrite {
 public:
  explicit TaskWrite(Engine& engine) : engine_(engine), transaction_(*engine.connection) {}
  TaskWrite(Engine& engine, ReadTransaction& moment) : engine_(engine), transaction_(moment) {}
  TaskWrite(const TaskWrite&) = delete;
  TaskWrite& operator=(const TaskWrite&) = delete;
  ~TaskWrite() {
    if (!committed_) engine_.lanes.forget();
  }

  [[nodiscard]] const Status& begun() const { return transaction_.begun(); }
  [[nodiscard]] bool same_moment() const { return transaction_.same_moment(); }
  Status commit(const CommitEffects& effects) {
    engine_.lanes.flush();
    auto status = transaction_.commit(effects);
    committed_ = status.ok();
    return status;
  }

 private:
  Engine& engine_;
  WriteTransaction transaction_;
  bool committed_ = false;
};

}  // namespace flowrra::sqlite
