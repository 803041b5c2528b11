// What every store promises about sessions, and about the tasks of those that died.

#include "bench.hpp"
#include "task/log_lines.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(session)

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

BOOST_AUTO_TEST_CASE_TEMPLATE(tasks_of_a_dead_session_are_recovered_with_their_attempt_given_back, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto old = bench.take_one();
  bench.clock.advance(bench.kLease);
  BOOST_TEST(must(bench.broker().recover()) == 1);
  BOOST_TEST(bench.state("a") == State::pending);
  const TaskLog log = parse_log(bench.find("a").log);
  BOOST_REQUIRE_EQUAL(log.lines.size(), 1U);
  BOOST_TEST(log.lines[0].attempt == 1);
  BOOST_TEST(log.lines[0].message.starts_with("lost: its node died"));
  BOOST_TEST(must(bench.broker().recover()) == 0);
  bench.open_session("second");
  const auto again = bench.take_as("second");
  BOOST_REQUIRE_EQUAL(again.size(), 1);
  BOOST_TEST(again[0].task.attempt == 1);
  BOOST_TEST(again[0].refunds == 1);
  BOOST_TEST(!again[0].suspect);
  BOOST_TEST(!bench.settle(to(State::failed, old)));
  BOOST_TEST(bench.settle(to(State::success, again[0])));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_whose_nodes_die_again_and_again_is_failed_as_lost, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  for (int i = 0; i <= kMaxRefunds; ++i) {
    const SessionId session = "session-" + std::to_string(i);
    bench.open_session(session);
    BOOST_REQUIRE_EQUAL(bench.take_as(session).size(), 1);
    must(bench.directory().close_session(session));
    bench.backend().wake_fd();
    bench.backend().hear({});
    BOOST_TEST(must(bench.broker().recover()) == 1);
  }
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::failed);
  BOOST_TEST(found.error.value().code == "lost");
  BOOST_TEST(found.finished_at.value() == bench.clock.wall());
  BOOST_TEST(rings(bench.backend().wake_fd()));
  BOOST_TEST(must(bench.broker().replay(std::vector{found})).front() == ReplayOutcome::replayed);
  bench.open_session("last");
  BOOST_TEST(bench.take_as("last").front().refunds == 0);
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
  bench.push(std::vector{task("a"), task("b", "other")});
  bench.take(2, {"work", "other"});
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
  BOOST_TEST((nodes[0].running_by_name == std::map<std::string, int>{{"other", 1}, {"work", 1}}));
  BOOST_TEST(nodes[1].alive);
  BOOST_TEST(nodes[1].running == 0);
  BOOST_TEST(nodes[1].running_by_name.empty());
  BOOST_TEST(nodes[1].expires_in == Micros(10s));
  must(bench.broker().recover());
  BOOST_TEST(must(bench.directory().nodes()).size() == 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_a_dead_session_sends_late_is_refused_and_counted, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const auto leased = bench.take_one();
  bench.clock.advance(bench.kLease);
  BOOST_TEST(!bench.settle(to(State::success, leased)));
  ExchangeRequest turn;
  turn.progress = {{leased.lease, "{}", ""}};
  must(bench.broker().exchange(turn));
  BOOST_TEST(code_of(bench.directory().heartbeat("node", bench.kLease)) == Code::stale);
  BOOST_TEST((must(bench.broker().stale_counts()) == StaleCounts{1, 1, 1}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_heartbeat_tells_of_the_nodes_health, Driver, Drivers) {
  Bench<Driver> bench;
  BOOST_TEST(must(bench.directory().nodes()).front().health == "");
  must(bench.directory().heartbeat("node", bench.kLease, R"({"parts":[]})"));
  BOOST_TEST(must(bench.directory().nodes()).front().health == R"({"parts":[]})");
  must(bench.directory().heartbeat("node", bench.kLease));
  BOOST_TEST(must(bench.directory().nodes()).front().health == R"({"parts":[]})");
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
