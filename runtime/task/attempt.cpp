#include "task/attempt.hpp"

#include <utility>

namespace flowrra {
namespace {

int attempt_of_life(const LeasedTask& leased) { return leased.task.attempt - leased.task.attempts_before; }

void retry_or_fail(Settlement& out, const RetryRule& rule, int attempt, std::optional<Micros> asked, double random) {
  const auto delay = delay_after_failure(rule, attempt, random);
  out.to = delay ? State::retrying : State::failed;
  out.delay = delay ? asked.value_or(*delay) : Micros(0);
}

void after_crash(Settlement& out, const LeasedTask& leased, const RetryRule& rule, double random) {
  out.crashed = true;
  const int crashes = leased.task.crashes + 1;
  retry_or_fail(out, rule, attempt_of_life(leased), std::nullopt, random);
  if (crashes < rule.max_crashes || out.to == State::failed) return;
  out.to = State::failed;
  out.delay = Micros(0);
  if (out.error) {
    out.error->code = "poison";
    out.error->message +=
        " (crash " + std::to_string(crashes) + " of at most " + std::to_string(rule.max_crashes) + ")";
  }
}

void give_back(Settlement& out, const LeasedTask& leased, bool suspect) {
  if (leased.refunds >= kMaxRefunds) {
    out.to = State::failed;
    out.error = TaskError{"lost", "its host died " + std::to_string(leased.refunds + 1) + " times while it ran", {}};
    return;
  }
  out.to = State::pending;
  out.refund_attempt = true;
  out.count_refund = true;
  out.suspect = suspect;
  out.error.reset();
}

}  // namespace

Settlement after_attempt(const LeasedTask& leased, const RetryRule& rule, AttemptReport report, double random) {
  Settlement out;
  out.lease = std::move(report.lease);
  out.error = std::move(report.error);
  out.resources = report.resources;
  switch (report.end) {
    case AttemptEnd::success:
      out.to = State::success;
      out.result = std::move(report.result);
      break;
    case AttemptEnd::failure:
    case AttemptEnd::timeout:
      retry_or_fail(out, rule, attempt_of_life(leased), report.retry_after, random);
      break;
    case AttemptEnd::permanent:
      out.to = State::failed;
      break;
    case AttemptEnd::crash:
      after_crash(out, leased, rule, random);
      break;
    case AttemptEnd::cancelled:
      out.to = State::cancelled;
      break;
    case AttemptEnd::bystander:
      give_back(out, leased, false);
      break;
    case AttemptEnd::suspect:
      give_back(out, leased, true);
      break;
    case AttemptEnd::released:
      out.to = State::pending;
      out.refund_attempt = true;
      out.suspect = leased.suspect;
      break;
  }
  return out;
}

}  // namespace flowrra
