#pragma once

#include <sqlite3.h>
#include <unistd.h>

#include <string>

#include "bench.hpp"

namespace flowrra::test {

// The database of a bench's store, as another program gets at it.
class RawDatabase {
 public:
  explicit RawDatabase(const std::string& path) {
    BOOST_REQUIRE_EQUAL(sqlite3_open(path.c_str(), &handle_), SQLITE_OK);
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;
  ~RawDatabase() { sqlite3_close(handle_); }

  void run(const std::string& sql) {
    char* message = nullptr;
    const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &message);
    BOOST_REQUIRE_MESSAGE(code == SQLITE_OK, (message == nullptr ? sql : message));
  }
  // Of the first row and column.
  std::int64_t number(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    BOOST_REQUIRE_EQUAL(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK);
    BOOST_REQUIRE_EQUAL(sqlite3_step(statement), SQLITE_ROW);
    const std::int64_t out = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return out;
  }

 private:
  sqlite3* handle_ = nullptr;
};

inline std::string path_of(const TempDir& folder) { return (folder / "store.db").string(); }

inline Result<std::unique_ptr<Store>> try_open(const std::string& path, Micros busy_timeout = 5s,
                                               Durability durability = Durability::full) {
  StoreOptions options;
  options.url = "sqlite://" + path;
  options.busy_timeout = busy_timeout;
  options.durability = durability;
  return open_store(options);
}

}  // namespace flowrra::test
