#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "task/options.hpp"
#include "task/state.hpp"

namespace flowrra {

using TaskId = std::string;     // within the name alphabet; a ULID unless the submitter chose one
using SessionId = std::string;  // 15 characters, 26 of older nodes

enum class Kind : std::uint8_t { io = 1, cpu = 2 };

std::string_view name(Kind kind);
std::optional<Kind> parse_kind(std::string_view text);

// True for names of tasks and queues, and for ids: [A-Za-z0-9._-]{1,128}.
bool valid_name(std::string_view text);

// What a submitter hands to a broker.
struct NewTask {
  TaskId id;
  std::string name;
  std::optional<Kind> kind;  // unknown when nobody checked the task
  std::string queue = "default";
  int priority = 0;  // lower runs first
  std::string args;  // JSON bytes: an object by argument name, or an array by position
  TaskOptions options;
  std::optional<Micros> delay;    // not before now + delay, on the store's clock …
  std::optional<WallTime> at;     // … or not before this wall time; at most one of the two
  std::optional<Micros> expires;  // an attempt that has not begun so long after the submission never does
  std::vector<std::string> tags;
};

// Why a task, or its last attempt, did not succeed.
struct TaskError {
  std::string code;     // stable: "error", "permanent", "crash", "timeout", "lost", "cancelled", "too_large", …
  std::string message;  // what the task said, or what happened to it
  std::string crash;    // a JSON object about the crash (signal, exit_code); empty when it was none

  bool operator==(const TaskError&) const = default;
};

// What an attempt cost.
struct Resources {
  double cpu_s = 0;           // user and system time of a cpu task's attempt, to about 0.1 ms
  std::uint64_t max_rss = 0;  // bytes, peak of the host while it ran; 0 where it cannot be attributed

  bool operator==(const Resources&) const = default;
};

// Everything known about a task at one moment.
struct TaskRecord {
  TaskId id;
  std::string name;
  std::optional<Kind> kind;
  std::string queue;
  int priority = 0;
  State state = State::pending;
  int attempt = 0;          // the attempt that runs or ran last; 0 before the first
  int attempts_before = 0;  // attempts of its lives before it was replayed: they do not count against max_retries
  int crashes = 0;
  bool cancel_requested = false;  // it runs, and its node is told to stop it
  std::string args;
  TaskOptions options;
  WallTime submitted_at;
  std::optional<WallTime> due_at;  // of a scheduled or retrying task
  std::optional<WallTime> expires_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  std::string result;  // JSON bytes; empty unless success
  std::optional<TaskError> error;
  std::string progress;  // JSON: {"done":…,"total":…,"note":…}; empty when none was reported
  std::string node;
  std::optional<Resources> resources;
  std::vector<std::string> tags;
  std::string log;  // what it logged and printed, as task/log_lines.hpp; only where one task is asked for
};

// The right to run one attempt while its session lives. Only a Broker makes leases.
struct Lease {
  TaskId task;
  SessionId session;
  std::uint64_t counter = 0;  // grows with each lease of the task: a stale holder is told from the current one
  std::int64_t row = 0;       // a shortcut of the driver that made the lease; nobody else reads it
};

// A task as a node takes it: its attempt is already counted.
struct LeasedTask {
  Lease lease;
  TaskRecord task;
  int refunds = 0;       // attempts given back because a host died through another task
  bool suspect = false;  // in flight when a host died and nobody could be blamed: run it alone
};

}  // namespace flowrra
