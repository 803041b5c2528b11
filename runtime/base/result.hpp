#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace flowrra {

// What kind of failure it was. The names are stable: they are printed with `-o json` and stored with results.
enum class Code {
  internal,       // a bug of ours, or a system call that should not fail
  usage,          // the command line makes no sense
  config,         // the configuration is wrong
  not_found,      // no such task id, task name, file
  invalid,        // arguments that do not fit the task's schema, or a name outside the alphabet
  too_large,      // over a byte, depth or count limit
  queue_full,     // the queue's bound is reached
  duplicate,      // the id is taken by another task
  stale,          // the lease or session is no longer the current one
  busy,           // the store is locked by others for too long
  unreachable,    // the store cannot be opened or answers no more
  corrupt,        // the store's content is damaged
  newer_version,  // the store was written by a newer Flowrra
  denied,         // permission refused
  timed_out,      // a wait ended before its event
  task_failed,    // the task ended as failed
  cancelled,      // the task ended as cancelled or expired
  interrupted,    // the user stopped waiting
};

// The stable name of a code, for example "queue_full".
std::string_view name(Code code);

// An expected failure: what happened, and what to do about it.
struct Error {
  Code code = Code::internal;
  std::string message;
  std::string hint;  // one sentence on what to do; may be empty

  // The same error with what was being done in front: `error.in("take")` reads "take: …".
  [[nodiscard]] Error in(std::string_view context) const;
};

// A value, or the error that stood in its way.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return state_.index() == 0; }
  [[nodiscard]] bool ok() const { return state_.index() == 0; }

  // Only when ok().
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }

  // Only when not ok().
  [[nodiscard]] const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Success without a value, or an error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return !error_; }
  [[nodiscard]] bool ok() const { return !error_; }
  [[nodiscard]] const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

// The message for an errno value, for example "No such file or directory". [any thread]
std::string errno_text(int error_number);

}  // namespace flowrra
