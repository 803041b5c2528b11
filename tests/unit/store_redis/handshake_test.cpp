#include "store/redis/handshake.hpp"

#include <boost/test/unit_test.hpp>

#include "store/redis/command.hpp"
#include "store/redis/pause.hpp"
#include "support/text.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

BOOST_AUTO_TEST_SUITE(redis_handshake)

BOOST_AUTO_TEST_CASE(a_command_is_written_as_the_server_reads_it) {
  std::string out = "before";
  const std::string_view head[] = {"SET", ""};
  const std::string_view rest[] = {"a\r\nb", "0123456789"};
  append_command(out, head);
  append_command(out, head, rest);
  BOOST_TEST(out ==
             "before*2\r\n$3\r\nSET\r\n$0\r\n\r\n"
             "*4\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\nb\r\n$10\r\n0123456789\r\n");
}

BOOST_AUTO_TEST_CASE(what_info_says_is_read) {
  ServerInfo info;
  BOOST_TEST(!read_info("# Server\r\nredis_version:7.0.15\r\nno colon\r\n", info));
  BOOST_TEST(!read_info("maxmemory_policy:volatile-ttl\r\n", info));
  BOOST_TEST(!info.aof_known);
  BOOST_TEST(read_info("loading:1\r\naof_enabled:1", info));
  BOOST_TEST(info.version == "7.0.15");
  BOOST_TEST(info.maxmemory_policy == "volatile-ttl");
  BOOST_TEST(info.aof_known);
  BOOST_TEST(info.append_only);
  BOOST_TEST(!read_info("", info));
}

BOOST_AUTO_TEST_CASE(a_server_that_evicts_any_key_is_refused_with_the_command_that_mends_it) {
  for (const std::string policy : {"allkeys-lru", "allkeys-lfu", "allkeys-random"}) {
    const Status checked = check_server({"7.0.15", policy});
    BOOST_REQUIRE(!checked);
    BOOST_TEST((checked.error().code == Code::config));
    BOOST_TEST(has(checked.error().message, policy));
    BOOST_TEST(has(checked.error().hint, "CONFIG SET maxmemory-policy noeviction"));
  }
  for (const std::string policy : {"noeviction", "volatile-lru", ""}) {
    BOOST_TEST(check_server({"7.0.15", policy}).ok());
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_is_too_old_is_refused) {
  for (const std::string version : {"2.8.0", "5.0.14", "6.0.16", "6.1"}) {
    BOOST_TEST((check_server({version, ""}).error().code == Code::config));
  }
  for (const std::string version : {"6.2.0", "7.0.15", "10.0", ""}) BOOST_TEST(check_server({version, ""}).ok());
}

BOOST_AUTO_TEST_CASE(pauses_grow_to_a_second_and_differ) {
  Pause pause;
  Micros whole = std::chrono::milliseconds(50);
  for (int i = 0; i < 10; ++i) {
    const Micros drawn = pause.next();
    BOOST_TEST((drawn >= whole / 2 && drawn <= whole));
    whole = std::min<Micros>(2 * whole, std::chrono::seconds(1));
  }
  BOOST_TEST((pause.next() != pause.next()));
  pause.reset();
  BOOST_TEST((pause.next() <= std::chrono::milliseconds(50)));
}

BOOST_AUTO_TEST_CASE(a_script_is_known_by_the_digest_that_the_server_has_for_it) {
  BOOST_TEST(make_script("one", "return 1").sha1 == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

BOOST_AUTO_TEST_SUITE_END()
