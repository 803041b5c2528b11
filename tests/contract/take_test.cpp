// What every broker promises about taking: order, filters, times, what passes through.

#include "bench.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(take)

BOOST_AUTO_TEST_CASE_TEMPLATE(an_unknown_kind_stays_unknown, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  BOOST_TEST(!bench.find("a").kind.has_value());
  BOOST_TEST(!bench.take_one().task.kind.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lower_priority_numbers_run_first_and_then_the_oldest, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("late"), task("normal"), task("urgent"), task("normal2"), task("urgent2")};
  tasks[0].priority = 5;
  tasks[2].priority = tasks[4].priority = -5;
  bench.push(tasks);
  BOOST_TEST(ids(bench.take(2)) == (Ids{"urgent", "urgent2"}));
  BOOST_TEST(ids(bench.take()) == (Ids{"normal", "normal2", "late"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(priority_and_age_hold_across_queues_and_names, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  for (int i = 0; i < 12; ++i) {
    tasks.push_back(task("t" + std::to_string(100 + i), i % 2 == 0 ? "work" : "other"));
    tasks.back().queue = i % 3 == 0 ? "default" : "side";
    tasks.back().priority = i < 6 ? 1 : 0;
  }
  bench.push(tasks);
  const auto taken = bench.take(100, {"work", "other"}, {"side", "default"});
  BOOST_TEST(ids(taken) ==
             (Ids{"t106", "t107", "t108", "t109", "t110", "t111", "t100", "t101", "t102", "t103", "t104", "t105"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(only_asked_queues_and_names_are_taken, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("a"), task("b", "other"), task("c"), task("d", "other")};
  tasks[2].queue = tasks[3].queue = "side";
  bench.push(tasks);
  BOOST_TEST(bench.take(10, {}, {"default"}).empty());
  BOOST_TEST(bench.take(10, {"work"}, {}).empty());
  BOOST_TEST(bench.take(10, {"nothing"}, {"default"}).empty());
  BOOST_TEST(ids(bench.take(10, {"other"}, {"side"})) == Ids{"d"});
  BOOST_TEST(ids(bench.take(10, {"work"}, {"default"})) == Ids{"a"});
  BOOST_TEST(ids(bench.take(10, {"work", "other"}, {"default", "side"})) == (Ids{"b", "c"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(each_group_of_names_has_its_own_limit, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b"), task("c"), task("x", "other"), task("y", "other")});
  TakeRequest request = bench.request(2);
  request.wants.push_back({1, {"other"}});
  request.wants.push_back({0, {"none"}});
  BOOST_TEST(ids(must(bench.broker().take(request))) == (Ids{"a", "b", "x"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_name_asked_for_twice_is_taken_once, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a"), task("b")});
  BOOST_TEST(ids(bench.take(10, {"work", "work"}, {"default", "default"})) == (Ids{"a", "b"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(those_ahead_of_a_task_are_those_of_its_queue_and_the_names_that_run_first, Driver,
                              Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("a"), task("b", "other"), task("c"), task("d"), task("e"), task("later")};
  tasks[2].queue = "side";
  tasks[4].priority = -1;
  tasks[5].delay = 1s;
  bench.push(tasks);
  const auto among = [&](const TaskId& id, const Ids& names) { return must(bench.broker().ahead_of(id, names)); };
  const auto ahead = [&](const TaskId& id) { return among(id, {"work", "other"}); };
  BOOST_TEST(among("d", {"work"}) == 2);
  BOOST_TEST(among("d", {"other", "unknown"}) == 1);
  BOOST_TEST(among("d", {}) == 0);
  BOOST_TEST(ahead("e") == 0);
  BOOST_TEST(ahead("a") == 1);
  BOOST_TEST(ahead("d") == 3);
  BOOST_TEST(ahead("c") == 0);
  BOOST_TEST(ahead("later") == 0);
  BOOST_TEST(ahead("unknown") == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_backlog_of_others_does_not_hide_a_task, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  tasks.reserve(501);
  for (int i = 0; i < 500; ++i) tasks.push_back(task("x" + std::to_string(i), "other" + std::to_string(i % 50)));
  tasks.push_back(task("mine"));
  bench.push(tasks);
  BOOST_TEST(ids(bench.take()) == Ids{"mine"});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_taken_task_shows_its_attempt_node_and_start, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  bench.clock.advance(2s);
  const LeasedTask leased = bench.take_one();
  BOOST_TEST(leased.lease.task == "a");
  BOOST_TEST(leased.lease.session == "node");
  BOOST_TEST(leased.task.attempt == 1);
  BOOST_TEST(leased.task.state == State::running);
  const TaskRecord found = bench.find("a");
  BOOST_TEST(found.state == State::running);
  BOOST_TEST(found.node == "node-name");
  BOOST_TEST(found.attempt == 1);
  BOOST_TEST(found.started_at.value() == bench.clock.wall());
  BOOST_TEST(found.submitted_at == bench.clock.wall() - 2s);
  BOOST_TEST(bench.take().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_delayed_task_waits_for_its_time, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask delayed = task("a");
  delayed.delay = 10s;
  bench.push(std::vector{delayed});
  BOOST_TEST(bench.state("a") == State::scheduled);
  BOOST_TEST(bench.find("a").due_at.value() == bench.clock.wall() + 10s);
  ExchangeRequest turn;
  turn.take = bench.request(5);
  auto answer = must(bench.broker().exchange(turn));
  BOOST_TEST(answer.taken.empty());
  BOOST_TEST(answer.next_due.value() == Micros(10s));
  bench.clock.advance(10s - 1us);
  answer = must(bench.broker().exchange(turn));
  BOOST_TEST(answer.taken.empty());
  BOOST_TEST(answer.next_due.value() == Micros(1));
  bench.clock.advance(1us);
  answer = must(bench.broker().exchange(turn));
  BOOST_TEST(ids(answer.taken) == Ids{"a"});
  BOOST_TEST(!answer.next_due.has_value());
  BOOST_TEST(!bench.find("a").due_at.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(only_tasks_that_the_take_names_count_as_due_next, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask elsewhere = task("a");
  elsewhere.queue = "elsewhere";
  elsewhere.delay = 10s;
  NewTask unknown = task("b", "unknown");
  unknown.delay = 20s;
  bench.push(std::vector{elsewhere, unknown});
  ExchangeRequest turn;
  turn.take = bench.request(5);
  BOOST_TEST(!must(bench.broker().exchange(turn)).next_due.has_value());
  turn.take = bench.request(0, {"unknown"});
  BOOST_TEST(must(bench.broker().exchange(turn)).next_due.has_value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_task_for_a_wall_time_waits_for_it, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks{task("future"), task("past"), task("sooner")};
  tasks[0].at = bench.clock.wall() + 20s;
  tasks[1].at = bench.clock.wall() - 20s;
  tasks[2].at = bench.clock.wall() + 10s;
  bench.push(tasks);
  BOOST_TEST(ids(bench.take()) == Ids{"past"});
  ExchangeRequest turn;
  BOOST_TEST(must(bench.broker().exchange(turn)).next_due.value() == Micros(10s));
  bench.clock.advance(20s);
  BOOST_TEST(ids(bench.take()) == (Ids{"future", "sooner"}));  // both pending: the older first
}

BOOST_AUTO_TEST_CASE_TEMPLATE(due_tasks_become_pending_even_when_nobody_takes_them, Driver, Drivers) {
  Bench<Driver> bench;
  NewTask delayed = task("a", "other");
  delayed.delay = 1s;
  bench.push(std::vector{delayed});
  bench.clock.advance(1s);
  BOOST_TEST(bench.take().empty());
  BOOST_TEST(bench.state("a") == State::pending);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(odd_bytes_pass_through_untouched, Driver, Drivers) {
  Bench<Driver> bench;
  const std::vector<std::string> oddities{
      R"({"q":"it's \"quoted\" \\ %s ?1 --"})",     "[\"grüße 你好 🚀\"]", std::string("[\"nul\0inside\"]", 14),
      "[\"" + std::string(200 * 1024, 'x') + "\"]", "\xff\xfe not utf-8", "{}"};
  std::vector<NewTask> tasks;
  for (std::size_t i = 0; i < oddities.size(); ++i) {
    tasks.push_back(task("t" + std::to_string(i)));
    tasks.back().args = oddities[i];
  }
  bench.push(tasks);
  const auto taken = bench.take();
  BOOST_REQUIRE_EQUAL(taken.size(), oddities.size());
  for (std::size_t i = 0; i < oddities.size(); ++i) {
    BOOST_TEST((taken[i].task.args == oddities[i]));
    Settlement success = to(State::success, taken[i]);
    success.result = oddities[i];
    BOOST_TEST(bench.settle(success));
    const auto found = must(bench.backend().get(taken[i].task.id));
    BOOST_TEST((found && found->args == oddities[i] && found->result == oddities[i]));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_batch_of_a_thousand_is_pushed_taken_and_settled, Driver, Drivers) {
  Bench<Driver> bench;
  std::vector<NewTask> tasks;
  tasks.reserve(1000);
  for (int i = 0; i < 1000; ++i) tasks.push_back(task(new_ulid(bench.clock)));
  const auto outcomes = bench.push(tasks);
  BOOST_TEST(std::count(outcomes.begin(), outcomes.end(), PushOutcome::accepted) == 1000);
  const auto taken = bench.take(1000);
  BOOST_REQUIRE_EQUAL(taken.size(), 1000);
  ExchangeRequest turn;
  for (std::size_t i = 0; i < taken.size(); ++i) {
    BOOST_TEST(taken[i].task.id == tasks[i].id);
    turn.settlements.push_back(to(i % 2 == 0 ? State::success : State::failed, taken[i]));
  }
  const auto answer = must(bench.broker().exchange(turn));
  BOOST_TEST(std::count(answer.settled.begin(), answer.settled.end(), true) == 1000);
  BOOST_TEST(bench.count(State::success) == 500);
  BOOST_TEST(bench.count(State::failed) == 500);
  BOOST_TEST(bench.count(State::running) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
