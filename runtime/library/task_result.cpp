#include <flowrra/library/task_result.hpp>

#include "base/log.hpp"
#include "library/record.hpp"
#include "task/log_lines.hpp"
#include "task/state.hpp"

namespace flowrra::library {
namespace {

static_assert(static_cast<int>(TaskState::scheduled) == static_cast<int>(State::scheduled));
static_assert(static_cast<int>(TaskState::success) == static_cast<int>(State::success));
static_assert(static_cast<int>(TaskState::expired) == static_cast<int>(State::expired));

TaskResult::Time time_of(WallTime time) { return TaskResult::Time(std::chrono::microseconds(to_micros(time))); }

std::optional<TaskResult::Time> time_of(const std::optional<WallTime>& time) {
  return time ? std::optional(time_of(*time)) : std::nullopt;
}

}  // namespace

std::string_view to_string(TaskState state) { return flowrra::name(static_cast<State>(state)); }

std::string_view to_string(Kind kind) { return kind == Kind::io ? "io" : "cpu"; }

TaskResult result_of(TaskRecord record) {
  TaskResult result;
  result.id = std::move(record.id);
  result.task = std::move(record.name);
  if (record.kind) result.kind = *record.kind == flowrra::Kind::io ? Kind::io : Kind::cpu;
  result.queue = std::move(record.queue);
  result.priority = record.priority;
  result.state = static_cast<TaskState>(record.state);
  result.attempt = record.attempt;
  result.crashes = record.crashes;
  result.submitted_at = time_of(record.submitted_at);
  result.started_at = time_of(record.started_at);
  result.finished_at = time_of(record.finished_at);
  result.result = std::move(record.result);
  if (record.error) {
    result.error_code = std::move(record.error->code);
    result.error_message = std::move(record.error->message);
    result.crash = std::move(record.error->crash);
  }
  result.progress = std::move(record.progress);
  result.node = std::move(record.node);
  if (record.resources) {
    result.cpu_seconds = record.resources->cpu_s;
    result.max_rss = record.resources->max_rss;
  }
  result.tags = std::move(record.tags);
  for (flowrra::LogLine& line : parse_log(record.log).lines) {
    result.log.push_back({time_of(line.at), line.attempt, std::move(line.level), std::move(line.message)});
  }
  return result;
}

void TaskResult::require_success() const {
  if (ok()) return;
  const std::string what = "task " + id + " (" + task + ") is " + std::string(to_string(state));
  const bool gone = state == TaskState::cancelled || state == TaskState::expired;
  throw TaskFailedError(gone ? "cancelled" : "task_failed",
                        error_message.empty() ? what : what + ": " + log::escaped(error_message));
}

Json TaskResult::json() const {
  require_success();
  if (result.empty()) return nullptr;
  Json value = Json::parse(result, nullptr, false);
  if (value.is_discarded()) throw StoreError("corrupt", "the result of task " + id + " is no JSON");
  return value;
}

TypeError TaskResult::not_that_type(std::string_view reason) const {
  constexpr std::string_view kPlace = "arguments: ";  // what the SDK calls the whole value
  if (reason.starts_with(kPlace)) reason.remove_prefix(kPlace.size());
  return {"invalid", "the result of task " + id + " (" + task + ") is not what was asked for: " + std::string(reason)};
}

}  // namespace flowrra::library
