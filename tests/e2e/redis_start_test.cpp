// A node that is started while its server is away, or not of use yet.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <thread>

#include "support/proxy.hpp"
#include "support/redis_setup.hpp"

using namespace flowrra::test;
using namespace std::chrono_literals;

namespace {

BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

Setup patient(const std::string& url, const std::string& start_timeout = "60.0", const std::string& lines = "") {
  Setup out = setup_of(url, lines);
  out.executor = RedisPlace::kExecutor + ("start_timeout = " + start_timeout + "\n");
  return out;
}

// A node that is ready works, and ends when it is told to.
void check_works(const Workplace& place, Process& node) {
  node.wait_for_error_text("ready: ");
  BOOST_TEST(place.ended(place.submit({"faulty.cpu_echo", "1"}))["state"] == "success");
  node.signal(SIGTERM);
  BOOST_TEST(node.wait().code() == 0);
}

void check_ends_at_once(Process& node, int signal) {
  node.signal(signal);
  BOOST_REQUIRE(node.ends_within(5s));
  const Outcome outcome = node.wait();
  BOOST_TEST(outcome.code() == 0, outcome.err);
  BOOST_TEST(has(outcome.err, "stopped"), outcome.err);
  BOOST_TEST(!has(outcome.err, "ready: "), outcome.err);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_that_is_started_while_the_server_is_away_works_when_it_is_there) {
  RedisServer server;
  const Workplace place(patient(server.url()));
  server.stop();
  Process node(place.command({"run"}));
  node.wait_for_error_text("waiting for it");
  BOOST_TEST(!has(node.err(), "ready: "));
  server.start();
  check_works(place, node);
}

BOOST_AUTO_TEST_CASE(a_node_that_waits_for_its_server_ends_at_once_when_it_is_told_to) {
  RedisServer server;
  const Workplace place(patient(server.url()));
  server.stop();
  for (const int signal : {SIGTERM, SIGINT}) {
    Process node(place.command({"run"}));
    node.wait_for_error_text("waiting for it");
    check_ends_at_once(node, signal);
    BOOST_TEST(childless());
  }
}

BOOST_AUTO_TEST_CASE(a_node_whose_server_accepts_and_says_nothing_ends_at_once_when_it_is_told_to) {
  const RedisServer server;
  Proxy proxy(server.port());
  proxy.swallow();
  const Workplace place(patient(proxy.url(server.url()), "60.0", "socket_timeout = 60.0\n"));
  Process node(place.command({"run"}));
  proxy.wait_for([](const Proxy::Counts& counts) { return counts.swallowed > 0; });
  check_ends_at_once(node, SIGTERM);
}

BOOST_AUTO_TEST_CASE(a_server_that_reads_its_data_is_waited_for_however_short_the_patience_is) {
  RedisOptions options;
  options.append = "always";
  RedisServer server(options);
  const Workplace place(patient(server.url(), "0"));
  for (int i = 0; i < 3; ++i) {
    server.cli({"EVAL", "for i = 1, 2000 do redis.call('SET', 'other' .. i, i) end", "0"});
  }
  server.cli({"CONFIG", "SET", "key-load-delay", "500"});
  server.cli({"CONFIG", "REWRITE"});
  std::jthread other([&place](const std::stop_token& stop) {
    Outcome outcome;
    do {
      outcome = place.flowrra({"status"});
    } while (!has(outcome.err, "LOADING") && !stop.stop_requested());
    Process node(place.command({"run"}));
    node.wait_for_error_text("waiting for it");
    BOOST_TEST(has(node.err(), "LOADING"), node.err());
    check_works(place, node);
  });
  server.restart();
  other.join();
}

BOOST_AUTO_TEST_CASE(a_server_that_stays_away_is_given_up_after_the_patience) {
  RedisServer server;
  const Workplace place(patient(server.url(), "0.5"));
  server.stop();
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = place.flowrra({"run"});
  BOOST_TEST(outcome.code() == 7, outcome.err);
  BOOST_TEST(has(outcome.err, "waiting for it"), outcome.err);
  BOOST_TEST((std::chrono::steady_clock::now() - start >= 500ms));
}

BOOST_AUTO_TEST_CASE(what_does_not_pass_by_itself_is_not_waited_for) {
  RedisOptions options;
  options.password = "open-sesame";
  const RedisServer guarded(options);
  options = {};
  options.max_memory = "50mb";
  options.policy = "allkeys-lru";
  const RedisServer evicting(options);
  for (const auto& [url, code] : {std::pair<std::string, int>{"redis://127.0.0.1:" + std::to_string(guarded.port()), 8},
                                  {evicting.url(), 2},
                                  {"radis://127.0.0.1", 2}}) {
    const Outcome outcome = run(Workplace(patient(url, "3600.0")).command({"run"}), kPatience);
    BOOST_TEST(outcome.code() == code, outcome.err);
    BOOST_TEST(!has(outcome.err, "waiting for it"), outcome.err);
  }
}
