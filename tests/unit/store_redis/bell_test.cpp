#include "store/redis/bell.hpp"

#include <poll.h>

#include <boost/test/unit_test.hpp>

#include "support/redis_server.hpp"
#include "unit/store_redis/connecting.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

bool is_readable(int fd, Micros time = Micros(0)) {
  pollfd entry = {fd, POLLIN, 0};
  return poll(&entry, 1, static_cast<int>(time.count() / 1000)) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_bell)

BOOST_AUTO_TEST_CASE(what_was_published_since_the_last_time_is_heard) {
  RedisServer& server = RedisServer::shared();
  Bell bell(endpoint_of(server.url()), "bell:heard");
  BOOST_TEST(!is_readable(bell.fd()));
  BOOST_TEST(server.cli({"PUBLISH", "bell:heard", "a"}) == "1");
  BOOST_TEST(is_readable(bell.fd(), kPatience));
  const Listener::Heard heard = bell.hear();
  BOOST_TEST(!heard.missed);
  BOOST_TEST(heard.messages == std::vector<std::string>{"a"});
  BOOST_TEST(!is_readable(bell.fd()));
}

// Else who waits would look without end.
BOOST_AUTO_TEST_CASE(who_has_no_connection_left_to_listen_with_looks_once_and_listens_when_there_is_one) {
  const RedisServer server;
  NetworkOptions network;
  network.max_connections = 2;
  const auto first = must(Connection::open(endpoint_of(server.url(), network)));
  auto last = must(Connection::open(endpoint_of(server.url(), network)));
  Bell bell(endpoint_of(server.url(), network), "bell:later");
  BOOST_TEST(is_readable(bell.fd()));
  BOOST_TEST(bell.hear().missed);
  BOOST_TEST(!bell.hear().missed);
  last.reset();
  const int fd = bell.fd();
  BOOST_TEST(server.cli({"PUBLISH", "bell:later", "a"}) == "1");
  BOOST_TEST(is_readable(fd, kPatience));
  BOOST_TEST(bell.hear().messages == std::vector<std::string>{"a"});
}

BOOST_AUTO_TEST_SUITE_END()
