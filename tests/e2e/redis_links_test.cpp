// How the server is reached: sockets, TLS, passwords, rights; what is refused, and with which words.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "support/looks.hpp"
#include "support/redis_place.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kSecret = "s3cret-and-long";

Setup setup_of(const std::string& url, const std::string& lines = "") {
  Setup out;
  out.plugins = {fixture("faulty.so")};
  out.broker = url;
  out.broker_more = lines;
  out.executor = RedisPlace::kExecutor;
  return out;
}

std::string tls_lines(const Certificates& files, bool as_client = false) {
  std::string out = "tls_ca_file = \"" + files.ca.string() + "\"\n";
  if (as_client) {
    out += "tls_certificate = \"" + files.client.string() + "\"\ntls_private_key = \"" + files.client_key.string() +
           "\"\n";
  }
  return out;
}

void check_that_it_works(const Workplace& place) {
  auto node = place.node();
  BOOST_TEST(place.ended(place.submit({"faulty.cpu_echo", "1"}))["state"] == "success");
  BOOST_TEST(place.flowrra({"doctor"}).code() == 0);
}

// Each of these ends with this code and says so.
void check_that_it_is_refused(const Workplace& place, int code, const std::string& message, const std::string& hint) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"submit", "faulty.cpu_echo", "1"}, {"run"}, {"ps"}, {"result", "any"}, {"nodes"}}) {
    const Outcome outcome = place.flowrra(words);
    BOOST_TEST(outcome.code() == code, words[0] << ": " << outcome.err);
    BOOST_TEST(has(outcome.err, message), words[0] << ": " << outcome.err);
    BOOST_TEST(has(outcome.err, hint), words[0] << ": " << outcome.err);
  }
}

// A file with the password, which only its owner may read.
std::string password_file(const Workplace& place, const std::string& password, mode_t mode = 0600) {
  const std::string path = place / "redis.password";
  std::ofstream(path) << password << "\n";
  chmod(path.c_str(), mode);
  return path;
}

std::vector<std::string> split(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> out;
  for (std::string word; words >> word;) out.push_back(word);
  return out;
}

// The line of docs/redis.md that begins so.
std::string line_of_manual(const std::string& begin) {
  std::ifstream file(source_file("docs/redis.md"));
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(begin)) return line;
  }
  throw std::runtime_error("docs/redis.md has no line " + begin);
}

RedisOptions with_password() {
  RedisOptions out;
  out.password = kSecret;
  return out;
}

