// What every broker promises about leases: settlement and fencing.

#include "bench.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(lease)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_success_keeps_its_result_and_cost, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  Settlement success = to(State::success, bench.take_one());
  success.resources = Resources{0.25, 1 << 20};
  bench.clock.advance(3s);
  BOOST_TEST(bench.settle(success));
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::success);
  BOOST_TEST(found.result == "\"done\"");
  BOOST_TEST((found.resources == Resources{0.25, 1 << 20}));
  BOOST_TEST(found.finished_at.value() == bench.clock.wall());
  BOOST_TEST(found.started_at.value() == bench.clock.wall() - 3s);
  BOOST_TEST(!found.error.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_failure_keeps_its_error, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  Settlement failure = to(State::failed, bench.take_one());
  failure.error = TaskError{"crash", "died by SIGSEGV", R"({"signal":11})"};
  failure.crashed = true;
  BOOST_TEST(bench.settle(failure));
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::failed);
  BOOST_TEST((found.error == failure.error));
  BOOST_TEST(found.crashes == 1);
  BOOST_TEST(found.result.empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_retry_waits_for_its_delay_and_counts_an_attempt, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  BOOST_TEST(bench.settle(retry_after(5s, bench.take_one())));
  TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::retrying);
  BOOST_TEST(found.error->message == "it broke");
  BOOST_TEST(found.due_at.value() == bench.clock.wall() + 5s);
  BOOST_TEST(bench.take().empty());
  bench.clock.advance(5s);
  const auto again = bench.take_one();
  BOOST_TEST(again.task.attempt == 2);
  BOOST_TEST(again.lease.counter == 2);
  BOOST_TEST(bench.settle(to(State::success, again)));
  found = bench.find("a");
  BOOST_TEST(found.attempt == 2);
  BOOST_TEST(!found.error.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_retried_task_keeps_its_place_in_line, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("old");
  bench.settle(retry_after(0s, bench.take_one()));
  bench.push("new");
  BOOST_TEST(ids(bench.take()) == (Ids{"old", "new"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_release_gives_the_attempt_back, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  BOOST_TEST(bench.settle(released(bench.take_one())));
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::pending);
  BOOST_TEST(found.attempt == 0);
  BOOST_TEST(!found.started_at.has_value());
  const auto again = bench.take_one();
  BOOST_TEST(again.task.attempt == 1);
  BOOST_TEST(again.lease.counter == 2);
  BOOST_TEST(again.refunds == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(refunds_and_suspicion_travel_with_the_task, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  Settlement suspected = released(bench.take_one());
  suspected.count_refund = true;
  suspected.suspect = true;
  BOOST_TEST(bench.settle(suspected));
  auto again = bench.take_one();
  BOOST_TEST(again.refunds == 1);
  BOOST_TEST(again.suspect);
  Settlement cleared = released(again);
  cleared.count_refund = true;
  BOOST_TEST(bench.settle(cleared));
  again = bench.take_one();
  BOOST_TEST(again.refunds == 2);
  BOOST_TEST(!again.suspect);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(crashes_are_counted_apart_from_attempts, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  Settlement crash = retry_after(0s, bench.take_one());
  crash.crashed = true;
  BOOST_TEST(bench.settle(crash));
  const auto again = bench.take_one();
  BOOST_TEST(again.task.crashes == 1);
  BOOST_TEST(again.task.attempt == 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(outcomes_and_the_next_claim_are_one_turn, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b"), task("c")});
  const auto first = bench.take(2);
  ExchangeRequest turn;
  turn.settlements = {to(State::success, first[0]), released(first[1])};
  turn.take = bench.request(5);
  const auto answer = must(bench.broker().exchange(turn));
  BOOST_TEST(answer.settled == (std::vector<bool>{true, true}));
  BOOST_TEST(ids(answer.taken) == (Ids{"b", "c"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(progress_shows_the_newest_and_starts_anew_with_an_attempt, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  ExchangeRequest turn;
  turn.progress = {{leased.lease, R"({"done":1})", ""}, {leased.lease, R"({"done":2})", ""}};
  must(bench.broker().exchange(turn));
  BOOST_TEST(bench.find("a").progress == R"({"done":2})");
  bench.settle(retry_after(0s, leased));
  bench.take_one();
  BOOST_TEST(bench.find("a").progress == "");
  must(bench.broker().exchange(turn));  // the old lease
  BOOST_TEST(bench.find("a").progress == "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stale_lease_is_refused, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto old = bench.take_one();
  BOOST_TEST(bench.settle(released(old)));
  const auto current = bench.take_one();
  BOOST_TEST(!bench.settle(to(State::failed, old)));
  BOOST_TEST(!bench.settle(released(old)));
  BOOST_TEST(bench.state("a") == State::running);
  auto forged = current;
  forged.lease.session = "somebody";
  BOOST_TEST(!bench.settle(to(State::failed, forged)));
  forged = current;
  forged.lease.task = "b";
  BOOST_TEST(!bench.settle(to(State::failed, forged)));
  BOOST_TEST(bench.settle(to(State::success, current)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(whatever_is_refused_as_stale_is_counted_by_kind, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto old = bench.take_one();
  BOOST_TEST(bench.settle(released(old)));
  const auto current = bench.take_one();
  BOOST_TEST((must(bench.broker().stale_counts()) == StaleCounts{}));
  std::int64_t refused = 0;
  for (const auto& late : {to(State::success, old), to(State::failed, old), released(old), retry_after(1s, old),
                           to(State::cancelled, old)}) {
    BOOST_TEST(!bench.settle(late));
    BOOST_TEST(must(bench.broker().stale_counts()).settlements == ++refused);
  }
  ExchangeRequest turn;
  turn.progress = {{old.lease, R"({"done":1})", ""}, {old.lease, "", "line\n"}, {current.lease, R"({"done":2})", ""}};
  must(bench.broker().exchange(turn));
  BOOST_TEST(must(bench.broker().stale_counts()).progress == 2);
  BOOST_TEST(bench.find("a").progress == R"({"done":2})");
  BOOST_TEST(bench.find("a").log == "");
  BOOST_TEST(bench.settle(to(State::success, current)));
  bench.reopen();
  const StaleCounts kept = must(bench.broker().stale_counts());
  const bool persistent = !std::is_same_v<Driver, Memory>;
  BOOST_TEST(kept.settlements == (persistent ? refused : 0));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_turn_that_does_not_happen_counts_nothing, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto old = bench.take_one();
  bench.settle(released(old));
  ExchangeRequest turn;
  turn.settlements = {to(State::success, old)};
  turn.progress = {{old.lease, "{}", ""}};
  turn.take = bench.request(1, {"work"}, {"default"}, "unknown");
  BOOST_TEST(code_of(bench.broker().exchange(turn)) == Code::stale);
  BOOST_TEST((must(bench.broker().stale_counts()) == StaleCounts{}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_session_is_said_to_run_and_does_not_hold_is_handed_back, Driver, Drivers) {
  Bench<Driver> bench;
  bench.open_session("other");
  bench.push(std::vector{task("a"), task("b"), task("c"), task("d")});
  const auto theirs = bench.take(1, {"work"}, {"default"}, "other");
  const auto mine = bench.take(3);
  must(bench.broker().cancel(std::vector<TaskId>{"d"}));
  ExchangeRequest turn;
  turn.take = bench.request(0);
  turn.take->holds = {"b"};
  const auto answer = must(bench.broker().exchange(turn));
  BOOST_TEST(bench.state("b") == State::running);
  BOOST_TEST(bench.state("c") == State::pending);
  BOOST_TEST(bench.find("c").attempt == 0);
  BOOST_TEST(bench.state("d") == State::cancelled);
  BOOST_TEST(bench.state("a") == State::running);
  BOOST_TEST(!bench.settle(to(State::success, mine[1])));
  BOOST_TEST(bench.settle(to(State::success, mine[0])));
  BOOST_TEST(bench.settle(to(State::success, theirs[0])));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_finished_task_stays_finished, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  BOOST_TEST(bench.settle(to(State::success, leased)));
  for (const State state : {State::failed, State::success, State::retrying, State::pending}) {
    BOOST_TEST(!bench.settle(to(state, leased)));
  }
  BOOST_TEST(bench.find("a").result == "\"done\"");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_settlement_that_the_state_table_forbids_is_refused, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  BOOST_TEST(!bench.settle(to(State::scheduled, leased)));
  BOOST_TEST(!bench.settle(to(State::running, leased)));
  BOOST_TEST(bench.settle(to(State::success, leased)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_refused_settlement_does_not_stop_the_others, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b")});
  const auto taken = bench.take(2);
  bench.settle(to(State::success, taken[0]));
  ExchangeRequest turn;
  turn.settlements = {to(State::failed, taken[0]), to(State::success, taken[1])};
  BOOST_TEST(must(bench.broker().exchange(turn)).settled == (std::vector<bool>{false, true}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_settlement_carries_the_last_progress, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b"), task("c")});
  const auto taken = bench.take(3);
  ExchangeRequest turn;
  turn.progress = {{taken[2].lease, R"({"done":1})", ""}};
  turn.settlements = {to(State::success, taken[0]), to(State::retrying, taken[1]), to(State::success, taken[2])};
  for (int i = 0; i < 2; ++i) turn.settlements[static_cast<std::size_t>(i)].progress = R"({"done":3})";
  must(bench.broker().exchange(turn));
  BOOST_TEST(bench.find("a").progress == R"({"done":3})");
  BOOST_TEST(bench.find("b").progress == R"({"done":3})");
  BOOST_TEST(bench.find("c").progress == R"({"done":1})");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_given_to_a_version_is_taken_by_who_names_it_and_keeps_its_place, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  bench.push("b");
  Settlement given = released(bench.take_one());
  given.version = "work@0a1b2c3d";
  BOOST_TEST(bench.settle(given));
  BOOST_TEST((ids(bench.take(9)) == Ids{"b"}));
  BOOST_TEST(bench.find("a").state == State::pending);
  BOOST_TEST(bench.find("a").name == "work@0a1b2c3d");
  BOOST_TEST(bench.find("a").queue == "default");
  bench.push("c");
  const auto taken = bench.take(9, {"work", "work@0a1b2c3d"});
  BOOST_TEST((ids(taken) == Ids{"a", "c"}));
  BOOST_TEST(taken.front().task.attempt == 1);
  BOOST_TEST(taken.front().lease.counter == 2U);
  Settlement done = to(State::success, taken.front());
  done.version = "work@ffffffff";  // of pending alone
  BOOST_TEST(bench.settle(done));
  BOOST_TEST(bench.find("a").name == "work@0a1b2c3d");
  BOOST_TEST(bench.count(State::running) == 2);
  BOOST_TEST(bench.count(State::success) == 1);
  BOOST_TEST(bench.count(State::pending) == 0);
  for (const StateCount& each : must(bench.broker().counts())) BOOST_TEST(each.count >= 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stray_that_shall_end_leaves_a_tombstone_where_another_backend_keeps_results, Driver,
                              Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  bench.take_one();
  must(bench.broker().cancel(Ids{"a"}));
  ExchangeRequest turn;
  turn.keep_results = false;
  turn.take = bench.request(1);
  turn.take->holds = Ids();
  BOOST_TEST(must(bench.broker().exchange(turn)).taken.empty());
  BOOST_TEST(bench.state("a") == State::cancelled);
  BOOST_TEST(bench.find("a").args.empty());
  BOOST_TEST(!must(bench.backend().get("a")).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
