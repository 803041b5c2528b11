#include "executor/read_ahead.hpp"

#include <boost/test/unit_test.hpp>

using namespace flowrra;
using namespace std::chrono_literals;

namespace {

constexpr BootTime kStart{Micros(5'000'000'000)};

}  // namespace

BOOST_AUTO_TEST_SUITE(read_ahead)

BOOST_AUTO_TEST_CASE(nothing_is_read_ahead_before_anything_finished) {
  ReadAhead ahead;
  BOOST_TEST(ahead.allowance(kStart) == 0);
}

BOOST_AUTO_TEST_CASE(what_finished_in_the_last_20_ms_is_allowed) {
  ReadAhead ahead;
  for (int i = 0; i < 7; ++i) ahead.finished(kStart + i * 1ms, 1ms);
  BOOST_TEST(ahead.allowance(kStart + 10ms) == 7);
}

BOOST_AUTO_TEST_CASE(what_finished_earlier_allows_nothing) {
  ReadAhead ahead;
  ahead.finished(kStart, 1ms);
  BOOST_TEST(ahead.allowance(kStart + 25ms) == 0);
}

BOOST_AUTO_TEST_CASE(what_is_held_for_short_tasks_is_stale_once_none_has_ended_for_a_while) {
  ReadAhead ahead;
  BOOST_TEST(!ahead.is_stale(kStart));  // nothing was read ahead yet
  ahead.finished(kStart, 1ms);
  BOOST_TEST(!ahead.is_stale(kStart + ReadAhead::kStale - 1ms));
  ahead.finished(kStart + 150ms, ReadAhead::kLong);
  BOOST_TEST(ahead.is_stale(kStart + ReadAhead::kStale));
}

BOOST_AUTO_TEST_CASE(long_tasks_that_finish_at_once_allow_nothing) {
  ReadAhead ahead;
  for (int i = 0; i < 3; ++i) ahead.finished(kStart, ReadAhead::kLong);
  BOOST_TEST(ahead.allowance(kStart) == 0);
  ahead.finished(kStart, 1ms);
  BOOST_TEST(ahead.allowance(kStart) == 1);
}

BOOST_AUTO_TEST_CASE(it_never_passes_its_bound) {
  ReadAhead ahead;
  for (int i = 0; i < 5000; ++i) ahead.finished(kStart, 1ms);
  BOOST_TEST(ahead.allowance(kStart) == ReadAhead::kMost);
}

BOOST_AUTO_TEST_SUITE_END()
