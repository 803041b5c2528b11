#include "task/retry.hpp"

#include <algorithm>
#include <array>
#include <boost/test/unit_test.hpp>
#include <random>

namespace flowrra {
namespace {

using namespace std::chrono_literals;

struct Case {
  Micros retry_delay;
  int attempt;
  double random;
  Micros expected;
};

RetryRule rule_of(Micros delay, Backoff backoff, int max_retries = 1000) {
  RetryRule rule;
  rule.retry_delay = delay;
  rule.backoff = backoff;
  rule.max_retries = max_retries;
  return rule;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retry)

BOOST_AUTO_TEST_CASE(the_exponential_delay_is_a_random_part_of_a_doubling_ceiling) {
  const Case cases[] = {
      {1s, 1, 0.0, 0s},      {1s, 1, 0.5, 500ms},  {1s, 2, 0.5, 1s},     {1s, 3, 0.5, 2s},
      {1s, 4, 0.25, 2s},     {1s, 12, 0.5, 1024s}, {1s, 13, 0.5, 1800s},  // capped at an hour
      {1s, 900, 0.5, 1800s}, {2h, 1, 0.5, 1h},                            // a longer delay than the cap is its own cap
      {2h, 5, 0.5, 1h},      {0s, 5, 0.9, 0s},
  };
  for (const Case& given : cases) {
    BOOST_TEST_CONTEXT("attempt " << given.attempt << " of " << given.retry_delay.count()) {
      const auto rule = rule_of(given.retry_delay, Backoff::exponential);
      BOOST_TEST((delay_after_failure(rule, given.attempt, given.random) == given.expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_fixed_delay_stays_the_same) {
  for (const int attempt : {1, 2, 10}) {
    for (const double random : {0.0, 0.99}) {
      BOOST_TEST((delay_after_failure(rule_of(3s, Backoff::fixed), attempt, random) == Micros(3s)));
    }
  }
}

BOOST_AUTO_TEST_CASE(attempts_end_after_the_last_retry) {
  struct Bound {
    int max_retries;
    int attempt;
    bool again;
  };
  for (const Bound& bound :
       {Bound{0, 1, false}, Bound{1, 1, true}, Bound{1, 2, false}, Bound{3, 3, true}, Bound{3, 4, false}}) {
    const auto rule = rule_of(1s, Backoff::exponential, bound.max_retries);
    BOOST_TEST(delay_after_failure(rule, bound.attempt, 0.5).has_value() == bound.again);
  }
}

BOOST_AUTO_TEST_CASE(ten_thousand_that_fail_together_do_not_come_back_together) {
  constexpr int kTasks = 10'000;
  constexpr std::size_t kSlices = 50;  // of the time in which they come back
  std::mt19937_64 engine(4);           // as a node's dispatcher draws
  std::uniform_real_distribution<double> random(0.0, 1.0);
  for (const int attempt : {1, 2, 5}) {
    const auto rule = rule_of(10s, Backoff::exponential);
    const auto longest = delay_after_failure(rule, attempt, 1.0)->count();
    std::array<int, kSlices> slices{};
    for (int i = 0; i < kTasks; ++i) {
      const auto delay = delay_after_failure(rule, attempt, random(engine))->count();
      ++slices.at(static_cast<std::size_t>(delay * static_cast<std::int64_t>(kSlices) / longest));
    }
    const int mean = kTasks / static_cast<int>(kSlices);
    BOOST_TEST(*std::ranges::max_element(slices) <= 3 * mean);
    BOOST_TEST(*std::ranges::min_element(slices) > 0);
  }
}

BOOST_AUTO_TEST_CASE(the_defaults_of_the_rule_are_the_documented_ones) {
  const RetryRule rule = retry_rule({});
  BOOST_TEST(rule.max_retries == 3);
  BOOST_TEST((rule.retry_delay == Micros(1s)));
  BOOST_TEST((rule.backoff == Backoff::exponential));
  BOOST_TEST(rule.max_crashes == 3);
}

BOOST_AUTO_TEST_CASE(a_task_that_must_not_run_twice_may_not_crash_twice) {
  TaskOptions options;
  options.max_retries = 0;
  BOOST_TEST(retry_rule(options).max_crashes == 1);
  options.max_crashes = 2;
  BOOST_TEST(retry_rule(options).max_crashes == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
