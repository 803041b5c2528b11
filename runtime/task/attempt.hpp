#pragma once

#include <optional>
#include <string>

#include "task/retry.hpp"
#include "task/task.hpp"

namespace flowrra {

// How an attempt ended, as its executor saw it.
enum class AttemptEnd : std::uint8_t {
  success,
  failure,    // the task threw, or reported failure
  permanent,  // it failed and forbids retries
  crash,      // its host died through it
  timeout,    // it ran past its deadline
  cancelled,  // somebody asked
  bystander,  // its host died through another task, or has no such task
  suspect,    // its host died and nobody could be blamed
  released,   // not started, or stopped by a drain
};

struct AttemptReport {
  Lease lease;
  AttemptEnd end = AttemptEnd::success;
  std::string result;                 // JSON bytes of a success
  std::optional<TaskError> error;     // of everything but success and released
  std::optional<Micros> retry_after;  // a failed task asked for this delay
  std::optional<Resources> resources;
  std::string version;  // of released: its arguments fit this version of the task (task/spec.hpp), and not the one here
};

// One change of a running task, carried to the broker with its lease. Refused when the lease is stale.
struct Settlement {
  Lease lease;
  State to = State::success;    // success, failed, cancelled, expired, retrying or pending (released)
  Micros delay{0};              // of retrying
  bool refund_attempt = false;  // of pending: the attempt does not count
  bool count_refund = false;    // of pending: one of the task's limited refunds is used
  bool suspect = false;         // of pending: run it alone next time
  bool crashed = false;         // one more crash
  std::string version;  // of pending: only nodes with this version of the task take it from now on; may be empty
  std::string result;   // of success
  std::optional<TaskError> error;
  std::optional<Resources> resources;
  std::string progress;  // JSON, the last that the attempt told; empty: no more than what updates have carried
  std::string log;       // lines that no progress update has carried yet
};

// A task may be given back this often because its host or its node died; then it ends as failed.
inline constexpr int kMaxRefunds = 10;

// Given back so often, a task runs alone: those that kill the hosts around it must not use up its refunds.
inline constexpr int kRefundsBeforeAlone = 3;

// Decides what becomes of the task. `random` is uniform in [0, 1).
Settlement after_attempt(const LeasedTask& leased, const RetryRule& rule, AttemptReport report, double random);

// What follows an attempt that did not succeed, for people: "attempt 2 of 4 in 1.2s", "no attempts left", "handed
// back"; empty where nothing is to be said.
std::string what_follows(const LeasedTask& leased, const RetryRule& rule, AttemptEnd end, const Settlement& settlement);

// Why a task that was given back too often is failed; `why` says what happened to it last.
TaskError lost_too_often(int refunds, const std::string& why);

}  // namespace flowrra
