#include "store/redis/connection.hpp"

#include <boost/test/unit_test.hpp>

#include "support/proxy.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"
#include "unit/store_redis/connecting.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

using SteadyClock = std::chrono::steady_clock;

// Until the server is heard again: what fails in between fails at once or within the timeout.
void wait_for_pong(Connection& connection) {
  const auto deadline = SteadyClock::now() + kPatience;
  while (said(connection, {"PING"}) != "PONG") {
    if (SteadyClock::now() > deadline) throw std::runtime_error("no PONG");
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_connection)

BOOST_AUTO_TEST_CASE(a_connection_knows_its_server_and_answers) {
  RedisServer& server = RedisServer::shared();
  const auto connection = connect(server.url(3));
  BOOST_TEST(connection->server().version.starts_with("7."));
  BOOST_TEST(connection->server().maxmemory_policy == "noeviction");
  BOOST_TEST(connection->server().aof_known);
  BOOST_TEST(!connection->server().append_only);
  BOOST_TEST(said(*connection, {"SET", "net:a", "in three"}) == "OK");
  BOOST_TEST(server.cli({"GET", "net:a"}, 3) == "in three");
  BOOST_TEST(server.cli({"GET", "net:a"}, 0) == "");
  BOOST_TEST(said(*connection, {"CLIENT", "GETNAME"}) == "flowrra");
  BOOST_TEST(said(*connection, {"NO-SUCH"}) == "<internal>");
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(a_unix_socket_is_the_same) {
  RedisServer& server = RedisServer::shared();
  const auto connection = connect(server.socket_url(4));
  BOOST_TEST(said(*connection, {"SET", "net:a", "in four"}) == "OK");
  BOOST_TEST(server.cli({"GET", "net:a"}, 4) == "in four");
}

BOOST_AUTO_TEST_CASE(commands_of_many_words_and_answers_of_many_bytes_arrive_whole) {
  const auto connection = connect(RedisServer::shared().url());
  std::vector<std::string> texts(20000);
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = std::to_string(i);
  std::vector<std::string_view> words = {"RPUSH", "net:many"};
  words.insert(words.end(), texts.begin(), texts.end());
  BOOST_TEST_REQUIRE(connection->call(words).ok());
  const auto range = must(call(*connection, {"LRANGE", "net:many", "0", "-1"}));
  BOOST_TEST_REQUIRE(range.view().size() == texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) BOOST_REQUIRE(range.view()[i].text() == texts[i]);

  std::string large(std::size_t{20} << 20U, 'x');
  for (std::size_t i = 0; i < large.size(); i += 997) large[i] = static_cast<char>(i);
  BOOST_TEST(said(*connection, {"SET", "net:large", large}) == "OK");
  const auto back = must(call(*connection, {"GET", "net:large"}));
  BOOST_TEST((back.view().text() == large));
  BOOST_TEST(must(call(*connection, {"DEL", "net:many", "net:large"})).view().number() == 2);
}

BOOST_AUTO_TEST_CASE(a_script_is_sent_once_and_again_when_the_server_forgot_it) {
  RedisServer server;
  const auto connection = connect(server.url());
  const Script script = make_script("double", "return {KEYS[1], ARGV[1] * 2, redis.call('INCR', KEYS[1])}");
  const std::string_view arguments[] = {"21"};
  for (int round = 1; round <= 3; ++round) {
    const Reply reply = must(connection->run(script, "net:runs", arguments));
    BOOST_TEST(reply.view()[0].text() == "net:runs");
    BOOST_TEST(reply.view()[1].number() == 42);
    BOOST_TEST(reply.view()[2].number() == round);
    if (round == 2) server.cli({"SCRIPT", "FLUSH"});
  }
}

BOOST_AUTO_TEST_CASE(an_error_within_a_script_names_it) {
  const auto connection = connect(RedisServer::shared().url());
  const auto failed = connection->run(make_script("odd", "return redis.call('INCR', ARGV[1], 'x')"), "k", {});
  BOOST_REQUIRE(!failed);
  BOOST_TEST((failed.error().code == Code::internal));
  BOOST_TEST(has(failed.error().message, "script odd"), failed.error().message);
  BOOST_TEST(!connection->outcome_unknown());
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(a_password_and_an_acl_user_are_told_to_the_server) {
  RedisOptions options;
  options.password = "open-sesame";
  options.users = {"worker on >/@:%knock ~flowrra* &* +@all -info -client -select -config"};
  const RedisServer server(options);
  BOOST_TEST(said(*connect(server.url()), {"ACL", "WHOAMI"}) == "default");
  BOOST_TEST(said(*connect(server.socket_url()), {"ACL", "WHOAMI"}) == "default");
  const auto worker = connect(server.url_as("worker", "%2F%40%3a%25knock"));
  BOOST_TEST(said(*worker, {"ACL", "WHOAMI"}) == "worker");
  BOOST_TEST(worker->server().version == "");
  BOOST_TEST(worker->server().maxmemory_policy == "");
  BOOST_TEST(!worker->server().aof_known);
  BOOST_TEST(said(*worker, {"GET", "other"}) == "<denied>");
  BOOST_TEST(said(*worker, {"GET", "flowrra"}) == "");
  BOOST_TEST((refusal(server.url_as("worker", "%2F%40%3a%25knock", 1)).code == Code::denied));
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_refused_without_being_told) {
  RedisOptions options;
  options.password = "open-sesame";
  const RedisServer server(options);
  for (const std::string& url : {server.url_as("default", "wrong-sesame"), server.url_as("nobody", "wrong-sesame"),
                                 "redis://:wrong-sesame@127.0.0.1:" + std::to_string(server.port()),
                                 "redis://127.0.0.1:" + std::to_string(server.port())}) {
    const Error error = refusal(url);
    BOOST_TEST((error.code == Code::denied), url << ": " << error.message);
    BOOST_TEST(!has(error.message + error.hint, "sesame"));
    BOOST_TEST(!error.hint.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_password_that_the_server_does_not_have_is_no_protection_and_is_told) {
  const Error error = refusal("redis://:sesame@127.0.0.1:" + std::to_string(RedisServer::shared().port()));
  BOOST_TEST((error.code == Code::config));
  BOOST_TEST(!has(error.message + error.hint, "sesame"));
}

BOOST_AUTO_TEST_CASE(a_database_that_is_not_there_is_refused) {
  BOOST_TEST((refusal(RedisServer::shared().url(999)).code == Code::config));
}

BOOST_AUTO_TEST_CASE(an_evicting_server_is_refused) {
  RedisOptions options;
  options.max_memory = "50mb";
  options.policy = "allkeys-lru";
  const RedisServer server(options);
  const Error error = refusal(server.url());
  BOOST_TEST((error.code == Code::config));
  BOOST_TEST(has(error.hint, "CONFIG SET maxmemory-policy noeviction"));
  server.cli({"CONFIG", "SET", "maxmemory-policy", "noeviction"});
  BOOST_TEST(said(*connect(server.url()), {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(a_full_server_is_busy_and_says_what_helps) {
  RedisOptions options;
  options.max_memory = "5mb";
  const RedisServer server(options);
  const auto connection = connect(server.url());
  const std::string value(std::size_t{1} << 20U, 'x');
  Result<Reply> last = call(*connection, {"PING"});
  for (int i = 0; i < 10 && last; ++i) last = call(*connection, {"SET", std::to_string(i), value});
  BOOST_REQUIRE(!last);
  BOOST_TEST((last.error().code == Code::busy));
  BOOST_TEST(has(last.error().hint, "maxmemory"));
  BOOST_TEST(!connection->outcome_unknown());
  server.cli({"CONFIG", "SET", "maxmemory", "100000"});
  const auto script = connection->run(make_script("fill", "return redis.call('SET', KEYS[1], 'x')"), "k", {});
  BOOST_REQUIRE(!script);
  BOOST_TEST((script.error().code == Code::busy));
}

BOOST_AUTO_TEST_CASE(no_server_and_no_host_are_unreachable) {
  RedisServer server;
  const std::string url = server.url();
  const std::string socket = server.socket_url();
  server.kill();
  for (const Error& error : {refusal(url), refusal(socket), refusal("unix:///nowhere/redis.sock")}) {
    BOOST_TEST((error.code == Code::unreachable));
    BOOST_TEST(!error.hint.empty());
  }
  NetworkOptions network;
  network.insecure = true;
  BOOST_TEST((refusal("redis://no-such-host.invalid", network).code == Code::unreachable));
}

BOOST_AUTO_TEST_CASE(connections_of_this_process_are_counted) {
  RedisServer& server = RedisServer::shared();
  NetworkOptions network;
  network.max_connections = 2;
  const Endpoint endpoint = endpoint_of(server.url(7), network);
  const auto first = must(Connection::open(endpoint));
  auto second = must(Connection::open(endpoint));
  const auto third = Connection::open(endpoint);
  BOOST_REQUIRE(!third);
  BOOST_TEST((third.error().code == Code::unreachable));
  BOOST_TEST(has(third.error().hint, "max_connections"));
  second.reset();
  BOOST_TEST(Connection::open(endpoint).ok());
  BOOST_TEST(Connection::open(endpoint).ok());
}

BOOST_AUTO_TEST_CASE(a_server_that_stands_still_is_given_up_within_the_timeout) {
  RedisServer server;
  const auto connection = connect(server.url(), kTimeout);
  server.pause();
  const auto start = SteadyClock::now();
  const auto reply = call(*connection, {"INCR", "net:n"});
  const auto took = SteadyClock::now() - start;
  BOOST_REQUIRE(!reply);
  BOOST_TEST((reply.error().code == Code::unreachable));
  BOOST_TEST(connection->outcome_unknown());
  BOOST_TEST((took >= kTimeout && took < kTimeout + std::chrono::seconds(5)));
  // The next call connects anew, which nobody answers; the one after that fails at once.
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
  BOOST_TEST(!connection->outcome_unknown());
  server.resume();
  wait_for_pong(*connection);
  BOOST_TEST(server.cli({"GET", "net:n"}) == "1");
}

BOOST_AUTO_TEST_CASE(a_server_that_came_back_is_found_by_the_next_call) {
  RedisServer server;
  const auto connection = connect(server.url());
  for (int round = 0; round < 3; ++round) {
    server.kill();
    server.start();
    BOOST_TEST(said(*connection, {"PING"}) == "PONG");
    BOOST_TEST(!connection->outcome_unknown());
  }
}

BOOST_AUTO_TEST_CASE(calls_fail_at_once_in_the_pauses_between_attempts) {
  RedisServer server;
  Proxy proxy(server.port());
  const auto connection = connect(proxy.url(server.url()));
  proxy.down();
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
  // A thousand attempts would take a thousand connections; within the pauses there are a few.
  for (int i = 0; i < 1000; ++i) BOOST_REQUIRE(said(*connection, {"PING"}) == "<unreachable>");
  BOOST_TEST(!connection->outcome_unknown());
  proxy.pass();
  const auto before = proxy.counts().connections;
  wait_for_pong(*connection);
  BOOST_TEST(proxy.counts().connections == before + 1);
}

BOOST_AUTO_TEST_CASE(what_was_cut_before_the_command_was_whole_did_not_happen) {
  RedisServer server;
  Proxy proxy(server.port());
  const auto connection = connect(proxy.url(server.url()));
  proxy.cut_request(1000);
  const std::string large(std::size_t{32} << 20U, 'x');
  BOOST_TEST(said(*connection, {"SET", "net:large", large}) == "<unreachable>");
  BOOST_TEST(server.cli({"EXISTS", "net:large"}) == "0");
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(what_was_cut_before_the_answer_may_have_happened) {
  RedisServer server;
  Proxy proxy(server.port());
  const auto connection = connect(proxy.url(server.url()));
  for (const std::size_t bytes : {0U, 1U, 3U}) {
    proxy.cut_answer(bytes);
    BOOST_TEST(said(*connection, {"INCR", "net:n"}) == "<unreachable>");
    BOOST_TEST(connection->outcome_unknown());
    BOOST_TEST(said(*connection, {"PING"}) == "PONG");
  }
  BOOST_TEST(server.cli({"GET", "net:n"}) == "3");
}

BOOST_AUTO_TEST_CASE(a_half_open_connection_is_given_up_within_the_timeout) {
  RedisServer server;
  Proxy proxy(server.port());
  const auto connection = connect(proxy.url(server.url()), kTimeout);
  proxy.swallow();
  const auto start = SteadyClock::now();
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
  BOOST_TEST((SteadyClock::now() - start < kTimeout + std::chrono::seconds(5)));
  BOOST_TEST(connection->outcome_unknown());
  proxy.pass();
  wait_for_pong(*connection);
}

BOOST_AUTO_TEST_CASE(a_slow_network_is_read_byte_by_byte) {
  RedisServer server;
  Proxy proxy(server.port());
  proxy.dribble();
  const auto connection = connect(proxy.url(server.url()));
  BOOST_TEST(said(*connection, {"ECHO", "slowly but surely"}) == "slowly but surely");
}

BOOST_AUTO_TEST_SUITE_END()