RedisServer& guarded() {
  static RedisServer server(with_password());
  return server;
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

BOOST_AUTO_TEST_CASE(a_password_in_the_environment) {
  const RedisPlace place(guarded());
  const Workplace workplace(setup_of("redis://127.0.0.1", place.key_line()));
  const auto with_url = [&](std::vector<std::string> words) {
    Command command = workplace.command(std::move(words));
    command.environment.push_back("FLOWRRA_BROKER_URL=" + guarded().url());
    return command;
  };
  Process node(with_url({"run"}));
  node.wait_for_error_text("ready: ");
  const Outcome done = run(with_url({"submit", "faulty.cpu_echo", "1", "--wait"}));
  BOOST_TEST(done.code() == 0, done.err);
  for (const char* asks : {"doctor", "nodes", "status"}) {
    const Outcome told = run(with_url({asks, "-o", "json"}));
    BOOST_TEST(told.code() == 0, told.out);
    BOOST_TEST(!has(told.out + told.err, kSecret), told.out);
  }
  const Outcome shown = run(with_url({"config", "show", "--origin"}));
  BOOST_TEST((has(shown.out, ":***@") && !has(shown.out, kSecret)), shown.out);
  BOOST_TEST(!has(node.err() + node.out(), kSecret), node.err());
}

BOOST_AUTO_TEST_CASE(a_password_in_a_file_of_ones_own) {
  const RedisPlace place(guarded());
  const std::string url = "redis://127.0.0.1:" + std::to_string(guarded().port());
  const Setup setup = setup_of(url, place.key_line() + "password_file = \"redis.password\"\n");
  const Workplace workplace(setup);
  (void)password_file(workplace, kSecret);
  check_that_it_works(workplace);
  const std::string file = password_file(workplace, kSecret, 0644);
  check_that_it_is_refused(workplace, 8, "other users have access to it", "chmod 600 " + file);
  std::filesystem::remove(file);
  check_that_it_is_refused(workplace, 3, "password_file", "");
}

BOOST_AUTO_TEST_CASE(a_wrong_password_ends_with_8_and_is_shown_nowhere) {
  const RedisPlace place(guarded());
  const std::string url = "redis://127.0.0.1:" + std::to_string(guarded().port());
  const Workplace wrong(setup_of(url, place.key_line() + "password_file = \"redis.password\"\n"));
  const std::string guess = "wr0ng-guess";
  (void)password_file(wrong, guess);
  check_that_it_is_refused(wrong, 8, "WRONGPASS", "check user and password");
  const Workplace bare(setup_of("redis://127.0.0.1", place.key_line()));
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"submit", "faulty.cpu_echo", "1", "-o", "json"},
                                             {"run", "--log-level", "debug"},
                                             {"doctor"},
                                             {"config", "check"},
                                             {"config", "show", "--origin"},
                                             {"why", "any"},
                                             {"wait", "any"}}) {
    Command by_file = wrong.command(words);
    Command by_default = bare.command(words);
    by_default.environment.push_back("FLOWRRA_BROKER_URL=" + guarded().url_as("", guess));
    Command by_name = bare.command(words);
    by_name.environment.push_back("FLOWRRA_BROKER_URL=" + guarded().url_as("somebody", guess));
    for (const Command& command : {by_file, by_default, by_name}) {
      const Outcome outcome = run(command);
      BOOST_TEST(!has(outcome.out + outcome.err, guess), words[0] << ": " << outcome.out << outcome.err);
      if (words[0] != "doctor" && words[0] != "config") BOOST_TEST(outcome.code() == 8, words[0] << outcome.err);
    }
  }
  const Workplace none(setup_of(url, place.key_line()));
  check_that_it_is_refused(none, 8, "NOAUTH", "password_file");
}

