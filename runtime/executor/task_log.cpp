#include "executor/task_log.hpp"

#include "base/log.hpp"

namespace flowrra {
namespace {

log::Level level_of(std::uint32_t level) {
  switch (level) {
    case 0:
      return log::Level::debug;
    case 1:
      return log::Level::info;
    case 2:
      return log::Level::warning;
    default:
      return log::Level::error;
  }
}

std::string who(const Job& job) { return job.leased.task.name + " " + job.leased.task.id; }

}  // namespace

void log_task(const Job& job, const LogFrame& frame) {
  const log::Level level = level_of(frame.level);
  if (log::enabled(level)) log::write(level, who(job) + ": " + frame.text);
}

void log_output(const std::string& host, const Job* job, std::string_view line) {
  if (!log::enabled(log::Level::info)) return;
  log::info(host + (job != nullptr ? " " + who(*job) : std::string()) + " printed: " + std::string(line));
}

LogLine task_line(const Job& job, const LogFrame& frame, WallTime now) {
  return {now, job.leased.task.attempt, std::string(log::name(level_of(frame.level))), frame.text};
}

LogLine output_line(const Job& job, std::string_view line, WallTime now) {
  return {now, job.leased.task.attempt, "output", std::string(line)};
}

}  // namespace flowrra
