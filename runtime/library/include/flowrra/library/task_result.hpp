#pragma once

// What is known about a task.

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "flowrra/decode.hpp"
#include "flowrra/library/errors.hpp"

namespace flowrra::library {

using Json = nlohmann::json;

// Where a task runs: io tasks many at a time in one process, cpu tasks alone in a process each.
enum class Kind : std::uint8_t { io, cpu };

enum class TaskState : std::uint8_t { scheduled, pending, running, retrying, success, failed, cancelled, expired };

// "pending", "running", …: the names that the command line and the store use.
std::string_view to_string(TaskState state);
std::string_view to_string(Kind kind);

// One task as the store knew it at one moment; a plain copy that nobody changes. Times are the wall clock's.
struct TaskResult {
  using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

  // What it logged or printed.
  struct LogLine {
    Time at;
    int attempt = 0;
    std::string level;  // "debug", "info", "warning", "error"; "output": it was printed
    std::string message;
  };

  std::string id;
  std::string task;          // its name
  std::optional<Kind> kind;  // unknown of a task that was queued unchecked
  std::string queue;
  int priority = 0;  // lower runs first
  TaskState state = TaskState::pending;
  int attempt = 0;  // the one that runs or ran last; 0 before the first
  int crashes = 0;  // of hosts, through this task

  Time submitted_at;
  std::optional<Time> started_at;
  std::optional<Time> finished_at;

  std::string result;         // JSON text of a success; else empty
  std::string error_code;     // why it, or its last attempt, did not succeed: "error", "crash", "timeout", …
  std::string error_message;  // what the task said; both are empty where nothing went wrong
  std::string crash;          // JSON text about a crash: signal, exit code; else empty
  std::string progress;       // JSON text {"done", "total", "note"}; empty when none was told

  std::string node;           // the machine that ran it
  double cpu_seconds = 0;     // of the last attempt of a cpu task
  std::uint64_t max_rss = 0;  // bytes, peak of its host; 0 where it cannot be attributed
  std::vector<std::string> tags;
  std::vector<LogLine> log;  // the last lines, oldest first

  // True once nothing will change any more: success, failed, cancelled, expired.
  [[nodiscard]] bool finished() const { return state >= TaskState::success; }
  [[nodiscard]] bool ok() const { return state == TaskState::success; }

  // Throws TaskFailedError, with what the task said, unless it is a success.
  void require_success() const;

  // The value that the task returned; null for a task that returns nothing. TaskFailedError unless it is a success.
  [[nodiscard]] Json json() const;

  // The same as a T: what a task's function can take as an argument can be read here. TypeError where it does not fit.
  template <class T>
  [[nodiscard]] T value() const {
    static_assert(sdk::detail::decodable<T>(), "flowrra: this type cannot be read from JSON");
    try {
      return sdk::detail::decode<T>(json(), {});
    } catch (const sdk::Permanent& e) {
      throw not_that_type(e.what());
    }
  }

 private:
  [[nodiscard]] TypeError not_that_type(std::string_view reason) const;
};

}  // namespace flowrra::library
