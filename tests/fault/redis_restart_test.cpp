// A Redis server that is killed and started again, and again, under load: what it acknowledged is there, and its nodes
// go on by themselves.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <random>

#include "fault/redis_bench.hpp"
#include "support/looks.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using flowrra::UniqueFd;

namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr auto kLongOutage = std::chrono::milliseconds(2500);  // until nobody knocks any more often than each second

// How long the node needed each time, from the server's first answer to its next exchange.
Times restart_often(RedisServer& server, Trace& trace, int restarts) {
  std::minstd_rand random(7);
  Times out;
  for (int round = 0; round < restarts; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % (soaking() ? 1000 : 150)));  // nothing is awaited
    server.kill();
    if (round % 10 == 9) std::this_thread::sleep_for(kLongOutage);  // the fault itself
    server.start();
    const auto answers = SteadyClock::now();
    Heartbeat(server).wait();
    out.add(SteadyClock::now() - answers);
    trace.wait_for_finished(trace.finished() + 20, {});
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_or_run_twice_by_a_server_that_is_killed_again_and_again_under_load) {
  RedisServer server(durable());
  const Workplace workplace(traced_over(server.url()));
  Verdict verdict;
  Trace trace(workplace / "trace");
  auto node = workplace.node();
  Load load(workplace, trace, {.store_fails = true});
  trace.wait_for_finished(100, {});  // it is under way
  const int restarts = rounds(16, 300);
  const Times resumed = restart_often(server, trace, restarts);
  load.stop_and_tell(verdict);
  BOOST_TEST(stale(workplace) == 0);
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  verdict.check_runs(trace.runs(), {}, 0);  // no run needs another: the node lived, and so did its session
  verdict.check_rest(workplace);
  auto found = verdict.json();
  found["restarts"] = restarts;
  found["submissions_repeated"] = load.repeated();
  found["resumed_s"] = resumed.json();
  report("redis_restarts", found);
  BOOST_TEST(verdict.acknowledged > 300U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.duplicated == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
  BOOST_TEST(resumed.share(0.5) <= 2);
  BOOST_TEST(resumed.share(1) <= 5);
}

BOOST_AUTO_TEST_CASE(a_batch_whose_store_goes_away_tells_what_was_queued_and_refuses_no_line) {
  RedisServer server(durable());
  const Workplace workplace(traced_over(server.url()));
  const std::string fifo = workplace / "lines";
  BOOST_REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const UniqueFd input(open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  const auto say = [&](const std::string& text) {
    BOOST_REQUIRE(write(input.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  };
  Process batch(workplace.command({"submit", "--batch", "lines", "--id", "b", "-o", "json"}));
  say("{\"task\":\"traced.io\",\"args\":[\"t\",1]}\n");
  wait_for_state(workplace, "b-1", "pending");
  server.kill();
  say("{\"task\":\"traced.cpu\",\"args\":[\"t\",1]}\n{\"task\":\"traced.io\",\"args\":[\"t\",1]}\n");
  const Outcome outcome = batch.wait();
  BOOST_TEST(outcome.code() == 7, outcome.err);
  BOOST_TEST(has(outcome.err, "line 2 and those after it are not queued"), outcome.err);
  const auto told = nlohmann::json::parse(outcome.out);
  BOOST_REQUIRE_EQUAL(told.size(), 1U);
  BOOST_TEST(told[0].at("id") == "b-1");
  BOOST_TEST(told[0].at("outcome") == "queued");
}
