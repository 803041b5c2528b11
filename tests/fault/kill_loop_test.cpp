// A node that is killed again and again under load: what was acknowledged is run, once but for what ran at a kill.
#include "fault/kill_loop.hpp"

#include <boost/test/unit_test.hpp>

#include "fault/soak.hpp"

using namespace flowrra::test;

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_by_a_node_that_is_killed_again_and_again_under_load) {
  adopt_orphans();
  const Verdict verdict =
      kill_often({.report = "kill_loop", .kills = rounds(60, 1000), .longest = soaking() ? 3200U : 1200U});
  reap_orphans();  // nothing outlives its node, or this would not return
  BOOST_TEST(verdict.acknowledged > 500U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
  if (soaking()) {
    BOOST_TEST(verdict.recovery(0.99) <= 2 * kKillLease);
    BOOST_TEST(verdict.recovery(1) <= 3 * kKillLease);
    BOOST_TEST(verdict.rate >= 0.6 * verdict.calm_rate);
  }
}
