#include "store/redis/listener.hpp"

#include <poll.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "support/proxy.hpp"
#include "support/redis_server.hpp"
#include "support/standing.hpp"
#include "support/text.hpp"
#include "unit/store_redis/connecting.hpp"
#include "unit/store_redis/scripted_server.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

using SteadyClock = std::chrono::steady_clock;

std::unique_ptr<Listener> listen(const std::string& url, const std::string& channel,
                                 Micros timeout = std::chrono::seconds(20)) {
  return must(Listener::open(endpoint_of(url, {}, timeout), channel));
}

// Whether there is something to hear in time: what was published, or "missed".
std::vector<std::string> heard_by(Listener& listener, Micros time = kPatience) {
  const auto end = SteadyClock::now() + time;
  for (;;) {
    pollfd bell = {listener.fd(), POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - SteadyClock::now());
    if (poll(&bell, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) != 1) return {};
    Listener::Heard heard = listener.hear();
    if (heard.missed) heard.messages.emplace_back("missed");
    if (!heard.messages.empty()) return heard.messages;
  }
}
bool hears(Listener& listener, Micros time = kPatience) { return !heard_by(listener, time).empty(); }

// A listener on "net:tasks" behind a network that fails as the test wants.
struct Proxied {
  explicit Proxied(Micros timeout = std::chrono::seconds(20))
      : listener(listen(proxy.url(server.url()), "net:tasks", timeout)) {}

  RedisServer server;
  Proxy proxy{server.port()};
  std::unique_ptr<Listener> listener;
};

// Publishes until somebody gets it, which then rings. Each attempt to subscribe that fails rings, too.
void check_rings_again(const RedisServer& server, Listener& listener, const std::string& channel = "net:tasks") {
  while (server.cli({"PUBLISH", channel, "1"}) == "0") BOOST_TEST_REQUIRE(hears(listener));
  BOOST_TEST(hears(listener));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_listener)

BOOST_AUTO_TEST_CASE(a_listener_hears_its_channel_and_no_other) {
  RedisServer& server = RedisServer::shared();
  const auto tasks = listen(server.url(), "net:tasks");
  const auto also_tasks = listen(server.url(), "net:tasks");
  const auto results = listen(server.url(), "net:results");
  BOOST_TEST(server.cli({"PUBLISH", "net:tasks", "a text"}) == "2");
  BOOST_TEST(heard_by(*tasks) == std::vector<std::string>{"a text"});
  BOOST_TEST(heard_by(*also_tasks) == std::vector<std::string>{"a text"});
  // What is published later is heard later: by then the first would have rung, too.
  server.cli({"PUBLISH", "net:else", "1"});
  BOOST_TEST(server.cli({"PUBLISH", "net:results", ""}) == "1");
  BOOST_TEST(heard_by(*results) == std::vector<std::string>{""});
  BOOST_TEST(!hears(*tasks, Micros(0)));
}

BOOST_AUTO_TEST_CASE(many_messages_at_once_are_heard) {
  RedisServer& server = RedisServer::shared();
  const auto listener = listen(server.url(), "net:many");
  const auto connection = connect(server.url());
  constexpr std::size_t kMany = 20000;
  const Script flood = make_script("flood", "for i = 1, 20000 do redis.call('PUBLISH', KEYS[1], i) end");
  BOOST_TEST(connection->run(flood, "net:many", {}).ok());
  std::size_t heard = 0;
  while (heard < kMany) {
    const auto some = heard_by(*listener);
    BOOST_TEST_REQUIRE(!some.empty());
    heard += some.size();
  }
  BOOST_TEST(heard == kMany);
}

// Nobody waits, as in a program that has waited once: what comes is read, and who waits again knows that it came.
BOOST_AUTO_TEST_CASE(what_nobody_reads_is_read_and_counts_as_missed) {
  Proxied there(kTimeout);
  const auto before = there.proxy.counts();
  there.server.cli({"PUBLISH", "net:tasks", "unread"});
  // Who has read it notices the silence that follows, and asks.
  there.proxy.wait_for([&](const Proxy::Counts& counts) { return counts.requested > before.requested; });
  BOOST_TEST(heard_by(*there.listener) == std::vector<std::string>{"missed"});
  BOOST_TEST(there.proxy.counts().connections == before.connections);
}

