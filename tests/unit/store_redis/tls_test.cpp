#include <boost/test/unit_test.hpp>

#include "support/proxy.hpp"
#include "support/redis_server.hpp"
#include "support/text.hpp"
#include "unit/store_redis/connecting.hpp"
#include "unit/store_redis/scripted_server.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

RedisOptions with_tls(bool client_certificates = false, const std::string& names = "DNS:localhost,IP:127.0.0.1") {
  RedisOptions options;
  options.tls = true;
  options.client_certificates = client_certificates;
  options.names = names;
  return options;
}

NetworkOptions trusting(const RedisServer& server) {
  NetworkOptions network;
  network.ca_file = server.certificates().ca;
  return network;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_tls)

BOOST_AUTO_TEST_CASE(a_certificate_that_is_vouched_for_is_trusted) {
  const RedisServer server(with_tls());
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    const auto connection =
        must(Connection::open(endpoint_of("rediss://" + host + ":" + std::to_string(server.port()), trusting(server))));
    BOOST_TEST(said(*connection, {"PING"}) == "PONG");
    std::string large(std::size_t{5} << 20U, 'x');
    BOOST_TEST(said(*connection, {"SET", "large", large}) == "OK");
    BOOST_TEST(must(call(*connection, {"GET", "large"})).view().text().size() == large.size());
  }
}

BOOST_AUTO_TEST_CASE(a_certificate_of_a_stranger_is_refused) {
  const RedisServer server(with_tls());
  NetworkOptions other;
  other.ca_file = server.certificates().other_ca;
  for (const NetworkOptions& network : {NetworkOptions{}, other}) {
    const Error error = refusal(server.url(), network);
    BOOST_TEST((error.code == Code::unreachable));
    BOOST_TEST(has(error.message, "certificate is not trusted"), error.message);
    BOOST_TEST(has(error.hint, "ca_file"));
  }
  NetworkOptions insecure;
  insecure.insecure = true;
  BOOST_TEST(said(*must(Connection::open(endpoint_of(server.url(), insecure))), {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_is_refused) {
  const RedisServer server(with_tls(false, "DNS:elsewhere.example"));
  for (const std::string host : {"localhost", "127.0.0.1"}) {
    const Error error = refusal("rediss://" + host + ":" + std::to_string(server.port()), trusting(server));
    BOOST_TEST((error.code == Code::unreachable));
    BOOST_TEST(has(error.message, "mismatch"), error.message);
    BOOST_TEST(has(error.hint, "host"));
  }
}

BOOST_AUTO_TEST_CASE(a_server_can_ask_for_a_certificate_of_the_client) {
  const RedisServer server(with_tls(true));
  NetworkOptions network = trusting(server);
  const Error error = refusal(server.url(), network);
  BOOST_TEST((error.code == Code::unreachable));
  network.certificate = server.certificates().client;
  network.private_key = server.certificates().client_key;
  BOOST_TEST(said(*must(Connection::open(endpoint_of(server.url(), network))), {"PING"}) == "PONG");
}

BOOST_AUTO_TEST_CASE(files_that_cannot_be_used_are_named) {
  const RedisServer server(with_tls());
  NetworkOptions network;
  network.ca_file = "/nowhere/ca.pem";
  Error error = refusal(server.url(), network);
  BOOST_TEST((error.code == Code::config));
  BOOST_TEST(has(error.message, "/nowhere/ca.pem cannot be used: No such file"), error.message);
  network = trusting(server);
  network.certificate = server.certificates().client_key;
  network.private_key = server.certificates().client_key;
  BOOST_TEST((refusal(server.url(), network).code == Code::config));
  network.certificate = server.certificates().client;
  network.private_key = server.certificates().server_key;
  error = refusal(server.url(), network);
  BOOST_TEST((error.code == Code::config));
  BOOST_TEST(has(error.message, "private_key"), error.message);
}

BOOST_AUTO_TEST_CASE(plain_and_encrypted_do_not_meet_and_the_hint_says_so) {
  const RedisServer encrypted(with_tls());
  Error error = refusal("redis://localhost:" + std::to_string(encrypted.port()));
  BOOST_TEST((error.code == Code::unreachable));
  BOOST_TEST(has(error.hint, "rediss://"), error.hint);
  ScriptedServer plain([](const ScriptedServer::Command&) { return ScriptedServer::Answer{"+OK\r\n"}; });
  std::string url = plain.url();
  url.insert(5, "s");
  error = refusal(url, {}, kTimeout);
  BOOST_TEST((error.code == Code::unreachable));
  BOOST_TEST(has(error.hint, "redis://"), error.hint);
}

BOOST_AUTO_TEST_CASE(a_cut_encrypted_connection_is_unreachable_and_comes_back) {
  const RedisServer server(with_tls());
  Proxy proxy(server.port());
  const auto connection = must(Connection::open(endpoint_of(proxy.url(server.url()), trusting(server))));
  const std::string large(std::size_t{32} << 20U, 'x');
  proxy.cut_request(100000);
  BOOST_TEST(said(*connection, {"SET", "large", large}) == "<unreachable>");
  BOOST_TEST(said(*connection, {"PING"}) == "PONG");
  proxy.cut_answer(0);
  BOOST_TEST(said(*connection, {"INCR", "n"}) == "<unreachable>");
  BOOST_TEST(connection->outcome_unknown());
  proxy.cut();
  BOOST_TEST(said(*connection, {"INCR", "n"}) != "<internal>");
}

BOOST_AUTO_TEST_CASE(a_half_open_encrypted_connection_is_given_up_within_the_timeout) {
  const RedisServer server(with_tls());
  Proxy proxy(server.port());
  const auto connection =
      must(Connection::open(endpoint_of(proxy.url(server.url()), trusting(server), std::chrono::seconds(2))));
  proxy.swallow();
  const auto start = std::chrono::steady_clock::now();
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
  BOOST_TEST(connection->outcome_unknown());
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");  // a handshake that nobody answers
  BOOST_TEST((std::chrono::steady_clock::now() - start < std::chrono::seconds(14)));
}

BOOST_AUTO_TEST_SUITE_END()
