#pragma once

#include <cstdint>
#include <string>

#include "store/sqlite/statement.hpp"

namespace flowrra::sqlite {

// What tasks have logged, by the key of their row. Called within a transaction.
class TaskLogs {
 public:
  explicit TaskLogs(Connection& connection)
      : read_(connection, "SELECT lines FROM log WHERE task = ?1"),
        write_(connection, "INSERT INTO log (task, lines) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET lines = ?2"),
        remove_(connection, "DELETE FROM log WHERE task = ?1") {}

  std::string read(std::int64_t task);
  void append(std::int64_t task, const std::string& lines);
  void remove(std::int64_t task) { remove_.run(task); }

 private:
  Statement read_, write_, remove_;
};

}  // namespace flowrra::sqlite
