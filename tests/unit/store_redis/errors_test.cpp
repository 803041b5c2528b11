#include "store/redis/errors.hpp"

#include <boost/test/unit_test.hpp>

#include "support/text.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

BOOST_AUTO_TEST_SUITE(redis_errors)

BOOST_AUTO_TEST_CASE(the_first_word_of_the_server_s_error_decides) {
  const std::pair<std::string_view, Code> rows[] = {
      {"LOADING Redis is loading the dataset in memory", Code::busy},
      {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", Code::busy},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", Code::busy},
      {"CLUSTERDOWN The cluster is down", Code::busy},
      {"TRYAGAIN Multiple keys request during rehashing of slot", Code::busy},
      {"ASK 3999 127.0.0.1:6381", Code::busy},
      {"NOREPLICAS Not enough good replicas to write.", Code::busy},
      {"READONLY You can't write against a read only replica.", Code::unreachable},
      {"MOVED 3999 127.0.0.1:6381", Code::config},
      {"OOM command not allowed when used memory > 'maxmemory'.", Code::busy},
      {"NOAUTH Authentication required.", Code::denied},
      {"WRONGPASS invalid username-password pair or user is disabled.", Code::denied},
      {"NOPERM this user has no permissions to run the 'get' command", Code::denied},
      {"DENIED Redis is running in protected mode", Code::denied},
      {"MISCONF Redis is configured to save RDB snapshots", Code::busy},
      {"ERR max number of clients reached", Code::unreachable},
      {"ERR unknown command 'X'", Code::internal},
      {"ERR LOADING is not what this is about", Code::internal},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", Code::corrupt},
      {"LOADINGX", Code::internal},
      {"LOADING", Code::busy},
      {"", Code::internal},
  };
  for (const auto& [text, code] : rows) {
    const Error error = server_error(text);
    BOOST_TEST((error.code == code), text << " is " << name(error.code));
    BOOST_TEST(has(error.message, std::string(text)));
  }
}

BOOST_AUTO_TEST_CASE(the_error_of_a_command_within_a_script_is_found_in_the_words_of_older_servers) {
  constexpr std::string_view kOld =
      "ERR Error running script (call to f_f2a): @user_script:1: @user_script: 1: -OOM command not allowed when used "
      "memory > 'maxmemory'.";
  BOOST_TEST(error_word(kOld) == "OOM");
  BOOST_TEST((server_error(kOld).code == Code::busy));
  constexpr std::string_view kNew =
      "OOM command not allowed when used memory > 'maxmemory'. script: f2a, on @user_script:1.";
  BOOST_TEST((server_error(kNew).code == Code::busy));
  BOOST_TEST(error_word("ERR Error running script (call to f_f2a): what else") == "ERR");
}

BOOST_AUTO_TEST_CASE(where_a_key_has_moved_to_is_told) {
  BOOST_TEST(has(server_error("MOVED 3999 10.0.0.7:6381").hint, "10.0.0.7:6381"));
}

BOOST_AUTO_TEST_CASE(a_read_only_server_asks_for_a_new_connection) {
  BOOST_TEST(asks_for_reconnect("READONLY You can't write against a read only replica."));
  BOOST_TEST(!asks_for_reconnect("LOADING Redis is loading the dataset in memory"));
}

BOOST_AUTO_TEST_CASE(a_long_error_is_cut) { BOOST_TEST(server_error(std::string(100000, 'x')).message.size() < 1000U); }

BOOST_AUTO_TEST_SUITE_END()
