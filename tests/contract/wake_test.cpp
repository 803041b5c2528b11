// What every store promises to those who wait. Nothing here polls on a timer: a wake-up that is lost fails the test.

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>
#include <type_traits>

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
  other->broker().woken();
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
  bench.broker().woken();
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
  bench.broker().woken();
  other->broker().woken();
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
  other->broker().woken();
  bench.settle(retry_after(5s, taken[0]));
  BOOST_TEST(rings(work));
  other->broker().woken();
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
  other->broker().woken();
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
  other->backend().hear({});
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
  other->broker().woken();
  BOOST_TEST(bench.take().empty());
  must(bench.directory().heartbeat("node", bench.kLease));
  must(bench.broker().recover());
  BOOST_TEST(is_silent(work));
  BOOST_TEST(is_silent(outcomes));
}

// What who waits hears of an end, without a look: what a look would show, or that it must look.
void check_heard(const Backend::Heard& heard, const TaskRecord& found) {
  BOOST_TEST((heard.look || heard.ended));
  if (!heard.ended) return;
  const TaskRecord& ended = *heard.ended;
  BOOST_TEST(ended.id == found.id);
  BOOST_TEST(ended.name == found.name);
  BOOST_TEST(ended.queue == found.queue);
  BOOST_TEST(ended.priority == found.priority);
  BOOST_TEST(ended.state == found.state);
  BOOST_TEST(ended.attempt == found.attempt);
  BOOST_TEST(ended.args == found.args);
  BOOST_TEST(ended.tags == found.tags);
  BOOST_TEST((ended.options.max_retries == found.options.max_retries));
  BOOST_TEST((ended.submitted_at == found.submitted_at));
  BOOST_TEST((ended.started_at == found.started_at));
  BOOST_TEST((ended.finished_at == found.finished_at));
  BOOST_TEST(ended.result == found.result);
  BOOST_TEST(ended.node == found.node);
  BOOST_TEST((ended.resources == found.resources));
  BOOST_TEST(ended.log == found.log);
  BOOST_TEST(ended.progress == found.progress);
  BOOST_TEST(ended.error.has_value() == found.error.has_value());
}

#ifdef FLOWRRA_WITH_REDIS
template <typename Driver>
constexpr bool kAnnounces = std::is_same_v<Driver, Redis>;
#else
template <typename Driver>
constexpr bool kAnnounces = false;
#endif

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_heard_of_an_end_is_what_a_look_shows, Driver, Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  const int outcomes = other->backend().wake_fd();
  std::vector<NewTask> tasks{task("a"), task("b")};
  tasks[0].priority = 3;
  tasks[0].args = R"(["text"])";
  tasks[0].tags = {"one", "two"};
  tasks[0].options.max_retries = 7;
  bench.push(tasks);
  const TaskRecord a = bench.find("a");
  auto taken = bench.take(2);
  std::ranges::sort(taken, {}, [](const LeasedTask& leased) { return leased.task.id; });
  bench.clock.advance(3s);
  Settlement end = to(State::success, taken[0]);
  end.resources = Resources{0.25, 4096};
  bench.settle(end);
  BOOST_TEST(rings(outcomes));
  const Backend::Heard of_a = other->backend().hear(a);
  BOOST_TEST(of_a.ended.has_value() == kAnnounces<Driver>);
  check_heard(of_a, bench.find("a"));
  bench.settle(to(State::success, taken[1]));
  // Who waits for a hears of b, and is not concerned where it is told of whom that was.
  BOOST_TEST(rings(outcomes));
  const Backend::Heard of_b = other->backend().hear(a);
  BOOST_TEST(!of_b.ended);
  BOOST_TEST(of_b.look == !kAnnounces<Driver>);
}

// Each of these says more than a message does.
BOOST_AUTO_TEST_CASE_TEMPLATE(of_an_end_that_is_not_told_whole_who_waits_hears_that_it_must_look, Driver, Drivers) {
  const auto check = [](const auto& end) {
    Bench<Driver> bench;
    const auto other = bench.open();
    const int outcomes = other->backend().wake_fd();
    bench.push("a");
    const TaskRecord awaited = bench.find("a");
    end(bench, bench.take_one());
    BOOST_TEST(rings(outcomes));
    const Backend::Heard heard = other->backend().hear(awaited);
    BOOST_TEST(heard.look);
    BOOST_TEST(!heard.ended);
  };
  check([](auto& bench, const LeasedTask& leased) { bench.settle(to(State::failed, leased)); });
  check([](auto& bench, const LeasedTask& leased) { bench.settle(to(State::success, leased), false); });
  check([](auto& bench, const LeasedTask& leased) {
    Settlement large = to(State::success, leased);
    large.result = '"' + std::string(100'000, 'x') + '"';
    bench.settle(large);
  });
  check([](auto& bench, const LeasedTask& leased) {
    Settlement with_log = to(State::success, leased);
    with_log.log = "{}\n";
    bench.settle(with_log);
  });
  check([](auto& bench, const LeasedTask& leased) {
    ExchangeRequest progress;
    progress.progress = {{leased.lease, R"({"done":1})", ""}};
    must(bench.broker().exchange(progress));
    bench.settle(to(State::success, leased));
  });
  check([](auto& bench, const LeasedTask& leased) {
    ExchangeRequest both;
    both.progress = {{leased.lease, R"({"done":1})", "{}\n"}};
    both.settlements = {to(State::success, leased)};
    must(bench.broker().exchange(both));
  });
  check([](auto& bench, const LeasedTask& leased) {
    bench.settle(released(leased));
    bench.settle(to(State::success, bench.take_one()));
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_end_of_an_older_task_of_the_same_id_is_not_taken_for_that_of_a_new_one, Driver,
                              Drivers) {
  Bench<Driver> bench;
  const auto other = bench.open();
  other->backend().wake_fd();
  bench.push("a");
  bench.settle(to(State::success, bench.take_one()));
  must(bench.backend().remove(Ids{"a"}));
  bench.clock.advance(1s);
  bench.push("a");
  const Backend::Heard heard = other->backend().hear(bench.find("a"));
  BOOST_TEST(heard.look);
  BOOST_TEST(!heard.ended);
}

// The waiter of a result: subscribe, look, then poll. Each round the outcome may come at any of these steps.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_waiter_that_subscribes_before_it_looks_misses_nothing, Driver, Drivers) {
  Bench<Driver> bench;
  constexpr int kRounds = 300;
  std::thread node([&bench] {
    const auto store = bench.open();
    const int work = store->broker().wake_fd();
    for (int done = 0; done < kRounds;) {
      store->broker().woken();
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
      bench.backend().hear({});
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
  tasks.reserve(kTasks);
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