BOOST_AUTO_TEST_CASE(a_user_with_the_rights_that_the_manual_names_can_do_everything) {
  RedisServer server;
  const std::string rule = line_of_manual("ACL SETUSER flowrra");
  std::vector<std::string> words = split(rule);
  std::replace(words.begin(), words.end(), std::string(">PASSWORD"), std::string(">") + kSecret);
  BOOST_TEST(server.cli(words) == "OK");
  Setup setup = setup_of("redis://flowrra@127.0.0.1:" + std::to_string(server.port()) + "/1",
                         "password_file = \"redis.password\"\n");
  const Workplace place(setup);
  (void)password_file(place, kSecret);
  // Before there is a node, and with one.
  const std::string waits = place.submit({"faulty.cpu_echo", "1", "--delay", "1h", "--expires", "2h"});
  BOOST_TEST(look(place, {"why", waits})["reasons"][0]["code"] == "not_due");
  auto node = place.node();
  const std::string done = place.submit({"faulty.cpu_log"});
  BOOST_TEST(place.ended(done)["state"] == "success");
  const std::string flaky = place.submit({"faulty.io_flaky", "2"});
  BOOST_TEST(place.ended(flaky)["attempt"] == 2);
  const std::string runs = place.submit({"faulty.cpu_sleep", "60000"});
  wait_for_state(place, runs, "running");
  for (const std::vector<std::string>& act : std::vector<std::vector<std::string>>{{"logs", done},
                                                                                   {"cancel", runs},
                                                                                   {"wait", runs},
                                                                                   {"retry", runs},
                                                                                   {"cancel", runs, waits},
                                                                                   {"rm", waits},
                                                                                   {"result", done.substr(0, 24)},
                                                                                   {"ps", "--all"},
                                                                                   {"ps", "--tag", "t"},
                                                                                   {"stats"},
                                                                                   {"status"},
                                                                                   {"tasks"},
                                                                                   {"nodes"},
                                                                                   {"why", done},
                                                                                   {"reload"},
                                                                                   {"queue", "ls"},
                                                                                   {"queue", "pause", "default"},
                                                                                   {"queue", "resume", "default"},
                                                                                   {"queue", "purge", "mail", "--yes"},
                                                                                   {"config", "check"}}) {
    const Outcome outcome = place.flowrra(act);
    BOOST_TEST((outcome.code() == 0 || act[0] == "wait"), act[0] << ": " << outcome.err);
    BOOST_TEST(!has(outcome.err, "NOPERM"), outcome.err);
  }
  BOOST_TEST(!has(node->err(), "NOPERM"), node->err());
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);

  // doctor wants one more, and says so where it may not.
  BOOST_TEST(server.cli({"ACL", "LOG", "RESET"}) == "OK");
  const Outcome doctor = place.flowrra({"doctor"});
  BOOST_TEST(!has(doctor.out, "NOPERM"), doctor.out);
  BOOST_TEST(server.cli({"ACL", "SETUSER", "flowrra", "+config|get"}) == "OK");
  BOOST_TEST(server.cli({"ACL", "LOG", "RESET"}) == "OK");
  BOOST_TEST(!has(place.flowrra({"doctor"}).out, "may not"));
  BOOST_TEST(server.cli({"ACL", "LOG"}).empty());

  // A node that may not do all of it does not begin.
  for (const char* lacking : {"-zremrangebyrank", "-hincrby", "-publish"}) {
    BOOST_TEST(server.cli({"ACL", "SETUSER", "flowrra", lacking}) == "OK");
    const Outcome refused = place.flowrra({"run"});
    BOOST_TEST(refused.code() == 8, refused.err);
    BOOST_TEST(has(refused.err, "ACL LOG"), refused.err);
    BOOST_TEST(server.cli({"ACL", "SETUSER", "flowrra", std::string("+") + (lacking + 1)}) == "OK");
  }

  // Another prefix is none of its business.
  const Outcome other = [&] {
    Setup foreign = setup;
    foreign.broker_more += "queue_key = \"other\"\n";
    const Workplace elsewhere(foreign);
    (void)password_file(elsewhere, kSecret);
    return elsewhere.flowrra({"ps"});
  }();
  BOOST_TEST(other.code() == 8, other.err);
  BOOST_TEST(has(other.err, "NOPERM"), other.err);
}

BOOST_AUTO_TEST_CASE(every_command_of_the_scripts_is_in_the_manual_and_tried_by_a_node) {
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const std::string rule = line_of_manual("ACL SETUSER flowrra") + " ";
  const auto scripts = source_file("runtime/store/redis/scripts");
  const std::string tried = read(scripts / "session_open.lua");
  const std::regex command("(call|chunked)\\('([A-Z]+)'");
  int found = 0;
  for (const auto& script : std::filesystem::directory_iterator(scripts)) {
    const std::string text = read(script);
    for (std::sregex_iterator at(text.begin(), text.end(), command), end; at != end; ++at, ++found) {
      std::string name = (*at)[2];
      if (name != "TIME") BOOST_TEST(has(tried, "{'" + name + "'"), name << " is not tried in session_open.lua");
      std::transform(name.begin(), name.end(), name.begin(), [](char c) { return static_cast<char>(c - 'A' + 'a'); });
      BOOST_TEST(has(rule, "+" + name + " "), name << " is not in docs/redis.md");
    }
  }
  BOOST_TEST(found > 30);
}

BOOST_AUTO_TEST_CASE(another_machine_is_not_talked_to_in_the_clear) {
  const Workplace place(setup_of("redis://192.0.2.1"));
  check_that_it_is_refused(place, 2, "no encryption to another machine: redis://192.0.2.1:6379", "rediss://");
  const Workplace nobody(setup_of("redis://127.0.0.1:1"));
  check_that_it_is_refused(nobody, 7, "redis://127.0.0.1:1", "check that the server runs there");
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
