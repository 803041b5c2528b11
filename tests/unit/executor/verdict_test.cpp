#include "executor/verdict.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>

using namespace flowrra;

namespace {

const Lease kLease{"t1", "s1", 3, 0};

FinishedFrame finished(CallEnd end, std::string text) {
  FinishedFrame frame;
  frame.end = end;
  frame.text = std::move(text);
  return frame;
}

AttemptReport report_of(FinishedFrame frame, const Doom* doom) {
  Lease lease = kLease;
  return report_finished(lease, std::move(frame), doom);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verdict)

BOOST_AUTO_TEST_CASE(a_success_carries_its_result_and_lease) {
  const AttemptReport report = report_of(finished(CallEnd::success, "[1]"), nullptr);
  BOOST_TEST((report.end == AttemptEnd::success));
  BOOST_TEST(report.result == "[1]");
  BOOST_TEST(report.lease.counter == 3U);
  BOOST_TEST(!report.error);
}

BOOST_AUTO_TEST_CASE(a_failure_carries_the_delay_that_was_asked_for) {
  FinishedFrame frame = finished(CallEnd::failure, "later");
  frame.retry_after_us = 5'000'000;
  const AttemptReport report = report_of(frame, nullptr);
  BOOST_TEST((report.end == AttemptEnd::failure));
  BOOST_TEST((report.retry_after == std::chrono::seconds(5)));
  BOOST_TEST(report.error->message == "later");
}

BOOST_AUTO_TEST_CASE(a_task_that_stops_at_its_deadline_has_timed_out) {
  const Doom doom{AttemptEnd::timeout, "ran too long"};
  const AttemptReport report = report_of(finished(CallEnd::cancelled, "stopped"), &doom);
  BOOST_TEST((report.end == AttemptEnd::timeout));
  BOOST_TEST(report.error->code == "timeout");
  BOOST_TEST(report.error->message == "ran too long");
}

BOOST_AUTO_TEST_CASE(a_task_that_succeeds_within_the_grace_has_succeeded) {
  const Doom doom{AttemptEnd::timeout, "ran too long"};
  BOOST_TEST((report_of(finished(CallEnd::success, "1"), &doom).end == AttemptEnd::success));
}

BOOST_AUTO_TEST_CASE(a_task_that_stops_unasked_has_failed) {
  BOOST_TEST((report_of(finished(CallEnd::cancelled, "why"), nullptr).end == AttemptEnd::failure));
}

BOOST_AUTO_TEST_CASE(a_crash_names_its_signal) {
  const AttemptReport report = report_crash(Job{}, crash_of({{true, SIGSEGV}, 7, true}, {}, "task", {}));
  BOOST_TEST((report.end == AttemptEnd::crash));
  BOOST_TEST(crash_report_from_json(report.error->crash)->signal == SIGSEGV);
}

BOOST_AUTO_TEST_CASE(an_exit_in_a_task_is_a_crash_with_its_code) {
  const AttemptReport report = report_crash(Job{}, crash_of({{false, 0}, 7, true}, {}, "task", {}));
  BOOST_TEST(crash_report_from_json(report.error->crash)->exit_code.value_or(-1) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
