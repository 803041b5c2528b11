#include <boost/test/unit_test.hpp>

#include "support/text.hpp"
#include "unit/store_redis/connecting.hpp"
#include "unit/store_redis/scripted_server.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

using Answer = ScriptedServer::Answer;
using Command = ScriptedServer::Command;

// Says the same to everything.
ScriptedServer::Script always(std::string bytes, bool close = false) {
  return [answer = Answer{std::move(bytes), close}](const Command&) { return answer; };
}

}  // namespace

// What real servers answer, but not on demand.
BOOST_AUTO_TEST_SUITE(redis_scripted)

BOOST_AUTO_TEST_CASE(errors_of_the_server_have_their_codes_and_leave_the_connection_as_it_is) {
  const std::pair<std::string, std::string> rows[] = {
      {"-LOADING Redis is loading the dataset in memory\r\n", "<busy>"},
      {"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "<busy>"},
      {"-MISCONF Redis is configured to save RDB snapshots\r\n", "<busy>"},
      {"-MOVED 1 127.0.0.1:7000\r\n", "<config>"},
      {"-NOAUTH Authentication required.\r\n", "<denied>"},
      {"-NOPERM this user has no permissions\r\n", "<denied>"},
      {"-ERR else\r\n", "<internal>"},
  };
  for (const auto& [bytes, code] : rows) {
    ScriptedServer server(always(bytes));
    const auto connection = connect(server.url());
    BOOST_TEST(said(*connection, {"PING"}) == code);
    BOOST_TEST(said(*connection, {"PING"}) == code);
    BOOST_TEST(!connection->outcome_unknown());
    BOOST_TEST(server.connections() == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_read_only_server_is_left_and_looked_for_again) {
  ScriptedServer server(always("-READONLY You can't write against a read only replica.\r\n"));
  const auto connection = connect(server.url());
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
  BOOST_TEST(!connection->outcome_unknown());
  BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_CASE(an_unknown_script_is_sent_in_full_and_nothing_else_is_sent_twice) {
  std::vector<std::string> seen;  // read when the server has answered
  ScriptedServer server([&seen](const Command& command) {
    seen.push_back(command.front());
    return Answer{command.front() == "EVALSHA" ? "-NOSCRIPT No matching script.\r\n" : "-LOADING wait\r\n"};
  });
  const auto connection = connect(server.url());
  const auto reply = connection->run(make_script("s", "return 1"), "k", {});
  BOOST_REQUIRE(!reply);
  BOOST_TEST((reply.error().code == Code::busy));
  BOOST_TEST((seen == std::vector<std::string>{"EVALSHA", "EVAL"}));
}

BOOST_AUTO_TEST_CASE(garbage_and_a_cut_answer_are_unreachable_with_an_unknown_outcome) {
  for (const std::string bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "*2147483647\r\n", "$5\r\nab", "*2\r\n:1\r\n", "", "+O"}) {
    ScriptedServer server(always(bytes, true));
    const auto connection = connect(server.url());
    BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
    BOOST_TEST(connection->outcome_unknown());
  }
}

BOOST_AUTO_TEST_CASE(half_an_answer_and_silence_end_within_the_timeout) {
  for (const std::string bytes : {"$5\r\nab", ""}) {
    ScriptedServer server(always(bytes));
    const auto connection = connect(server.url(), kTimeout);
    const auto start = std::chrono::steady_clock::now();
    BOOST_TEST(said(*connection, {"PING"}) == "<unreachable>");
    BOOST_TEST((std::chrono::steady_clock::now() - start < kTimeout + std::chrono::seconds(5)));
    BOOST_TEST(connection->outcome_unknown());
  }
}

BOOST_AUTO_TEST_CASE(an_answer_too_many_is_never_taken_for_that_to_the_next_command) {
  int calls = 0;
  ScriptedServer server(
      [&calls](const Command&) { return Answer{++calls == 1 ? "+first\r\n+stray\r\n" : "+second\r\n"}; });
  const auto connection = connect(server.url());
  BOOST_TEST(said(*connection, {"PING"}) == "first");
  BOOST_TEST(said(*connection, {"PING"}) == "second");
}

BOOST_AUTO_TEST_CASE(a_server_that_still_loads_is_unreachable_at_first) {
  const auto info = [](const std::string& text) {
    return [text](const Command& command) {
      return Answer{command.front() == "INFO" ? ScriptedServer::bulk(text) : "+OK\r\n"};
    };
  };
  ScriptedServer told(info("redis_version:7.0.15\r\nloading:1\r\n"), false);
  BOOST_TEST((refusal(told.url()).code == Code::unreachable));
  BOOST_TEST(has(refusal(told.url()).message, "LOADING"));
  ScriptedServer said_so(always("-LOADING Redis is loading the dataset in memory\r\n"), false);
  BOOST_TEST((refusal(said_so.url()).code == Code::unreachable));
  ScriptedServer old(info("redis_version:5.0.3\r\n"), false);
  BOOST_TEST((refusal(old.url()).code == Code::config));
}

BOOST_AUTO_TEST_CASE(a_server_without_a_place_left_and_one_in_protected_mode_say_so) {
  ScriptedServer full(always("-ERR max number of clients reached\r\n", true), false);
  const Error error = refusal(full.url());
  BOOST_TEST((error.code == Code::unreachable));
  BOOST_TEST(has(error.hint, "maxclients"));
  ScriptedServer shut(always("-DENIED Redis is running in protected mode\r\n", true), false);
  BOOST_TEST((refusal(shut.url()).code == Code::denied));
}

BOOST_AUTO_TEST_CASE(a_password_that_the_server_repeats_is_not_shown) {
  ScriptedServer server(
      [](const Command& command) {
        return Answer{"-ERR unknown command 'AUTH', with args beginning with: '" + command.back() + "'\r\n"};
      },
      false);
  std::string url = server.url();
  url.insert(url.find("127"), "worker:sesame@");
  const Error error = refusal(url);
  BOOST_TEST((error.code == Code::denied));
  BOOST_TEST(!has(error.message + error.hint, "sesame"));
}

BOOST_AUTO_TEST_CASE(what_is_no_redis_server_is_told) {
  ScriptedServer web(always("HTTP/1.1 400 Bad Request\r\n\r\n", true), false);
  const Error error = refusal(web.url());
  BOOST_TEST((error.code == Code::unreachable));
  BOOST_TEST(has(error.message, "does not speak as a Redis server"));
  BOOST_TEST(has(error.hint, "rediss://"));
  ScriptedServer silent(always(""), false);
  BOOST_TEST((refusal(silent.url(), {}, kTimeout).code == Code::unreachable));
}

BOOST_AUTO_TEST_SUITE_END()
