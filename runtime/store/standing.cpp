#include "store/standing.hpp"

#include <algorithm>

#include "task/log_lines.hpp"

namespace flowrra {
namespace {

// `now + delay` without overflow.
WallTime after(WallTime now, Micros delay) { return now + std::clamp(delay, Micros(0), kLongestDelay); }

bool move(Standing& task, State to) {
  if (!can_move(task.state, to)) return false;
  task.state = to;
  task.due_at.reset();
  return true;
}

bool finish(Standing& task, State to, WallTime now) {
  if (!move(task, to)) return false;
  task.finished_at = now;
  task.suspect = false;
  return true;
}

void give_back(Standing& task, const Settlement& to) {
  if (to.refund_attempt && task.attempt > 0) --task.attempt;
  if (to.count_refund) ++task.refunds;
  task.suspect = to.suspect;
  task.started_at.reset();
}

}  // namespace

Standing first_standing(const NewTask& task, WallTime now) {
  Standing out;
  if (task.at) out.due_at = *task.at;
  if (task.delay && *task.delay > Micros(0)) out.due_at = after(now, *task.delay);
  if (out.due_at && *out.due_at <= now) out.due_at.reset();
  if (task.expires) out.expires_at = after(now, *task.expires);
  out.state = out.due_at ? State::scheduled : State::pending;
  return out;
}

bool lease(Standing& task, WallTime now) {
  if (!move(task, State::running)) return false;
  ++task.attempt;
  ++task.counter;
  task.started_at = now;
  return true;
}

bool settle(Standing& task, const Settlement& to, WallTime now) {
  if (task.state != State::running) return false;
  if (is_final(to.to)) {
    if (!finish(task, to.to, now)) return false;
  } else {
    if (!move(task, to.to)) return false;
    task.suspect = false;
    if (to.to == State::retrying) task.due_at = after(now, to.delay);
    if (to.to == State::pending) give_back(task, to);
  }
  if (to.crashed) ++task.crashes;
  return true;
}

bool promote(Standing& task) {
  return (task.state == State::scheduled || task.state == State::retrying) && move(task, State::pending);
}

bool recover(Standing& task, WallTime now) {
  if (task.state != State::running) return false;
  if (task.cancel) return finish(task, State::cancelled, now);
  if (task.refunds >= kMaxRefunds) return finish(task, State::failed, now);
  Settlement back;
  back.to = State::pending;
  back.refund_attempt = back.count_refund = true;
  back.suspect = task.suspect;
  return settle(task, back, now);
}

std::string lost_line(int attempt, WallTime now) { return to_json_line({now, attempt, "warning", kLostWords}); }

bool fail(Standing& task, WallTime now) { return task.state == State::running && finish(task, State::failed, now); }

bool expire(Standing& task, WallTime now) {
  return is_waiting(task.state) && task.expires_at && *task.expires_at <= now && finish(task, State::expired, now);
}

bool replay(Standing& task) {
  if (!is_final(task.state) || task.state == State::success || !move(task, State::pending)) return false;
  task.attempts_before = task.attempt;
  task.crashes = task.refunds = 0;
  task.suspect = task.cancel = false;
  task.started_at.reset();
  task.finished_at.reset();
  task.expires_at.reset();
  return true;
}

CancelOutcome cancel(Standing& task, WallTime now) {
  if (is_final(task.state)) return CancelOutcome::over;
  if (task.state == State::running) {
    task.cancel = true;
    return CancelOutcome::requested;
  }
  return finish(task, State::cancelled, now) ? CancelOutcome::cancelled : CancelOutcome::over;
}

std::optional<Settlement> overruled(const Standing& task, const Settlement& to) {
  if (!task.cancel || is_final(to.to)) return std::nullopt;
  Settlement out = to;
  out.to = State::cancelled;
  out.error = TaskError{"cancelled", "cancelled while it ran", {}};
  return out;
}

TaskError why_ended(const Standing& task) {
  switch (task.state) {
    case State::expired:
      return {"expired", "not started before its expiry", {}};
    case State::failed:
      return lost_too_often(task.refunds, "its node died while it ran");
    default:
      return {"cancelled", "cancelled before it was done", {}};
  }
}

bool outlives(const Standing& kept, const TaskRecord& record) {
  if (kept.attempt != record.attempt) return kept.attempt > record.attempt;
  return kept.started_at && record.started_at && *kept.started_at > *record.started_at;
}

Micros until_due(WallTime due, const Clock& clock) { return due - clock.wall(); }

}  // namespace flowrra
