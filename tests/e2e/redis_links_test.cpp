// How the server is reached: sockets, TLS, a cluster; what is refused, and with which words.
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "support/redis_setup.hpp"

using namespace flowrra::test;

namespace {

std::string tls_lines(const Certificates& files, bool as_client = false) {
  std::string out = "tls_ca_file = \"" + files.ca.string() + "\"\n";
  if (as_client) {
    out += "tls_certificate = \"" + files.client.string() + "\"\ntls_private_key = \"" + files.client_key.string() +
           "\"\n";
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_unix_socket) {
  const RedisPlace place;
  check_that_it_works(Workplace(setup_of(place.server().socket_url(), place.key_line())));
}

BOOST_AUTO_TEST_CASE(tls_with_an_authority_of_ones_own) {
  RedisOptions options;
  options.tls = true;
  RedisServer server(options);
  check_that_it_works(Workplace(setup_of(server.url(), tls_lines(server.certificates()))));

  Certificates wrong = server.certificates();
  wrong.ca = wrong.other_ca;
  check_that_it_is_refused(Workplace(setup_of(server.url(), tls_lines(wrong))), 7, "certificate", "tls_ca_file");
  check_that_it_is_refused(Workplace(setup_of(server.url())), 7, "certificate", "tls_ca_file");
  check_that_it_works(Workplace(setup_of(server.url(), "insecure = true\n")));

  // Plain words to a port that speaks TLS.
  std::string plain = server.url();
  plain.replace(0, 6, "redis");
  check_that_it_is_refused(Workplace(setup_of(plain)), 7, "localhost", "rediss://");
}

BOOST_AUTO_TEST_CASE(tls_with_a_certificate_for_another_name_is_refused) {
  RedisOptions options;
  options.tls = true;
  options.names = "DNS:elsewhere.example";
  RedisServer server(options);
  check_that_it_is_refused(Workplace(setup_of(server.url(), tls_lines(server.certificates()))), 7, "certificate",
                           "localhost");
}

BOOST_AUTO_TEST_CASE(a_server_that_asks_for_a_certificate_of_the_client) {
  RedisOptions options;
  options.tls = true;
  options.client_certificates = true;
  RedisServer server(options);
  check_that_it_works(Workplace(setup_of(server.url(), tls_lines(server.certificates(), true))));
  const Outcome without = Workplace(setup_of(server.url(), tls_lines(server.certificates()))).flowrra({"ps"});
  BOOST_TEST(without.code() == 7, without.err);
  BOOST_TEST(has(without.err, "certificate"), without.err);
}

BOOST_AUTO_TEST_CASE(another_machine_is_not_talked_to_in_the_clear) {
  const Workplace place(setup_of("redis://192.0.2.1"));
  check_that_it_is_refused(place, 2, "no encryption to another machine: redis://192.0.2.1:6379", "rediss://");
  const Workplace nobody(setup_of("redis://127.0.0.1:1"));
  check_that_it_is_refused(nobody, 7, "redis://127.0.0.1:1", "Check that the server runs there");
}

BOOST_AUTO_TEST_CASE(a_server_that_evicts_keys_is_refused_with_the_command_that_mends_it) {
  RedisOptions options;
  options.max_memory = "50mb";
  options.policy = "allkeys-lru";
  RedisServer server(options);
  const Workplace place(setup_of(server.url()));
  const std::string command = "redis-cli CONFIG SET maxmemory-policy noeviction";
  check_that_it_is_refused(place, 2, "maxmemory-policy allkeys-lru", command);
  const std::vector<std::string> told = split(command);
  BOOST_TEST(server.cli({told.begin() + 1, told.end()}) == "OK");
  check_that_it_works(place);
}

BOOST_AUTO_TEST_CASE(
    a_server_that_begins_to_evict_keys_under_a_running_node_is_told_by_doctor_and_refused_by_commands) {
  RedisOptions options;
  options.max_memory = "50mb";
  RedisServer server(options);
  const Workplace place(setup_of(server.url()));
  auto node = place.node();
  BOOST_TEST(place.flowrra({"doctor"}).code() == 0);
  BOOST_TEST(server.cli({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}) == "OK");
  const Outcome doctor = place.flowrra({"doctor"});
  BOOST_TEST(doctor.code() == 1);
  BOOST_TEST(has(doctor.out, "maxmemory-policy allkeys-lru"), doctor.out);
  BOOST_TEST(has(doctor.out, "CONFIG SET maxmemory-policy noeviction"), doctor.out);
  check_that_it_is_refused(place, 2, "maxmemory-policy allkeys-lru", "CONFIG SET maxmemory-policy noeviction");
}

BOOST_AUTO_TEST_CASE(a_node_of_a_cluster_has_all_keys_of_a_prefix) {
  RedisOptions options;
  options.more = {"cluster-enabled yes"};
  RedisServer server(options);
  BOOST_TEST(server.cli({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}) == "OK");
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!has(server.cli({"CLUSTER", "INFO"}), "cluster_state:ok")) {
    BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
  }
  std::string url = server.url();
  url.erase(url.rfind('/'));
  check_that_it_works(Workplace(setup_of(url, "queue_key = \"shop\"\n")));
}

BOOST_AUTO_TEST_CASE(a_node_says_at_its_start_what_the_server_keeps) {
  for (const auto& [append, words] :
       {std::pair<std::string, std::string>{"always", "info broker durability: appendfsync is always"},
        {"everysec", "broker durability: appendfsync is everysec: up to two seconds"},
        {"no", "broker durability: the server keeps no append-only file"}}) {
    RedisOptions options;
    options.append = append;
    RedisServer server(options);
    const Workplace place(setup_of(server.url()));
    auto node = place.node();
    const std::string said = node->err();
    BOOST_TEST(has(said, words), said);
    BOOST_TEST(has(place.flowrra({"doctor"}).out, words.substr(words.find(": ") + 2)));
  }
}
