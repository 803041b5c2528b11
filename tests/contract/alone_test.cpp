// Tasks that come, are claimed and end one at a time, as on an idle node: stores may have a shorter way for them.

#include "bench.hpp"

namespace flowrra::test {
namespace {

// One that has seen a task before.
template <typename Driver>
struct Idle : Bench<Driver> {
  Idle() {
    this->push("before");
    BOOST_TEST(this->settle(to(State::success, this->take_one())));
  }
  ExchangeAnswer look() {
    ExchangeRequest request;
    request.take = this->request(1);
    return must(this->broker().exchange(request));
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(alone)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_paused_queue_gives_nothing, Driver, Drivers) {
  Idle<Driver> bench;
  bench.push("a");
  must(bench.directory().set_paused("default", true));
  BOOST_TEST(bench.take().empty());
  must(bench.directory().set_paused("default", false));
  must(bench.directory().set_paused("other", true));
  BOOST_TEST(ids(bench.take()) == Ids{"a"});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_claimed_before_its_expiry_does_not_expire, Driver, Drivers) {
  Idle<Driver> bench;
  NewTask brief = task("brief");
  brief.expires = 10s;
  bench.push(std::vector{brief});
  const LeasedTask leased = bench.take_one();
  bench.clock.advance(11s);
  BOOST_TEST(bench.take().empty());
  BOOST_TEST(bench.state("brief") == State::running);
  BOOST_TEST(bench.settle(to(State::success, leased)));
  bench.push(std::vector{task("next")});
  BOOST_TEST(!bench.look().next_expiry.has_value());
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_claim_ends_what_has_expired, Driver, Drivers) {
  Idle<Driver> bench;
  NewTask brief = task("brief");
  brief.expires = 10s;
  bench.push(std::vector{brief});
  bench.clock.advance(11s);
  BOOST_TEST(bench.take().empty());
  BOOST_TEST(bench.state("brief") == State::expired);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_wish_to_cancel_goes_with_the_end, Driver, Drivers) {
  Idle<Driver> bench;
  bench.push("a");
  const LeasedTask leased = bench.take_one();
  must(bench.broker().cancel(Ids{"a"}));
  BOOST_TEST(bench.look().cancel == Ids{"a"});
  BOOST_TEST(bench.settle(to(State::success, leased)));
  BOOST_TEST(bench.look().cancel.empty());
  BOOST_TEST(bench.state("a") == State::success);
  bench.check_is_whole();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(options_and_tags_come_with_the_task, Driver, Drivers) {
  Idle<Driver> bench;
  NewTask tagged = task("tagged");
  tagged.tags = {"a", "b"};
  tagged.options.max_retries = 7;
  bench.push(std::vector{tagged});
  const LeasedTask leased = bench.take_one();
  BOOST_TEST(leased.task.tags == tagged.tags);
  BOOST_TEST(leased.task.options.max_retries.value_or(0) == 7);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
