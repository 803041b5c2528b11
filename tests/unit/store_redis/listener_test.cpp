#include "store/redis/listener.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <boost/test/unit_test.hpp>

#include "base/fd.hpp"
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

// A bell that tells whether it rang.
struct Ear {
  UniqueFd fd{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

  [[nodiscard]] bool hears(Micros time = kPatience) const {
    pollfd bell = {fd.get(), POLLIN, 0};
    const bool rang = poll(&bell, 1, static_cast<int>(time.count() / 1000)) == 1;
    if (rang) clear_wake(fd.get());
    return rang;
  }
};

std::unique_ptr<Listener> listen(const std::string& url, std::vector<Listener::Bell> bells,
                                 Micros timeout = std::chrono::seconds(20)) {
  return must(Listener::open(endpoint_of(url, {}, timeout), std::move(bells)));
}

// A listener on "net:tasks" behind a network that fails as the test wants.
struct Proxied {
  explicit Proxied(Micros timeout = std::chrono::seconds(20))
      : listener(listen(proxy.url(server.url()), {{"net:tasks", ear.fd.get()}}, timeout)) {}

  RedisServer server;
  Proxy proxy{server.port()};
  Ear ear;
  std::unique_ptr<Listener> listener;
};

// Publishes until somebody gets it, which then rings. Each attempt to subscribe that fails rings, too.
void check_rings_again(const RedisServer& server, const Ear& ear, const std::string& channel = "net:tasks") {
  while (server.cli({"PUBLISH", channel, "1"}) == "0") BOOST_TEST_REQUIRE(ear.hears());
  BOOST_TEST(ear.hears());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_listener)

BOOST_AUTO_TEST_CASE(the_bells_of_a_channel_ring_and_no_others) {
  RedisServer& server = RedisServer::shared();
  const Ear tasks;
  const Ear also_tasks;
  const Ear results;
  const auto listener =
      listen(server.url(),
             {{"net:tasks", tasks.fd.get()}, {"net:results", results.fd.get()}, {"net:tasks", also_tasks.fd.get()}});
  BOOST_TEST(server.cli({"PUBLISH", "net:tasks", "1"}) == "1");
  BOOST_TEST(tasks.hears());
  BOOST_TEST(also_tasks.hears());
  // What is published later is heard later: by then the first would have rung, too.
  server.cli({"PUBLISH", "net:else", "1"});
  BOOST_TEST(server.cli({"PUBLISH", "net:results", "1"}) == "1");
  BOOST_TEST(results.hears());
  BOOST_TEST(!tasks.hears(Micros(0)));
}

BOOST_AUTO_TEST_CASE(many_messages_at_once_are_heard) {
  RedisServer& server = RedisServer::shared();
  const Ear ear;
  const auto listener = listen(server.url(), {{"net:many", ear.fd.get()}});
  const auto connection = connect(server.url());
  const Script flood = make_script("flood", "for i = 1, 20000 do redis.call('PUBLISH', KEYS[1], i) end");
  BOOST_TEST(connection->run(flood, "net:many", {}).ok());
  BOOST_TEST(ear.hears());
}

BOOST_AUTO_TEST_CASE(bells_ring_when_the_server_is_back_and_go_on_ringing) {
  RedisServer server;
  const Ear ear;
  const auto listener = listen(server.url(), {{"net:tasks", ear.fd.get()}});
  for (int round = 0; round < 2; ++round) {
    server.kill();
    server.start();
    check_rings_again(server, ear);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_cut_is_made_again) {
  Proxied there;
  there.proxy.cut();
  BOOST_TEST(there.ear.hears());
  check_rings_again(there.server, there.ear);
}

BOOST_AUTO_TEST_CASE(a_half_open_connection_is_found_out) {
  Proxied there(kTimeout);
  there.proxy.swallow();
  there.server.cli({"PUBLISH", "net:tasks", "1"});
  // Nobody hears it. The silence is noticed, and new connections are tried, which are swallowed, too.
  there.proxy.wait_for([](const Proxy::Counts& counts) { return counts.connections >= 2; });
  there.proxy.pass();
  BOOST_TEST(there.ear.hears());
  check_rings_again(there.server, there.ear);
}

BOOST_AUTO_TEST_CASE(silence_is_answered_and_no_reason_to_connect_again) {
  Proxied there(std::chrono::seconds(2));
  const auto before = there.proxy.counts();
  // A PING and its answer, twice.
  there.proxy.wait_for([&](const Proxy::Counts& counts) { return counts.answered >= before.answered + 2 * 20; });
  BOOST_TEST(there.proxy.counts().connections == before.connections);
  BOOST_TEST(!there.ear.hears(Micros(0)));
}

BOOST_AUTO_TEST_CASE(a_listener_ends_at_once_whatever_it_does) {
  RedisServer server;
  const Ear ear;
  const auto took = [&](auto before) {
    auto listener = listen(server.url(), {{"net:tasks", ear.fd.get()}});
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
  const Ear ear;
  const auto listener = listen(server.url(), {{"net:tasks", ear.fd.get()}});
  for (int attempt = 0; attempt < 3; ++attempt) BOOST_TEST(ear.hears());  // who waits looks
  server.start();
  check_rings_again(server, ear);
}

BOOST_AUTO_TEST_CASE(who_waits_on_a_channel_that_is_not_allowed_looks_now_and_then) {
  RedisOptions options;
  options.users = {"worker on >knock ~* &flowrra* +@all"};
  const RedisServer server(options);
  const Ear ear;
  const auto listener = listen(server.url_as("worker", "knock"), {{"other", ear.fd.get()}});
  for (int attempt = 0; attempt < 3; ++attempt) BOOST_TEST(ear.hears());
  server.cli({"ACL", "SETUSER", "worker", "&*"});
  check_rings_again(server, ear, "other");
}

BOOST_AUTO_TEST_CASE(listeners_leave_nothing_behind) {
  RedisServer& server = RedisServer::shared();
  const Ear ear;
  listen(server.url(), {{"net:tasks", ear.fd.get()}});
  const auto before = standing_of(getpid()).descriptors;
  for (int i = 0; i < 20; ++i) listen(server.url(), {{"net:tasks", ear.fd.get()}});
  BOOST_TEST(standing_of(getpid()).descriptors == before);
}

BOOST_AUTO_TEST_CASE(a_server_that_hangs_up_at_once_is_not_stormed) {
  ScriptedServer server([](const ScriptedServer::Command&) {
    return ScriptedServer::Answer{"*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n", true};
  });
  const Ear ear;
  const auto listener = listen(server.url(), {{"c", ear.fd.get()}});
  const auto start = SteadyClock::now();
  while (server.connections() < 4) BOOST_TEST_REQUIRE(ear.hears());
  BOOST_TEST((SteadyClock::now() - start >= std::chrono::milliseconds(25 + 50 + 100)));
}

BOOST_AUTO_TEST_SUITE_END()
