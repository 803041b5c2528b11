#include "task/attempt.hpp"

#include <boost/test/unit_test.hpp>

namespace flowrra {
namespace {

using namespace std::chrono_literals;

LeasedTask leased(int attempt, int crashes = 0, int refunds = 0) {
  LeasedTask out;
  out.lease = {"a", "s", 4, 9};
  out.task.attempt = attempt;
  out.task.crashes = crashes;
  out.refunds = refunds;
  return out;
}

AttemptReport report(AttemptEnd end) {
  AttemptReport out;
  out.lease = {"a", "s", 4, 9};
  out.end = end;
  if (end == AttemptEnd::success) out.result = "1";
  if (end != AttemptEnd::success && end != AttemptEnd::released) out.error = TaskError{"error", "why", ""};
  return out;
}

struct Case {
  AttemptEnd end;
  int attempt;  // of max_retries = 3, so 4 is the last
  State to;
  bool refunded;
  bool counted;
  bool crashed;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(attempt)

BOOST_AUTO_TEST_CASE(each_end_leads_where_the_table_says) {
  const Case cases[] = {
      {AttemptEnd::success, 1, State::success, false, false, false},
      {AttemptEnd::success, 4, State::success, false, false, false},
      {AttemptEnd::failure, 1, State::retrying, false, false, false},
      {AttemptEnd::failure, 3, State::retrying, false, false, false},
      {AttemptEnd::failure, 4, State::failed, false, false, false},
      {AttemptEnd::timeout, 1, State::retrying, false, false, false},
      {AttemptEnd::timeout, 4, State::failed, false, false, false},
      {AttemptEnd::permanent, 1, State::failed, false, false, false},
      {AttemptEnd::crash, 1, State::retrying, false, false, true},
      {AttemptEnd::crash, 4, State::failed, false, false, true},
      {AttemptEnd::cancelled, 1, State::cancelled, false, false, false},
      {AttemptEnd::bystander, 4, State::pending, true, true, false},
      {AttemptEnd::suspect, 1, State::pending, true, true, false},
      {AttemptEnd::released, 4, State::pending, true, false, false},
  };
  for (const Case& expected : cases) {
    BOOST_TEST_CONTEXT("end " << static_cast<int>(expected.end) << " attempt " << expected.attempt) {
      const Settlement out = after_attempt(leased(expected.attempt), RetryRule{}, report(expected.end), 0.5);
      BOOST_TEST(name(out.to) == name(expected.to));
      BOOST_TEST(out.refund_attempt == expected.refunded);
      BOOST_TEST(out.count_refund == expected.counted);
      BOOST_TEST(out.crashed == expected.crashed);
      BOOST_TEST(can_move(State::running, out.to));
      BOOST_TEST(out.lease.task == "a");
      BOOST_TEST(out.lease.counter == 4);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_success_carries_its_result_and_cost) {
  AttemptReport success = report(AttemptEnd::success);
  success.resources = Resources{1.5, 100};
  const Settlement out = after_attempt(leased(1), RetryRule{}, success, 0.5);
  BOOST_TEST(out.result == "1");
  BOOST_TEST((out.resources == Resources{1.5, 100}));
  BOOST_TEST(!out.error.has_value());
}

BOOST_AUTO_TEST_CASE(a_failure_waits_for_the_delay_it_asked_for_or_the_rules) {
  AttemptReport failure = report(AttemptEnd::failure);
  BOOST_TEST((after_attempt(leased(2), RetryRule{}, failure, 0.5).delay == Micros(1s)));
  failure.retry_after = 7s;
  BOOST_TEST((after_attempt(leased(2), RetryRule{}, failure, 0.5).delay == Micros(7s)));
  const Settlement last = after_attempt(leased(4), RetryRule{}, failure, 0.5);
  BOOST_TEST(name(last.to) == "failed");
  BOOST_TEST((last.delay == Micros(0)));
}

BOOST_AUTO_TEST_CASE(the_last_allowed_crash_is_poison) {
  RetryRule rule;
  rule.max_retries = 100;
  for (const int before : {0, 1}) {
    BOOST_TEST(name(after_attempt(leased(1, before), rule, report(AttemptEnd::crash), 0.5).to) == "retrying");
  }
  const Settlement poison = after_attempt(leased(3, 2), rule, report(AttemptEnd::crash), 0.5);
  BOOST_TEST(name(poison.to) == "failed");
  BOOST_TEST(poison.crashed);
  BOOST_TEST(poison.error->code == "poison");
  BOOST_TEST(poison.error->message.starts_with("why"));
}

BOOST_AUTO_TEST_CASE(a_suspect_runs_alone_next_time_and_a_bystander_does_not) {
  BOOST_TEST(after_attempt(leased(1), RetryRule{}, report(AttemptEnd::suspect), 0.5).suspect);
  BOOST_TEST(!after_attempt(leased(1), RetryRule{}, report(AttemptEnd::bystander), 0.5).suspect);
  LeasedTask suspected = leased(1);
  suspected.suspect = true;
  BOOST_TEST(after_attempt(suspected, RetryRule{}, report(AttemptEnd::released), 0.5).suspect);
  BOOST_TEST(!after_attempt(suspected, RetryRule{}, report(AttemptEnd::failure), 0.5).suspect);
}

BOOST_AUTO_TEST_CASE(a_bystander_among_crashes_runs_alone_before_its_refunds_are_used_up) {
  const auto back = [](int refunds) {
    return after_attempt(leased(1, 0, refunds), RetryRule{}, report(AttemptEnd::bystander), 0.5);
  };
  BOOST_TEST(!back(kRefundsBeforeAlone - 2).suspect);
  BOOST_TEST(back(kRefundsBeforeAlone - 1).suspect);
  BOOST_TEST(back(kMaxRefunds - 1).suspect);
}

BOOST_AUTO_TEST_CASE(ten_refunds_end_as_failed) {
  for (const AttemptEnd end : {AttemptEnd::bystander, AttemptEnd::suspect}) {
    BOOST_TEST(name(after_attempt(leased(1, 0, kMaxRefunds - 1), RetryRule{}, report(end), 0.5).to) == "pending");
    const Settlement lost = after_attempt(leased(1, 0, kMaxRefunds), RetryRule{}, report(end), 0.5);
    BOOST_TEST(name(lost.to) == "failed");
    BOOST_TEST(lost.error->code == "lost");
  }
  BOOST_TEST(name(after_attempt(leased(1, 0, kMaxRefunds), RetryRule{}, report(AttemptEnd::released), 0.5).to) ==
             "pending");
}

BOOST_AUTO_TEST_CASE(what_follows_an_attempt_is_said) {
  struct Said {
    AttemptEnd end;
    int attempt;
    std::string text;
  };
  const RetryRule rule{.max_retries = 3, .retry_delay = 1200ms, .backoff = Backoff::fixed};
  const Said cases[] = {
      {AttemptEnd::failure, 1, "attempt 2 of 4 in 1.2s"},
      {AttemptEnd::timeout, 3, "attempt 4 of 4 in 1.2s"},
      {AttemptEnd::failure, 4, "no attempts left"},
      {AttemptEnd::crash, 4, "no attempts left"},
      {AttemptEnd::permanent, 1, "forbids retries"},
      {AttemptEnd::bystander, 1, "handed back"},
      {AttemptEnd::suspect, 4, "handed back"},
      {AttemptEnd::cancelled, 1, ""},
      {AttemptEnd::success, 1, ""},
  };
  for (const Said& each : cases) {
    const LeasedTask task = leased(each.attempt);
    BOOST_TEST(what_follows(task, rule, each.end, after_attempt(task, rule, report(each.end), 0)) == each.text);
  }
  const LeasedTask poison = leased(2, rule.max_crashes - 1);
  const Settlement failed = after_attempt(poison, rule, report(AttemptEnd::crash), 0);
  BOOST_TEST(what_follows(poison, rule, AttemptEnd::crash, failed) == "not tried again");
}

BOOST_AUTO_TEST_CASE(attempts_of_an_earlier_life_are_counted_on) {
  LeasedTask replayed = leased(5);
  replayed.task.attempts_before = 4;
  const RetryRule rule{.max_retries = 1, .retry_delay = 2s, .backoff = Backoff::fixed};
  const Settlement retry = after_attempt(replayed, rule, report(AttemptEnd::failure), 0);
  BOOST_TEST(what_follows(replayed, rule, AttemptEnd::failure, retry) == "attempt 6 of 6 in 2s");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