BOOST_AUTO_TEST_CASE(bells_ring_when_the_server_is_back_and_go_on_ringing) {
  RedisServer server;
  const auto listener = listen(server.url(), "net:tasks");
  for (int round = 0; round < 2; ++round) {
    server.kill();
    server.start();
    check_rings_again(server, *listener);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_cut_is_made_again) {
  Proxied there;
  there.proxy.cut();
  BOOST_TEST(hears(*there.listener));
  check_rings_again(there.server, *there.listener);
}

BOOST_AUTO_TEST_CASE(a_half_open_connection_is_found_out) {
  Proxied there(kTimeout);
  there.proxy.swallow();
  there.server.cli({"PUBLISH", "net:tasks", "1"});
  // Nobody hears it. The silence is noticed, and new connections are tried, which are swallowed, too.
  there.proxy.wait_for([](const Proxy::Counts& counts) { return counts.connections >= 2; });
  there.proxy.pass();
  BOOST_TEST(hears(*there.listener));
  check_rings_again(there.server, *there.listener);
}

BOOST_AUTO_TEST_CASE(silence_is_answered_and_no_reason_to_connect_again) {
  Proxied there(std::chrono::seconds(2));
  const auto before = there.proxy.counts();
  // A PING and its answer, twice.
  there.proxy.wait_for([&](const Proxy::Counts& counts) { return counts.answered >= before.answered + 2 * 20; });
  BOOST_TEST(there.proxy.counts().connections == before.connections);
  BOOST_TEST(!hears(*there.listener, Micros(0)));
}

BOOST_AUTO_TEST_CASE(a_listener_ends_at_once_whatever_it_does) {
  RedisServer server;
  const auto took = [&](auto before) {
    auto listener = listen(server.url(), "net:tasks");
    before();
    const auto start = SteadyClock::now();
    listener.reset();
    return SteadyClock::now() - start;
  };
  BOOST_TEST((took([] {}) < std::chrono::seconds(5)));
  BOOST_TEST((took([&] { server.pause(); }) < std::chrono::seconds(5)));
  server.resume();
  BOOST_TEST((took([&] { server.kill(); }) < std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(a_listener_begins_to_listen_when_the_server_that_was_away_is_there) {
  RedisServer server;
  server.kill();
  const auto listener = listen(server.url(), "net:tasks");
  for (int attempt = 0; attempt < 3; ++attempt) BOOST_TEST(hears(*listener));  // who waits looks
  server.start();
  check_rings_again(server, *listener);
}

BOOST_AUTO_TEST_CASE(who_waits_on_a_channel_that_is_not_allowed_looks_now_and_then) {
  RedisOptions options;
  options.users = {"worker on >knock ~* &flowrra* +@all"};
  const RedisServer server(options);
  const auto listener = listen(server.url_as("worker", "knock"), "other");
  for (int attempt = 0; attempt < 3; ++attempt) BOOST_TEST(hears(*listener));
  server.cli({"ACL", "SETUSER", "worker", "&*"});
  check_rings_again(server, *listener, "other");
}

BOOST_AUTO_TEST_CASE(listeners_leave_nothing_behind) {
  RedisServer& server = RedisServer::shared();
  listen(server.url(), "net:tasks");
  const auto before = standing_of(getpid()).descriptors;
  for (int i = 0; i < 20; ++i) listen(server.url(), "net:tasks");
  BOOST_TEST(standing_of(getpid()).descriptors == before);
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_up_at_once_is_not_stormed) {
  ScriptedServer server([](const ScriptedServer::Command&) {
    return ScriptedServer::Answer{"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", true};
  });
  const auto listener = listen(server.url(), "c");
  const auto start = SteadyClock::now();
  while (server.connections() < 4) BOOST_TEST_REQUIRE(hears(*listener));
  BOOST_TEST((SteadyClock::now() - start >= std::chrono::milliseconds(25 + 50 + 100)));
}

BOOST_AUTO_TEST_SUITE_END()
