// What every store promises to those who wait. Nothing here polls on a timer: a wake-up that is lost fails the test.

#include <atomic>
#include <set>
#include <thread>

#include "bench.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(wake)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_push_wakes_the_other_brokers, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  const int work = other->broker().wake_fd();
  const int outcomes = other->backend().wake_fd();
  BOOST_TEST(is_silent(work));
  bench.push("a");
  BOOST_TEST(rings(work));
  BOOST_TEST(is_silent(outcomes));
  clear_wake(work);
  BOOST_TEST(is_silent(work));
  NewTask delayed = task("b");
  delayed.delay = 1s;
  bench.push(std::vector{delayed});
  BOOST_TEST(rings(work));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_push_that_changes_nothing_wakes_nobody, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push("a");
  const int work = bench.broker().wake_fd();
  clear_wake(work);
  bench.push("a");
  bench.push(std::vector{task("b")}, 1);
  BOOST_TEST(is_silent(work));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_finished_task_wakes_the_backends_and_no_broker, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  bench.push("a");
  const auto leased = bench.take_one();
  const int outcomes = other->backend().wake_fd();
  const int own_work = bench.broker().wake_fd();
  const int other_work = other->broker().wake_fd();
  clear_wake(own_work);
  clear_wake(other_work);
  BOOST_TEST(is_silent(outcomes));
  bench.settle(to(State::success, leased));
  BOOST_TEST(rings(outcomes));
  BOOST_TEST(is_silent(own_work));
  BOOST_TEST(is_silent(other_work));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_retry_and_a_release_wake_the_brokers, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  bench.push(std::vector{task("a"), task("b")});
  const auto taken = bench.take(2);
  const int work = other->broker().wake_fd();
  const int outcomes = other->backend().wake_fd();
  clear_wake(work);
  bench.settle(retry_after(5s, taken[0]));
  BOOST_TEST(rings(work));
  clear_wake(work);
  bench.settle(released(taken[1]));
  BOOST_TEST(rings(work));
  BOOST_TEST(is_silent(outcomes));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_recovery_wakes_the_brokers, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  bench.push("a");
  bench.take_one();
  const int work = other->broker().wake_fd();
  clear_wake(work);
  must(bench.broker().recover());
  BOOST_TEST(is_silent(work));
  bench.clock.advance(bench.kLease);
  must(bench.broker().recover());
  BOOST_TEST(rings(work));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_cancel_and_a_stored_record_wake_the_backends, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  const int outcomes = other->backend().wake_fd();
  bench.push("a");
  must(bench.broker().cancel(Ids{"a"}));
  BOOST_TEST(rings(outcomes));
  clear_wake(outcomes);
  must(bench.broker().cancel(Ids{"a"}));
  BOOST_TEST(is_silent(outcomes));
  TaskRecord record;
  record.id = "b";
  record.name = "work";
  record.queue = "default";
  record.state = State::success;
  record.args = "[]";
  must(bench.backend().store(std::vector{record}));
  BOOST_TEST(rings(outcomes));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_turn_that_finds_nothing_wakes_nobody, Driver, Drivers) {
  Bench<Driver> bench;
  bench.push(std::vector{task("a", "other")});
  const auto other = bench.open();
  const int work = other->broker().wake_fd();
  const int outcomes = other->backend().wake_fd();
  clear_wake(work);
  BOOST_TEST(bench.take().empty());
  must(bench.directory().heartbeat("node", bench.kLease));
  must(bench.broker().recover());
  BOOST_TEST(is_silent(work));
  BOOST_TEST(is_silent(outcomes));
}

// The waiter of a result: subscribe, look, then poll. Each round the outcome may come at any of these steps.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_waiter_that_subscribes_before_it_looks_misses_nothing, Driver, Drivers) {
  Bench<Driver> bench;
  constexpr int kRounds = 300;
  std::thread node([&bench] {
    const auto store = bench.open();
    const int work = store->broker().wake_fd();
    for (int done = 0; done < kRounds;) {
      clear_wake(work);
      const auto taken = store->broker().take(bench.request(10));
      if (!taken) return;
      for (const LeasedTask& leased : *taken) {
        if (!store->broker().settle({to(State::success, leased)})) return;
        ++done;
      }
      if (taken->empty() && !rings(work)) return;
    }
  });
  const int outcomes = bench.backend().wake_fd();
  int finished = 0;
  for (int round = 0; round < kRounds; ++round) {
    const std::string id = "t" + std::to_string(round);
    bench.push(id);
    for (;;) {
      clear_wake(outcomes);
      if (must(bench.backend().get(id))) {
        ++finished;
        break;
      }
      if (!rings(outcomes)) break;
    }
  }
  node.join();
  BOOST_TEST(finished == kRounds);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nodes_that_compete_take_each_task_once, Driver, Drivers) {
  Bench<Driver> bench;
  constexpr int kTasks = 1000;
  std::vector<NewTask> tasks;
  for (int i = 0; i < kTasks; ++i) tasks.push_back(task("t" + std::to_string(i)));
  bench.push(tasks);
  std::vector<std::vector<std::string>> taken(3);
  std::atomic<int> refused{0};
  std::vector<std::thread> nodes;
  for (std::size_t n = 0; n < taken.size(); ++n) {
    const SessionId session = "node" + std::to_string(n);
    bench.open_session(session);
    nodes.emplace_back([&bench, &refused, session, &mine = taken[n]] {
      const auto store = bench.open();
      ExchangeRequest turn;
      turn.take = bench.request(7, {"work"}, {"default"}, session);
      for (;;) {
        const auto answer = store->broker().exchange(turn);
        if (!answer) break;
        for (const bool settled : answer->settled) refused += settled ? 0 : 1;
        turn.settlements.clear();
        for (const LeasedTask& leased : answer->taken) {
          mine.push_back(leased.task.id);
          turn.settlements.push_back(to(State::success, leased));
        }
        if (answer->taken.empty()) break;
      }
    });
  }
  for (auto& node : nodes) node.join();
  std::set<std::string> all;
  std::size_t count = 0;
  for (const auto& mine : taken) {
    count += mine.size();
    all.insert(mine.begin(), mine.end());
  }
  BOOST_TEST(count == kTasks);
  BOOST_TEST(all.size() == kTasks);
  BOOST_TEST(refused == 0);
  BOOST_TEST(bench.count(State::success) == kTasks);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
