// How large the transactions of a batch are.

#include "app/batch_pace.hpp"

#include <boost/test/unit_test.hpp>

namespace flowrra::test {

using std::chrono::milliseconds;

BOOST_AUTO_TEST_SUITE(batch_pace)

BOOST_AUTO_TEST_CASE(a_fast_store_is_given_more_up_to_ten_thousand) {
  BatchPace pace;
  BOOST_TEST(pace.tasks() == 1'000U);
  pace.learn(milliseconds(3));
  BOOST_TEST(pace.tasks() == 2'000U);
  for (int i = 0; i < 10; ++i) pace.learn(milliseconds(3));
  BOOST_TEST(pace.tasks() == 10'000U);
}

BOOST_AUTO_TEST_CASE(it_is_not_doubled_where_twice_as_many_would_hold_up_others) {
  BatchPace pace;
  pace.learn(milliseconds(13));
  BOOST_TEST(pace.tasks() == 1'000U);
  pace.learn(milliseconds(12));
  BOOST_TEST(pace.tasks() == 2'000U);
  pace.learn(milliseconds(25));
  BOOST_TEST(pace.tasks() == 2'000U);
}

BOOST_AUTO_TEST_CASE(a_slow_store_is_given_less_down_to_a_thousand) {
  BatchPace pace;
  for (int i = 0; i < 3; ++i) pace.learn(milliseconds(1));
  BOOST_TEST(pace.tasks() == 8'000U);
  pace.learn(milliseconds(26));
  BOOST_TEST(pace.tasks() == 4'000U);
  for (int i = 0; i < 5; ++i) pace.learn(milliseconds(500));
  BOOST_TEST(pace.tasks() == 1'000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
