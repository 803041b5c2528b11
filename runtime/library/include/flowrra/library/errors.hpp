#pragma once

// What the library throws. Every error has a stable code, a message and, mostly, a hint on what to do.

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace flowrra::library {

// The base of all of them. what() is the message followed by the hint.
class FlowrraError : public std::runtime_error {
 public:
  FlowrraError(std::string code, const std::string& message, const std::string& hint = {})
      : std::runtime_error(hint.empty() ? message : message + " (" + hint + ")"),
        parts_(std::make_shared<const Parts>(Parts{std::move(code), message, hint})) {}

  // The code that `flowrra … -o json` prints for the same error: "config", "not_found", "queue_full", …
  [[nodiscard]] const std::string& code() const noexcept { return parts_->code; }
  [[nodiscard]] const std::string& message() const noexcept { return parts_->message; }
  // One sentence on what to do; may be empty.
  [[nodiscard]] const std::string& hint() const noexcept { return parts_->hint; }

 private:
  struct Parts {
    std::string code;
    std::string message;
    std::string hint;
  };
  std::shared_ptr<const Parts> parts_;  // shared: copying an exception must not throw
};

// The configuration is wrong: an unknown key, a value out of its range, a file that cannot be read, a CpuExecutor
// without a backend of its own.
class ConfigError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// No task of that name is registered.
class TaskNotFoundError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// A task of the wrong kind: an io task given to a CpuExecutor, a cpu task to an IoExecutor, a coroutine registered as a
// cpu task. Also a result read as a type that it is not.
class TypeError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// The executor was not started, or was stopped.
class ExecutorNotRunningError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// This program cannot serve as its own host: main() does not begin with run_host_if_asked(), or registers other tasks
// there than here.
class HostError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// The arguments do not fit the task's schema, are too large, or a name is outside of its alphabet.
class ArgumentsError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// The queue holds as many waiting tasks as max_queue_size allows.
class QueueFullError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// The id that a submitter chose belongs to another task.
class DuplicateError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// No task has that id, or no longer.
class UnknownIdError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// A wait ended before its event.
class TimeoutError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// The value of a task was asked for that ended without one: it failed, was cancelled or expired.
class TaskFailedError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

// The store cannot be used: locked for too long, unreachable, damaged, written by a newer Flowrra, denied.
class StoreError : public FlowrraError {
  using FlowrraError::FlowrraError;
};

}  // namespace flowrra::library
