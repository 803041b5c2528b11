// Nodes are woken for each task and waiters for each result: with a lease of an hour a node looks by itself only after
// its first second, so that one wake-up that is lost is one task that never runs.
#include <signal.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <flowrra/flowrra.hpp>
#include <thread>

#include "fault/redis_bench.hpp"

using namespace flowrra::test;

namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr double kMost = 5;  // seconds; a waiter that was not woken looks after ten

Setup idle(const std::string& url) {
  return {.plugins = {sample("text.so")},
          .broker = url,
          .executor = "lease = 3600.0\ncpu_workers = 2\nblocking_threads = 1\n"};
}

// Adds, through a store that may be away for a moment; whether the sum is right. Only the main thread may use
// Boost.Test, so it checks what others return.
bool add(flowrra::App& app, const std::string& id, int first, int second) {
  for (;;) try {
      app.submit("text.add", flowrra::args(first, second), {.id = id});
      break;
    } catch (const flowrra::StoreError&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // the pause of a client that repeats
    }
  return app.wait(id, kPatience).value<int>() == first + second;
}

// One after the other, so that nodes and waiters are idle each time; how long each took that was right.
Times add_often(const Workplace& workplace, const std::string& name, int times) {
  flowrra::App app(flowrra::Config::load(workplace / "flowrra.toml"));
  Times out;
  for (int i = 0; i < times; ++i) {
    const auto from = SteadyClock::now();
    if (add(app, name + std::to_string(i), i, 1)) out.add(SteadyClock::now() - from);
  }
  return out;
}

Times submit_often(const Workplace& workplace, int times) {
  Times out;
  for (int i = 0; i < times; ++i) {
    const auto from = SteadyClock::now();
    const Outcome outcome = workplace.flowrra({"submit", "text.add", std::to_string(i), "1", "--wait", "-o", "value"});
    out.add(SteadyClock::now() - from);
    BOOST_TEST(outcome.code() == 0);
    BOOST_TEST(outcome.out == std::to_string(i + 1) + "\n");
  }
  return out;
}

void check_each_is_woken(const Workplace& workplace, const std::string& name) {
  auto node = workplace.node();
  const int times = rounds(600, 50000);
  Times other;
  std::thread beside([&] { other = add_often(workplace, "beside", times); });
  const Times one = add_often(workplace, "one", times);
  beside.join();
  const Times commands = submit_often(workplace, rounds(60, 3000));
  report(name, {{"tasks", 2 * times}, {"woken_s", one.json()}, {"by_command_s", commands.json()}});
  BOOST_TEST(one.size() + other.size() == 2 * static_cast<std::size_t>(times));
  for (const Times& each : {one, other, commands}) BOOST_TEST(each.share(1) < kMost);
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_wake_up_is_lost_over_sqlite) {
  const Workplace workplace(idle({}));
  check_each_is_woken(workplace, "wake_sqlite");
}

#ifdef FLOWRRA_WITH_REDIS
BOOST_AUTO_TEST_CASE(no_wake_up_is_lost_over_redis) {
  const RedisServer server;
  const Workplace workplace(idle(server.url()));
  check_each_is_woken(workplace, "wake_redis");
}

BOOST_AUTO_TEST_CASE(no_wake_up_is_lost_over_redis_while_the_server_is_killed_and_started) {
  RedisServer server(durable());
  const Workplace workplace(idle(server.url()));
  auto node = workplace.node();
  std::atomic<bool> enough = false;
  std::atomic<int> done = 0;
  std::atomic<int> wrong = 0;
  std::thread submitter([&] {
    flowrra::App app(flowrra::Config::load(workplace / "flowrra.toml"));
    for (int i = 0; !enough; ++i) {
      if (!add(app, "task" + std::to_string(i), i, 1)) ++wrong;
      ++done;
      done.notify_all();
    }
  });
  const int restarts = rounds(10, 300);
  for (int round = 0; round < restarts; ++round) {
    for (int known = done, wanted = known + 20; known < wanted; known = done) done.wait(known);
    server.kill();
    server.start();
  }
  enough = true;
  submitter.join();
  BOOST_TEST(wrong == 0);
  report("wake_restarts", {{"restarts", restarts}, {"tasks", done.load()}});
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}
#endif
