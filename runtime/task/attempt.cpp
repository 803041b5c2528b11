#include "task/attempt.hpp"

#include <utility>

#include "base/units.hpp"

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
    out.error = lost_too_often(leased.refunds, out.error ? out.error->message : "its host died");
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
      give_back(out, leased, leased.refunds + 1 >= kRefundsBeforeAlone);
      break;
    case AttemptEnd::suspect:
      give_back(out, leased, true);
      break;
    case AttemptEnd::released:
      out.to = State::pending;
      out.refund_attempt = true;
      out.suspect = leased.suspect;
      out.version = std::move(report.version);
      break;
  }
  return out;
}

std::string what_follows(const LeasedTask& leased, const RetryRule& rule, AttemptEnd end,
                         const Settlement& settlement) {
  const int next = leased.task.attempt + 1;
  const int last = leased.task.attempts_before + rule.max_retries + 1;
  switch (settlement.to) {
    case State::retrying:
      return "attempt " + std::to_string(next) + " of " + std::to_string(last) + " in " + to_text(settlement.delay);
    case State::pending:
      return "handed back";
    case State::failed:
      if (end == AttemptEnd::permanent) return "forbids retries";
      return next > last ? "no attempts left" : "not tried again";
    default:
      return {};
  }
}

TaskError lost_too_often(int refunds, const std::string& why) {
  return {"lost", why + "; it had been given back " + std::to_string(refunds) + " times before", {}};
}

}  // namespace flowrra
