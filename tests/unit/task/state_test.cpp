#include "task/state.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <string>

namespace flowrra {

BOOST_AUTO_TEST_SUITE(state)

// The whole table, written out a second time: a row is what may be left, a column what may be entered.
BOOST_AUTO_TEST_CASE(a_state_changes_only_along_the_table) {
  const std::array<std::string, 8> allowed = {
      // sched pend run retry succ fail canc expd
      ".x....xx",  // scheduled
      "..x...xx",  // pending
      ".x.xxxxx",  // running
      ".x....xx",  // retrying
      "........",  // success
      ".x......",  // failed
      ".x......",  // cancelled
      ".x......",  // expired
  };
  for (std::size_t from = 0; from < allowed.size(); ++from) {
    for (std::size_t to = 0; to < allowed.size(); ++to) {
      BOOST_TEST_CONTEXT(name(kStates[from]) << " to " << name(kStates[to])) {
        BOOST_TEST(can_move(kStates[from], kStates[to]) == (allowed[from][to] == 'x'));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_task_waits_or_runs_or_is_finished) {
  for (const State state : kStates) {
    const int kinds = (is_waiting(state) ? 1 : 0) + (state == State::running ? 1 : 0) + (is_final(state) ? 1 : 0);
    BOOST_TEST(kinds == 1);
  }
}

BOOST_AUTO_TEST_CASE(stored_numbers_never_change) {
  for (std::size_t i = 0; i < kStates.size(); ++i) BOOST_TEST(static_cast<std::size_t>(kStates[i]) == i);
  BOOST_TEST(static_cast<int>(State::expired) == 7);
}

BOOST_AUTO_TEST_CASE(names_are_read_back) {
  for (const State state : kStates) BOOST_TEST((parse_state(name(state)) == state));
  for (const char* wrong : {"", "Pending", "done", "unknown"}) BOOST_TEST(!parse_state(wrong).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
