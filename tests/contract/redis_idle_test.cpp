// What a Redis server is asked for by nodes that have nothing to do.
#ifdef FLOWRRA_WITH_REDIS

#include "bench.hpp"

namespace flowrra::test {
namespace {

// A server that nobody else asks.
struct LoneRedis {
  static RedisServer& server() {
    static RedisServer lone;
    return lone;
  }
  static std::string url(const TempDir&) { return server().url(); }
};

// How often a command was called since the last RESETSTAT, by clients and by scripts.
int calls(const std::string& command) {
  const std::string stats = LoneRedis::server().cli({"INFO", "commandstats"});
  const std::string before = "cmdstat_" + command + ":calls=";
  const std::size_t at = stats.find(before);
  return at == std::string::npos ? 0 : std::stoi(stats.substr(at + before.size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_idle)

BOOST_AUTO_TEST_CASE(looking_for_lost_sessions_is_one_script_with_one_step_for_each_session) {
  Bench<LoneRedis> bench;  // has a session of its own
  bench.open_session("second");
  bench.open_session("third");
  for (int i = 0; i < 100; ++i) bench.push("t" + std::to_string(i));
  BOOST_TEST(must(bench.broker().recover()) == 0);  // from now on the server knows the script
  BOOST_TEST(LoneRedis::server().cli({"CONFIG", "RESETSTAT"}) == "OK");
  BOOST_TEST(must(bench.broker().recover()) == 0);
  BOOST_TEST(calls("evalsha") == 1);
  BOOST_TEST(calls("eval") == 0);
  BOOST_TEST(calls("hmget") == 3);
  BOOST_TEST(calls("hget") == 0);
  BOOST_TEST(calls("hgetall") == 0);
}

BOOST_AUTO_TEST_CASE(the_life_of_a_task_alone_takes_the_short_ways) {
  Bench<LoneRedis> bench;
  const auto one_life = [&bench](const TaskId& id) {
    bench.push(id);
    const auto taken = bench.take();
    BOOST_TEST(ids(taken) == Ids{id});
    BOOST_TEST(bench.settle(to(State::success, taken.front())));
  };
  one_life("first");  // the server knows the scripts then, and the order of arrival has begun
  BOOST_TEST(LoneRedis::server().cli({"CONFIG", "RESETSTAT"}) == "OK");
  one_life("second");
  BOOST_TEST(calls("evalsha") == 3);
  BOOST_TEST(calls("hget") == 2);  // of a push and of an end: the long ways have HMGET in its place,
  BOOST_TEST(calls("zrem") == 1);  // and a claim ZREMRANGEBYRANK
  BOOST_TEST(bench.state("second") == State::success);
  BOOST_TEST(bench.count(State::success) == 2);
  bench.check_is_whole();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
