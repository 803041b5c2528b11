#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/bell.hpp"
#include "store/sqlite/file_lock.hpp"
#include "store/sqlite/files.hpp"
#include "store/sqlite/shared_sync.hpp"
#include "store/sqlite/statement.hpp"
#include "store/store.hpp"

struct sqlite3;
struct sqlite3_file;

namespace flowrra::sqlite {

// Of a store that is made, in bytes. A commit writes and syncs its pages whole, four for a single task: it is quicker
// with smaller ones, and batches are as quick as with SQLite's 4096.
constexpr int kPageSize = 2048;

// One connection to the database with the rules that make it shared and durable:
// - every write transaction and every checkpoint happens under flock on PATH.lock. (SQLite 3.40 has a race between a
//   checkpoint and a commit; and a lock that is waited for outside SQLite does not burn its busy handler.)
// - SQLite never checkpoints by itself. Whoever commits and finds the WAL over kWalLimit checkpoints; whoever opens a
//   store alone, at its first commit, and much sooner.
// - with Durability::full the WAL is synced after the lock is released and before the caller is answered; writers that
//   commit at the same time share a sync.
//
// The first failure inside a transaction is kept; until the transaction ends, statements do nothing. So a transaction
// is written straight on, and its end tells whether all of it happened.
//
// After a failed sync the connection writes nothing until it has mended the store: the system may have dropped frames
// of the WAL that it still shows, and a second sync would not bring them back but succeed.
class Connection {
 public:
  static Result<std::unique_ptr<Connection>> open(const Files& files, const StoreOptions& options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  sqlite3* handle() { return handle_; }
  const Clock& clock() { return clock_; }
  [[nodiscard]] const Files& files() const { return files_; }
  [[nodiscard]] Durability durability() const { return durability_; }
  Bell& work_bell() { return work_; }        // PATH.wake
  Bell& outcome_bell() { return outcome_; }  // PATH.done

  // Keeps the error for this result code of SQLite unless there is one already.
  void fail(int code);
  [[nodiscard]] bool failed() const { return error_.has_value(); }

  // Ends a run of statements outside of a transaction: success, or the error that was kept.
  Status take_status();

  void run(const char* sql);

  // Code::corrupt when the database's path no longer leads to the file that is open: what is written here, nobody
  // reads.
  Status in_place() const;

  // Whether what is written goes to a WAL. After the first statement.
  [[nodiscard]] bool has_wal() const { return wal() != nullptr; }

  // The store's lock without a transaction, until the result goes out of scope.
  struct Release {
    void operator()(FileLock* lock) const { lock->unlock(); }
  };
  Result<std::unique_ptr<FileLock, Release>> hold_lock();

 private:
  friend class WriteTransaction;
  friend class ReadTransaction;
  Connection(const Files& files, const StoreOptions& options);
  Status connect();
  Status begin_write();
  Status go_on_writing(bool& same_moment);
  Status begin_immediate();
  [[nodiscard]] std::optional<int> due_checkpoint();
  void checkpoint(int mode);
  [[nodiscard]] sqlite3_file* wal() const;  // null: there is none
  void sync_wal();
  Status mend();
  void rollback();
  Error explain(int code) const;

  Files files_;
  const Clock& clock_;
  Durability durability_;
  Micros busy_timeout_;
  sqlite3* handle_ = nullptr;
  std::uint64_t device_ = 0;  // with inode_: the open file
  std::uint64_t inode_ = 0;
  FileLock lock_;
  SharedSync shared_sync_;
  Bell work_;
  Bell outcome_;
  std::optional<Error> error_;     // of the current transaction
  std::optional<Error> unsynced_;  // the sync that failed, until the store is mended
  bool committed_ = false;
  int wal_frames_ = 0;       // after the last commit
  int next_checkpoint_ = 0;  // wal_frames_ at which to try the next one
  Statement begin_, begin_immediate_, write_nothing_, commit_, rollback_;
};

// What the end of a write means for others.
struct CommitEffects {
  bool durable = false;   // the caller acknowledges it to somebody: sync
  bool work = false;      // tasks were queued, or one is due earlier than was known
  bool outcomes = false;  // tasks finished
};

// One moment of the store for several reads. Takes no lock.
class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection) : connection_(connection) { connection_.begin_.run(); }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;
  ~ReadTransaction();
  Status end();

 private:
  friend class WriteTransaction;
  Connection& connection_;
  bool open_ = true;
};

// Under the lock from its start to its commit; rolled back when it is not committed.
class WriteTransaction {
 public:
  explicit WriteTransaction(Connection& connection) : connection_(connection), begun_(connection.begin_write()) {}
  // Begins where that one ends, in the same moment if nobody has written since.
  explicit WriteTransaction(ReadTransaction& moment);
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction();

  [[nodiscard]] const Status& begun() const { return begun_; }
  // Whether what was read before still holds.
  [[nodiscard]] bool same_moment() const { return same_moment_; }
  Status commit(const CommitEffects& effects);

 private:
  void ring(const CommitEffects& effects);
  Connection& connection_;
  bool same_moment_ = false;  // before begun_, whose making sets it
  Status begun_;
  bool open_ = true;
};

}  // namespace flowrra::sqlite
