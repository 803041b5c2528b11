#include "store/sqlite/schema.hpp"

#include <sqlite3.h>

#include <iterator>

#include "base/log.hpp"
#include "store/sqlite/statement.hpp"

namespace flowrra::sqlite {
namespace {

constexpr int kApplicationId = 0x466c6f77;  // "Flow"
constexpr int kVersion = 4;

// task: one row a task from its submission to its removal; the numbers of `state` are those of flowrra::State.
// A row whose `args` are NULL is the tombstone of a task whose outcome another backend keeps. Times are microseconds
// since 1970. The partial indexes are small and each serves one question: the best pending task of a lane, the next
// due one, what a session runs, what finished when, what expires next, what a session shall stop.
//
// log: what a task logged and printed (task/log_lines.hpp), for those that did.
//
// lane: one (queue, task name), with how many of its tasks are in each state. The counts are kept by every change, so
// that bounds and counts are sums over lanes and lanes without pending tasks are never looked into.
//
// session: `deadline` is on the boot clock of the machine start `boot`; `pid` counts within `pid_space`. Reloads that
// were asked for are counted in `reload_asked`; `reload_answered` is the last that the node has dealt with. health:
// what the node told of itself with its last heartbeat (task/health.hpp).
//
// counter: what was refused because its lease or session was no longer the current one, by kind.
constexpr const char* kCreate = R"(
CREATE TABLE task (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  lane INTEGER NOT NULL,
  state INTEGER NOT NULL,
  priority INTEGER NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  crashes INTEGER NOT NULL DEFAULT 0,
  refunds INTEGER NOT NULL DEFAULT 0,
  suspect INTEGER NOT NULL DEFAULT 0,
  cancel INTEGER NOT NULL DEFAULT 0,
  attempts_before INTEGER NOT NULL DEFAULT 0,
  lease INTEGER NOT NULL DEFAULT 0,
  session INTEGER,
  submitted_at INTEGER NOT NULL,
  due_at INTEGER,
  expires_at INTEGER,
  started_at INTEGER,
  finished_at INTEGER,
  kind INTEGER,
  cpu_s REAL,
  max_rss INTEGER,
  node TEXT,
  error_code TEXT,
  error_message TEXT,
  error_crash TEXT,
  options TEXT,
  tags TEXT,
  progress TEXT,
  args TEXT,
  result TEXT
);
CREATE INDEX task_ready ON task (lane, priority) WHERE state = 1;
CREATE INDEX task_due ON task (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX task_running ON task (session) WHERE state = 2;
CREATE INDEX task_finished ON task (state, finished_at) WHERE state >= 4;
CREATE INDEX task_expiry ON task (expires_at) WHERE expires_at IS NOT NULL AND state IN (0, 1, 3);
CREATE INDEX task_cancel ON task (cancel) WHERE cancel = 1;
CREATE TABLE log (task INTEGER PRIMARY KEY, lines TEXT NOT NULL);
CREATE TABLE paused_queue (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE lane (
  id INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  name TEXT NOT NULL,
  scheduled INTEGER NOT NULL DEFAULT 0,
  pending INTEGER NOT NULL DEFAULT 0,
  running INTEGER NOT NULL DEFAULT 0,
  retrying INTEGER NOT NULL DEFAULT 0,
  success INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  cancelled INTEGER NOT NULL DEFAULT 0,
  expired INTEGER NOT NULL DEFAULT 0,
  UNIQUE (queue, name)
);
CREATE TABLE session (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  node TEXT NOT NULL,
  boot TEXT NOT NULL,
  deadline INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  pid_start INTEGER NOT NULL,
  pid_space TEXT NOT NULL,
  tasks TEXT NOT NULL,
  queues TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 1,
  plugins TEXT NOT NULL DEFAULT '[]',
  reload_asked INTEGER NOT NULL DEFAULT 0,
  reload_answered INTEGER NOT NULL DEFAULT 0,
  reload_refused TEXT NOT NULL DEFAULT '',
  health TEXT
);
CREATE TABLE counter (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE catalog (
  name TEXT PRIMARY KEY,
  spec TEXT NOT NULL,
  published_at INTEGER NOT NULL
) WITHOUT ROWID;
)";

// What each version added to the one before it; the first leads from version 1 to 2.
constexpr const char* kMigrations[] = {
    R"(
ALTER TABLE task ADD COLUMN cancel INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN attempts_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE task ADD COLUMN expires_at INTEGER;
CREATE INDEX task_expiry ON task (expires_at) WHERE expires_at IS NOT NULL AND state IN (0, 1, 3);
CREATE INDEX task_cancel ON task (session) WHERE cancel = 1 AND state = 2;
CREATE TABLE log (task INTEGER PRIMARY KEY, lines TEXT NOT NULL);
CREATE TABLE paused_queue (name TEXT PRIMARY KEY) WITHOUT ROWID;
)",
    R"(
ALTER TABLE session ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
ALTER TABLE session ADD COLUMN plugins TEXT NOT NULL DEFAULT '[]';
ALTER TABLE session ADD COLUMN reload_asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN reload_answered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN reload_refused TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN health TEXT;
CREATE TABLE counter (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
)",
    R"(
UPDATE task SET cancel = 0 WHERE cancel = 1 AND state >= 4;
DROP INDEX task_due;
DROP INDEX task_cancel;
CREATE INDEX task_due ON task (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX task_cancel ON task (cancel) WHERE cancel = 1;
)"};
static_assert(std::size(kMigrations) == kVersion - 1);

int pragma(Connection& connection, const char* sql) {
  Statement statement(connection, sql);
  Rows rows = statement.query();
  return rows.next() ? rows.small(0) : 0;
}

struct Stamp {
  int application = 0;
  int version = 0;
  bool empty = false;
};

Result<Stamp> read_stamp(Connection& connection) {
  Stamp stamp;
  stamp.application = pragma(connection, "PRAGMA application_id");
  stamp.version = pragma(connection, "PRAGMA user_version");
  if (stamp.application == 0) stamp.empty = pragma(connection, "SELECT count(*) FROM sqlite_schema") == 0;
  if (auto status = connection.take_status(); !status) return status.error();
  return stamp;
}

Status check(const Stamp& stamp, const std::string& path) {
  if (stamp.application != kApplicationId) {
    return Error{Code::corrupt, path + " is a database of another program", "Choose another path for the store."};
  }
  if (stamp.version > kVersion) {
    return Error{Code::newer_version,
                 path + " was written by a newer Flowrra (version " + std::to_string(stamp.version) +
                     " of the store, " + std::to_string(kVersion) + " is known here)",
                 "Install the newer Flowrra, or choose another path for the store."};
  }
  if (stamp.version < 1) {
    return Error{Code::corrupt, path + " has no version", "Move it away; a new store is made in its place."};
  }
  return {};
}

Status end_with_version(Connection& connection, int version) {
  connection.run(("PRAGMA user_version = " + std::to_string(version)).c_str());
  connection.run("COMMIT");
  auto status = connection.take_status();
  if (!status && sqlite3_get_autocommit(connection.handle()) == 0) connection.run("ROLLBACK");
  return status;
}

Status create(Connection& connection) {
  connection.run(("PRAGMA page_size = " + std::to_string(kPageSize)).c_str());
  connection.run("PRAGMA journal_mode = WAL");
  connection.run("BEGIN IMMEDIATE");
  connection.run(kCreate);
  connection.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  return end_with_version(connection, kVersion);
}

// One transaction: a store is of one version or of the other. Programs of the older version go on working in it.
Status migrate(Connection& connection, int from, const std::string& path) {
  connection.run("BEGIN IMMEDIATE");
  for (int version = from; version < kVersion; ++version) connection.run(kMigrations[version - 1]);
  auto done = end_with_version(connection, kVersion);
  if (done) log::info(path + ": brought from version " + std::to_string(from) + " to " + std::to_string(kVersion));
  return done;
}

}  // namespace

Status prepare_schema(Connection& connection, const Files& files) {
  auto stamp = read_stamp(connection);
  if (!stamp) return stamp.error();
  if (!stamp->empty && stamp->version == kVersion && connection.has_wal()) return check(*stamp, files.database);
  auto alone = connection.hold_lock();
  if (!alone) return alone.error();
  stamp = read_stamp(connection);  // another process may have made it meanwhile
  if (!stamp) return stamp.error();
  if (stamp->empty) return create(connection);
  if (auto usable = check(*stamp, files.database); !usable) return usable;
  connection.run("PRAGMA journal_mode = WAL");  // a copy that VACUUM INTO made has none
  if (stamp->version == kVersion) return connection.take_status();
  return migrate(connection, stamp->version, files.database);
}

Result<bool> is_older(Connection& connection, const Files& files) {
  const auto stamp = read_stamp(connection);
  if (!stamp) return stamp.error();
  if (stamp->empty) return false;
  if (auto usable = check(*stamp, files.database); !usable) return usable.error();
  return stamp->version < kVersion;
}

}  // namespace flowrra::sqlite
