#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace flowrra::bench {

// A database that others write meanwhile, open to be read.
class OpenDatabase {
 public:
  explicit OpenDatabase(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK) std::abort();
    sqlite3_db_config(db_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_busy_timeout(db_, 5000);
  }
  OpenDatabase(const OpenDatabase&) = delete;
  OpenDatabase& operator=(const OpenDatabase&) = delete;
  ~OpenDatabase() { sqlite3_close(db_); }

  // The number that the query says.
  [[nodiscard]] std::int64_t query(const char* sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr) != SQLITE_OK) std::abort();
    if (sqlite3_step(statement) != SQLITE_ROW) std::abort();
    const std::int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }

 private:
  sqlite3* db_ = nullptr;
};

inline std::int64_t query(const std::string& path, const char* sql) { return OpenDatabase(path).query(sql); }

}  // namespace flowrra::bench
