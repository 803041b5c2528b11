// How a client waits for the end of a task.

#include <sys/eventfd.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "app/client.hpp"
#include "base/fd.hpp"
#include "unit/app/client_bench.hpp"

using namespace flowrra;
using namespace flowrra::test;

BOOST_AUTO_TEST_CASE(waiting_ends_with_the_task) {
  over_stores([](Bench& bench) {
    const TaskId id = Bench::take(bench.client->submit(task("demo.one"), nullptr));
    const LeasedTask leased = bench.lease("demo.one");
    std::thread node([&] { bench.finish(leased, "[1]"); });
    const auto started = system_clock().boot();
    const auto record = bench.client->wait(id, 60s);
    node.join();
    BOOST_TEST(Bench::take(record).result == "[1]");
    BOOST_TEST((system_clock().boot() - started < 5s));  // woken, not found by the safety look
  });
}

// Who has waited before hears what ends, and need not look first at what it has just submitted.
BOOST_AUTO_TEST_CASE(who_waits_again_hears_of_each_task_that_it_submits) {
  over_stores([](Bench& bench) {
    const auto check_ended = [&](const TaskId& id) {
      const auto started = system_clock().boot();
      const TaskRecord record = Bench::take(bench.client->wait(id, 60s));
      BOOST_TEST((system_clock().boot() - started < 5s));
      BOOST_TEST((record.state == State::success));
      BOOST_TEST(record.result == "[1]");
      BOOST_TEST(record.args == R"({"n":1})");
    };
    for (int round = 0; round < 6; ++round) {
      const TaskId id = Bench::take(bench.client->submit(task("demo.one"), nullptr));
      const LeasedTask leased = bench.lease("demo.one");
      if (round % 2 == 0) {
        bench.finish(leased, "[1]");
        check_ended(id);
      } else {
        std::thread node([&] { bench.finish(leased, "[1]"); });
        const auto record = bench.client->wait(id, 60s);
        node.join();
        BOOST_TEST(Bench::take(record).result == "[1]");
      }
    }
    const TaskId first = Bench::take(bench.client->submit(task("demo.one"), nullptr));
    const LeasedTask of_first = bench.lease("demo.one");
    const TaskId second = Bench::take(bench.client->submit(task("demo.one"), nullptr));
    const LeasedTask of_second = bench.lease("demo.one");
    bench.finish(of_first, "[1]");
    bench.finish(of_second, "[1]");
    check_ended(first);
    check_ended(second);
    check_ended(second);
  });
}

BOOST_AUTO_TEST_CASE(a_task_that_is_cancelled_while_it_waits_ends_the_waiting) {
  over_stores([](Bench& bench) {
    const TaskId id = Bench::take(bench.client->submit(task("demo.one"), nullptr));
    std::thread other([&] { BOOST_TEST(bench.node->broker().cancel({&id, 1}).ok()); });
    const auto started = system_clock().boot();
    const auto record = bench.client->wait(id, 60s);
    other.join();
    BOOST_TEST((Bench::take(record).state == State::cancelled));
    BOOST_TEST((system_clock().boot() - started < 5s));
  });
}

BOOST_AUTO_TEST_CASE(waiting_ends_at_its_limit_and_when_it_is_interrupted) {
  Bench bench("memory://limits");
  const TaskId id = Bench::take(bench.client->submit(task("demo.one"), nullptr));
  BOOST_TEST((code_of(bench.client->wait(id, 20ms)) == Code::timed_out));
  BOOST_TEST((code_of(bench.client->wait(id, 0ms)) == Code::timed_out));
  BOOST_TEST((code_of(bench.client->wait("unknown", 1s)) == Code::not_found));
  const UniqueFd interrupt(eventfd(1, EFD_CLOEXEC));
  BOOST_TEST((code_of(bench.client->wait(id, std::nullopt, interrupt.get())) == Code::interrupted));
}

// However little time it is given, and whatever else happens.
BOOST_AUTO_TEST_CASE(who_waits_for_what_has_ended_is_always_told) {
  over_stores([](Bench& bench) {
    const UniqueFd interrupt(eventfd(1, EFD_CLOEXEC));
    const auto ended = [&] {
      const TaskId id = Bench::take(bench.client->submit(task("demo.one"), nullptr));
      bench.finish(bench.lease("demo.one"), "[1]");
      return id;
    };
    for (int round = 0; round < 3; ++round) {
      BOOST_TEST(Bench::take(bench.client->wait(ended(), 0ms)).result == "[1]");
      BOOST_TEST(Bench::take(bench.client->wait(ended(), std::nullopt, interrupt.get())).result == "[1]");
      const TaskId open = Bench::take(bench.client->submit(task("demo.one"), nullptr));
      BOOST_TEST((code_of(bench.client->wait(open, std::nullopt, interrupt.get())) == Code::interrupted));
      bench.finish(bench.lease("demo.one"), "[1]");
      const TaskId delayed = [&] {
        NewTask later = task("demo.one");
        later.delay = 1h;
        return Bench::take(bench.client->submit(std::move(later), nullptr));
      }();
      const auto waited = bench.client->wait(delayed, 0ms);
      BOOST_TEST((code_of(waited) == Code::timed_out));
      BOOST_TEST(waited.error().message.ends_with("is still scheduled"));
    }
  });
}
