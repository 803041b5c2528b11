#pragma once

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "bench/rates.hpp"

namespace flowrra::bench {

// The same rows and indexes with nothing around them.
class BareSqlite {
 public:
  explicit BareSqlite(const std::string& path) {
    sqlite3_open(path.c_str(), &db_);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 1000;"
        "PRAGMA cache_size = -8000;"
        "CREATE TABLE task (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, lane INT, state INT, priority INT,"
        " attempt INT, lease INT, session INT, submitted_at INT, due_at INT, started_at INT, finished_at INT,"
        " cpu_s REAL, max_rss INT, node TEXT, args TEXT, result TEXT);"
        "CREATE INDEX ready ON task (lane, priority) WHERE state = 1;"
        "CREATE INDEX due ON task (due_at) WHERE due_at IS NOT NULL;"
        "CREATE INDEX running ON task (session) WHERE state = 2;"
        "CREATE INDEX finished ON task (state, finished_at) WHERE state >= 4;");
    insert_ = prepare(
        "INSERT INTO task (id, lane, state, priority, attempt, lease, submitted_at, args)"
        " VALUES (?1, 1, 1, 0, 0, 0, ?2, ?3)");
    pending_ = prepare(
        "SELECT seq, id, attempt, lease, args FROM task WHERE state = 1 AND lane = 1 ORDER BY priority, seq LIMIT ?1");
    claim_ = prepare(
        "UPDATE task SET state = 2, session = 1, attempt = 1, lease = 1, started_at = ?2, node = 'bench' WHERE seq = "
        "?1");
    finish_ = prepare(
        "UPDATE task SET state = 4, session = NULL, finished_at = ?2, result = ?3, cpu_s = 0.2, max_rss = 4096"
        " WHERE seq = ?1 AND state = 2 AND session = 1 AND lease = 1");
  }
  BareSqlite(const BareSqlite&) = delete;
  BareSqlite& operator=(const BareSqlite&) = delete;
  ~BareSqlite() {
    for (auto* statement : {insert_, pending_, claim_, finish_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }

  void push_all(int tasks, int batch) {
    for (int done = 0; done < tasks; done += batch) {
      run("BEGIN IMMEDIATE");
      for (int i = done; i < std::min(done + batch, tasks); ++i) {
        const std::string id = new_ulid(system_clock());
        bind(insert_, 1, id);
        sqlite3_bind_int64(insert_, 2, kNow + i);
        bind(insert_, 3, kArgs);
        step(insert_);
      }
      commit();
    }
  }

  void drain_all(int tasks, int batch) {
    std::vector<Row> held;
    for (int done = 0; done < tasks;) {
      run("BEGIN IMMEDIATE");
      settle(held, done);
      claim(batch, held);
      commit();
    }
  }

  // Queues a task durably, claims it, which need not be durable, and keeps its outcome durably.
  void one_life() {
    push_all(1, 1);
    std::vector<Row> held;
    int done = 0;
    run("BEGIN IMMEDIATE");
    claim(1, held);
    run("COMMIT");
    run("BEGIN IMMEDIATE");
    settle(held, done);
    commit();
  }

 private:
  static constexpr std::int64_t kNow = 1'800'000'000'000'000;
  struct Row {
    std::int64_t seq;
    std::string id, args;
  };

  void settle(const std::vector<Row>& held, int& done) {
    for (const Row& row : held) {
      sqlite3_bind_int64(finish_, 1, row.seq);
      sqlite3_bind_int64(finish_, 2, kNow + done++);
      bind(finish_, 3, row.args);
      step(finish_);
      if (sqlite3_changes(db_) != 1) std::abort();
    }
  }

  void claim(int batch, std::vector<Row>& held) {
    held.clear();
    sqlite3_bind_int(pending_, 1, batch);
    while (sqlite3_step(pending_) == SQLITE_ROW) {
      held.push_back({sqlite3_column_int64(pending_, 0), text(1), text(4)});
    }
    sqlite3_reset(pending_);
    for (const Row& row : held) {
      sqlite3_bind_int64(claim_, 1, row.seq);
      sqlite3_bind_int64(claim_, 2, kNow);
      step(claim_);
    }
  }
  std::string text(int column) { return reinterpret_cast<const char*>(sqlite3_column_text(pending_, column)); }
  void commit() {
    run("COMMIT");
    sqlite3_file* wal = nullptr;
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&wal));
    wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
  }
  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) std::abort();
    return statement;
  }
  static void bind(sqlite3_stmt* statement, int index, const std::string& text) {
    sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  static void step(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) std::abort();
    sqlite3_reset(statement);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt *insert_, *pending_, *claim_, *finish_;
};

}  // namespace flowrra::bench
