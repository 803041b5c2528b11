// What every broker promises about leases: settlement, fencing, sessions and recovery.

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

BOOST_AUTO_TEST_CASE_TEMPLATE(a_heartbeat_keeps_a_session_alive, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  for (int i = 0; i < 5; ++i) {
    bench.clock.advance(bench.kLease - 1us);
    must(bench.directory().heartbeat("node", bench.kLease));
  }
  BOOST_TEST(must(bench.broker().recover()) == 0);
  BOOST_TEST(bench.settle(to(State::success, leased)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_session_without_heartbeat_dies_and_is_not_revived, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b")});
  const auto leased = bench.take_one();
  bench.clock.advance(bench.kLease);
  BOOST_TEST(code_of(bench.directory().heartbeat("node", bench.kLease)) == Code::stale);
  BOOST_TEST(!bench.settle(to(State::success, leased)));
  BOOST_TEST(code_of(bench.broker().take(bench.request(1))) == Code::stale);
  BOOST_TEST(bench.state("b") == State::pending);
  BOOST_TEST(bench.state("a") == State::running);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stale_take_changes_nothing, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b")});
  const auto leased = bench.take_one();
  ExchangeRequest turn;
  turn.settlements = {to(State::success, leased)};
  turn.progress = {{leased.lease, "{}", ""}};
  turn.take = bench.request(1, {"work"}, {"default"}, "unknown");
  BOOST_TEST(code_of(bench.broker().exchange(turn)) == Code::stale);
  BOOST_TEST(bench.state("a") == State::running);
  BOOST_TEST(bench.find("a").progress == "");
  BOOST_TEST(bench.settle(to(State::success, leased)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_of_a_dead_session_are_recovered_with_their_attempt_counted, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto old = bench.take_one();
  bench.clock.advance(bench.kLease);
  BOOST_TEST(must(bench.broker().recover()) == 1);
  BOOST_TEST(bench.state("a") == State::pending);
  BOOST_TEST(must(bench.broker().recover()) == 0);
  bench.open_session("second");
  const auto again = bench.take_as("second");
  BOOST_REQUIRE_EQUAL(again.size(), 1);
  BOOST_TEST(again[0].task.attempt == 2);
  BOOST_TEST(!bench.settle(to(State::failed, old)));
  BOOST_TEST(bench.settle(to(State::success, again[0])));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_of_a_missing_session_are_recovered, Driver, Drivers) {
  Bench<Driver> bench;
  bench.open_session("other");
  bench.push(std::vector{task("a"), task("b")});
  const auto mine = bench.take_one();
  const auto theirs = bench.take_as("other");
  must(bench.directory().close_session("other"));
  BOOST_TEST(must(bench.broker().recover()) == 1);
  BOOST_TEST(bench.state("b") == State::pending);
  BOOST_TEST(bench.state("a") == State::running);
  BOOST_TEST(!bench.settle(to(State::success, theirs[0])));
  BOOST_TEST(bench.settle(to(State::success, mine)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_wall_clock_jump_kills_no_session, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  bench.clock.jump_wall(3600s);
  BOOST_TEST(must(bench.broker().recover()) == 0);
  must(bench.directory().heartbeat("node", bench.kLease));
  bench.clock.jump_wall(-7200s);
  BOOST_TEST(bench.settle(to(State::success, leased)));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nodes_tell_who_is_alive_and_how_much_it_runs, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b")});
  bench.take(2);
  bench.clock.advance(10s);
  bench.open_session("second");
  bench.clock.advance(bench.kLease - 10s);
  const auto nodes = must(bench.directory().nodes());
  BOOST_REQUIRE_EQUAL(nodes.size(), 2);
  BOOST_TEST(nodes[0].session.id == "node");
  BOOST_TEST(nodes[0].session.node == "node-name");
  BOOST_TEST(nodes[0].session.tasks == Ids{"work"});
  BOOST_TEST(nodes[0].session.queues == Ids{"default"});
  BOOST_TEST(!nodes[0].alive);
  BOOST_TEST(nodes[0].running == 2);
  BOOST_TEST(nodes[1].alive);
  BOOST_TEST(nodes[1].running == 0);
  BOOST_TEST(nodes[1].expires_in == Micros(10s));
  must(bench.broker().recover());
  BOOST_TEST(must(bench.directory().nodes()).size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_session_id_is_used_once, Driver, Drivers) {
  Bench<Driver> bench;
  Session again;
  again.id = "node";
  BOOST_TEST(code_of(bench.directory().open_session(again, 1s)) == Code::duplicate);
  BOOST_TEST(code_of(bench.directory().heartbeat("unknown", 1s)) == Code::stale);
  must(bench.directory().close_session("unknown"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
