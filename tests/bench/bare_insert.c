/* The least that a program must do to queue a task durably in SQLite: open the store, insert one row, commit, sync.
   A WAL of a MiB is checkpointed: who opens it alone reads all of it.
   usage: bare_insert DATABASE */

#include <sqlite3.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static int run(sqlite3* db, const char* sql) { return sqlite3_exec(db, sql, NULL, NULL, NULL); }

int main(int argc, char** argv) {
  sqlite3* db = NULL;
  char sql[400];
  struct timespec now;
  if (argc != 2 || sqlite3_open(argv[1], &db) != SQLITE_OK) return 1;
  sqlite3_busy_timeout(db, 5000);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  if (run(db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 256") != SQLITE_OK) return 1;
  clock_gettime(CLOCK_REALTIME, &now);
  snprintf(sql, sizeof sql,
           "BEGIN IMMEDIATE; INSERT INTO task (id, lane, state, priority, attempt, lease, submitted_at, args)"
           " VALUES ('%lld.%ld.%ld', 1, 1, 0, 0, 0, 1, '[1, 2]'); COMMIT",
           (long long)now.tv_sec, now.tv_nsec, (long)getpid());
  if (run(db, sql) != SQLITE_OK) return 1;
  sqlite3_close(db);
  return 0;
}
