#pragma once

// What a task throws to say how it failed. Any other exception means: failed, try again while attempts are left.

#include <chrono>
#include <exception>
#include <stdexcept>
#include <string>

namespace flowrra::inline sdk {

// Trying again would not help: the task fails at once.
class Permanent : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Try again, but not before `delay` has passed. Counts as an attempt.
class RetryAfter : public std::runtime_error {
 public:
  template <class Rep, class Period>
  explicit RetryAfter(std::chrono::duration<Rep, Period> delay, const std::string& message = "asked to run again later")
      : std::runtime_error(message), delay_(std::chrono::ceil<std::chrono::milliseconds>(delay)) {
    if (delay_.count() < 0) delay_ = delay_.zero();
  }

  [[nodiscard]] std::chrono::milliseconds delay() const noexcept { return delay_; }

 private:
  std::chrono::milliseconds delay_;
};

// with_timeout(): the work took longer than it was given. The task may catch it, or fail by it and be tried again.
class TimedOut : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The task stopped because it was cancelled or its deadline passed. Thrown by awaits and by throw_if_cancelled(); let
// it pass through.
class Cancelled : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

}  // namespace flowrra::inline sdk
