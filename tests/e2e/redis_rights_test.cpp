// Who may do what on the server: passwords and where they stand, a user with the rights that the manual names.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "support/looks.hpp"
#include "support/redis_setup.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kSecret = "s3cret-and-long";

// A file with the password, which only its owner may read.
std::string password_file(const Workplace& place, const std::string& password, mode_t mode = 0600) {
  const std::string path = place / "redis.password";
  std::ofstream(path) << password << "\n";
  chmod(path.c_str(), mode);
  return path;
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
  check_that_it_is_refused(wrong, 8, "WRONGPASS", "Check user and password");
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
