// The same over Redis: nodes that are killed again and again under load.
#include <boost/test/unit_test.hpp>

#include "fault/kill_loop.hpp"
#include "fault/soak.hpp"
#include "support/redis_server.hpp"

using namespace flowrra::test;

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_over_redis_by_a_node_that_is_killed_again_and_again_under_load) {
  RedisOptions durable;
  durable.append = "always";
  const RedisServer server(durable);
  const Verdict verdict = kill_often({.report = "redis_kill_loop",
                                      .broker = server.url(),
                                      .kills = rounds(52, 300),
                                      .shortest = 80,
                                      .longest = soaking() ? 2000U : 360U,
                                      .longest_task = soaking() ? 600 : 150,
                                      .calm = 300});
  BOOST_TEST(verdict.acknowledged > 500U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
  BOOST_TEST(verdict.recovery(0.99) <= 2 * kKillLease);
  BOOST_TEST(verdict.recovery(1) <= 3 * kKillLease);
  if (soaking()) BOOST_TEST(verdict.rate >= 0.6 * verdict.calm_rate);
}
