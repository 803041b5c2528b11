#include "store/sqlite/task_logs.hpp"

#include "task/log_lines.hpp"

namespace flowrra::sqlite {

std::string TaskLogs::read(std::int64_t task) {
  Rows rows = read_.query(task);
  return rows.next() ? rows.text(0) : std::string();
}

void TaskLogs::append(std::int64_t task, const std::string& lines) {
  write_.run(task, appended_log(read(task), lines));
}

}  // namespace flowrra::sqlite
