#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "store/broker.hpp"
#include "task/attempt.hpp"
#include "task/task.hpp"

namespace flowrra {

// The part of a stored task that changes through its life, with the rule of each change. Every driver moves its rows
// through these functions and no other way; each returns false, having changed nothing, when the state table forbids
// the change. Who may make a change (the lease and the session's life) is the driver's to check. Pure.
struct Standing {
  State state = State::pending;
  int attempt = 0;
  int crashes = 0;
  int refunds = 0;
  bool suspect = false;
  bool cancel = false;        // it runs and shall end
  int attempts_before = 0;    // see TaskRecord
  std::uint64_t counter = 0;  // of the last lease
  std::optional<WallTime> due_at;
  std::optional<WallTime> started_at;
  std::optional<WallTime> finished_at;
  std::optional<WallTime> expires_at;
};

Standing first_standing(const NewTask& task, WallTime now);

bool lease(Standing& task, WallTime now);                         // pending → running
bool settle(Standing& task, const Settlement& to, WallTime now);  // running → what the settlement says
bool promote(Standing& task);                                     // scheduled, retrying → pending
bool recover(Standing& task, WallTime now);                       // running, its session dead → pending, refunded
bool fail(Standing& task, WallTime now);                          // running → failed: its record cannot be read
bool expire(Standing& task, WallTime now);                        // waiting, past its expiry → expired
bool replay(Standing& task);                                      // failed, cancelled, expired → pending
CancelOutcome cancel(Standing& task, WallTime now);               // waiting → cancelled; running: marked

// A running task that shall end is not given another chance: what settles it in the place of `to`, if anything.
std::optional<Settlement> overruled(const Standing& task, const Settlement& to);

// No delay and no expiry is longer: a thousand years, which is never.
inline constexpr Micros kLongestDelay = std::chrono::hours(24 * 365 * 1000);

// What a task's log says of an attempt that was lost with its node: a stored line.
inline constexpr const char* kLostWords = "lost: its node died, or was paused for longer than its lease";
std::string lost_line(int attempt, WallTime now);

// Why a task ended that no settlement ended: it was cancelled, it expired, or it was recovered too often.
TaskError why_ended(const Standing& task);

// True when a backend keeps what it has of a task in the place of `record`: that is of a later attempt, or of a later
// start of the same one (an attempt that was given back has its number again).
bool outlives(const Standing& kept, const TaskRecord& record);

// How long until a due time. Due times are kept as wall time; this is the one place that measures against them.
Micros until_due(WallTime due, const Clock& clock);

}  // namespace flowrra
