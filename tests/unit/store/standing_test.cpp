#include "store/standing.hpp"

#include <boost/test/unit_test.hpp>

#include "support/fake_clock.hpp"

namespace flowrra {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{Micros(1'000'000'000)};

Standing in(State state) {
  Standing out;
  out.state = state;
  out.attempt = 2;
  out.counter = 5;
  if (state == State::running) out.started_at = kNow - 1s;
  if (state == State::scheduled || state == State::retrying) out.due_at = kNow + 1s;
  return out;
}

Settlement to(State state) {
  Settlement out;
  out.to = state;
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(standing)

BOOST_AUTO_TEST_CASE(a_new_task_is_pending_unless_its_time_is_to_come) {
  NewTask task;
  BOOST_TEST(name(first_standing(task, kNow).state) == "pending");
  task.delay = 0s;
  BOOST_TEST(name(first_standing(task, kNow).state) == "pending");
  task.delay = 3s;
  BOOST_TEST(name(first_standing(task, kNow).state) == "scheduled");
  BOOST_TEST((first_standing(task, kNow).due_at == kNow + 3s));
  task.delay.reset();
  task.at = kNow;
  BOOST_TEST(name(first_standing(task, kNow).state) == "pending");
  task.at = kNow + 1us;
  BOOST_TEST(name(first_standing(task, kNow).state) == "scheduled");
}

BOOST_AUTO_TEST_CASE(each_change_is_allowed_from_its_states_alone_and_changes_nothing_elsewhere) {
  for (const State state : kStates) {
    BOOST_TEST_CONTEXT(name(state)) {
      Standing task = in(state);
      BOOST_TEST(lease(task, kNow) == (state == State::pending));
      task = in(state);
      BOOST_TEST(promote(task) == (state == State::scheduled || state == State::retrying));
      task = in(state);
      BOOST_TEST(recover(task, kNow) == (state == State::running));
      task = in(state);
      const CancelOutcome outcome = cancel(task, kNow);
      BOOST_TEST((outcome == CancelOutcome::cancelled) == is_waiting(state));
      BOOST_TEST((outcome == CancelOutcome::requested) == (state == State::running));
      task = in(state);
      BOOST_TEST(fail(task, kNow) == (state == State::running));
      for (const State target : kStates) {
        task = in(state);
        const bool allowed = state == State::running && can_move(State::running, target);
        BOOST_TEST(settle(task, to(target), kNow) == allowed);
        if (!allowed) {
          BOOST_TEST(name(task.state) == name(state));
          BOOST_TEST(task.attempt == 2);
          BOOST_TEST((task.due_at == in(state).due_at));
          BOOST_TEST(!task.finished_at.has_value());
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_lease_counts_an_attempt_and_a_lease) {
  Standing task = in(State::pending);
  BOOST_TEST(lease(task, kNow));
  BOOST_TEST(task.attempt == 3);
  BOOST_TEST(task.counter == 6);
  BOOST_TEST((task.started_at == kNow));
}

BOOST_AUTO_TEST_CASE(a_finished_task_keeps_its_start_and_gets_an_end) {
  Standing task = in(State::running);
  task.suspect = true;
  BOOST_TEST(settle(task, to(State::success), kNow));
  BOOST_TEST((task.finished_at == kNow));
  BOOST_TEST((task.started_at == kNow - 1s));
  BOOST_TEST(!task.suspect);
}

BOOST_AUTO_TEST_CASE(a_retry_is_due_after_its_delay) {
  Standing task = in(State::running);
  Settlement retry = to(State::retrying);
  retry.delay = 4s;
  retry.crashed = true;
  BOOST_TEST(settle(task, retry, kNow));
  BOOST_TEST((task.due_at == kNow + 4s));
  BOOST_TEST(task.crashes == 1);
  BOOST_TEST(task.attempt == 2);
  BOOST_TEST(promote(task));
  BOOST_TEST(!task.due_at.has_value());
}

BOOST_AUTO_TEST_CASE(absurd_delays_do_not_overflow) {
  NewTask task;
  task.delay = Micros::max();
  BOOST_TEST((first_standing(task, kNow).due_at > kNow + 24h * 365));
  Standing running = in(State::running);
  Settlement retry = to(State::retrying);
  retry.delay = Micros::min();
  BOOST_TEST(settle(running, retry, kNow));
  BOOST_TEST((running.due_at == kNow));
}

BOOST_AUTO_TEST_CASE(a_release_returns_what_it_is_told_to) {
  Settlement release = to(State::pending);
  Standing task = in(State::running);
  BOOST_TEST(settle(task, release, kNow));
  BOOST_TEST(task.attempt == 2);
  BOOST_TEST(task.refunds == 0);
  BOOST_TEST(!task.started_at.has_value());
  release.refund_attempt = release.count_refund = release.suspect = true;
  task = in(State::running);
  BOOST_TEST(settle(task, release, kNow));
  BOOST_TEST(task.attempt == 1);
  BOOST_TEST(task.refunds == 1);
  BOOST_TEST(task.suspect);
}

BOOST_AUTO_TEST_CASE(a_recovered_attempt_is_given_back_and_counted_as_a_refund) {
  for (const bool suspect : {false, true}) {
    Standing task = in(State::running);
    task.suspect = suspect;
    BOOST_TEST(recover(task, kNow));
    BOOST_TEST(task.attempt == 1);
    BOOST_TEST(task.refunds == 1);
    BOOST_TEST(task.suspect == suspect);
    BOOST_TEST(!task.started_at.has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_task_that_was_given_back_too_often_is_failed_when_it_is_recovered) {
  Standing task = in(State::running);
  task.refunds = kMaxRefunds;
  BOOST_TEST(recover(task, kNow));
  BOOST_TEST(name(task.state) == "failed");
  BOOST_TEST((task.finished_at == kNow));
  BOOST_TEST(why_ended(task).code == "lost");
}

BOOST_AUTO_TEST_CASE(the_record_of_the_later_attempt_or_start_outlives_the_other) {
  Standing kept = in(State::running);
  TaskRecord record;
  record.started_at = kNow;
  for (const int attempt : {1, 2, 3}) {
    record.attempt = attempt;
    kept.started_at = kNow;
    BOOST_TEST(outlives(kept, record) == (attempt < 2));
    kept.started_at = kNow + 1us;
    BOOST_TEST(outlives(kept, record) == (attempt <= 2));
  }
}

BOOST_AUTO_TEST_CASE(the_time_until_due_follows_the_clock) {
  test::FakeClock clock;
  const WallTime due = clock.wall() + 10s;
  BOOST_TEST((until_due(due, clock) == Micros(10s)));
  clock.advance(11s);
  BOOST_TEST((until_due(due, clock) == Micros(-1s)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
