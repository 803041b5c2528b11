#include <poll.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/redis/listener.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"
#include "unit/store_redis/connecting.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

// A server with a password, and a file that holds it.
class Guarded {
 public:
  Guarded() : server_(with_password()) { write("old-sesame"); }

  void write(const std::string& text) const {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), 0600);
  }
  // The server's password; nobody stays connected.
  void change(const std::string& password) const {
    server_.cli({"CONFIG", "SET", "requirepass", password});
    for (const char* type : {"normal", "pubsub"}) server_.cli({"CLIENT", "KILL", "TYPE", type});
  }
  [[nodiscard]] Endpoint endpoint() const {
    NetworkOptions network;
    network.password_file = path_;
    return endpoint_of("redis://127.0.0.1:" + std::to_string(server_.port()), network);
  }
  [[nodiscard]] std::string cli(const std::vector<std::string>& words) const { return server_.cli(words); }

 private:
  static RedisOptions with_password() {
    RedisOptions out;
    out.password = "old-sesame";
    return out;
  }

  RedisServer server_;
  TempDir folder_;
  std::string path_ = folder_ / "password";
};

// What is answered after the pauses between attempts.
std::string said_at_last(Connection& connection, const std::string& wanted) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  std::string out;
  do {
    out = said(connection, {"PING"});
  } while (out != wanted && std::chrono::steady_clock::now() < deadline);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_password_file)

BOOST_AUTO_TEST_CASE(a_password_that_was_changed_is_read_by_the_next_connection) {
  const Guarded server;
  const auto connection = must(Connection::open(server.endpoint()));
  server.write("new-sesame\n");
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
  server.change("new-sesame");
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_changed_after_the_server_is_read_then) {
  const Guarded server;
  const auto connection = must(Connection::open(server.endpoint()));
  server.change("new-sesame");
  BOOST_TEST(said(*connection, {"PING"}) == "<denied>");
  server.write("new-sesame\n");
  BOOST_TEST(said_at_last(*connection, "PONG") == "PONG");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_leaves_the_password_as_it_was) {
  const Guarded server;
  const auto connection = must(Connection::open(server.endpoint()));
  server.write("");
  server.change("old-sesame");
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(who_listens_reads_it_too) {
  const Guarded server;
  const auto listener = must(Listener::open(server.endpoint(), "channel"));
  server.write("new-sesame\n");
  server.change("new-sesame");
  pollfd rings = {listener->fd(), POLLIN, 0};
  while (server.cli({"PUBLISH", "channel", "1"}) == "0") {
    BOOST_TEST_REQUIRE(poll(&rings, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count())) == 1);
    listener->hear();
  }
}

BOOST_AUTO_TEST_SUITE_END()
