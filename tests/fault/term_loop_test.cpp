// A node that is told to stop at random moments under load, once or twice: once, nothing runs a second time; twice,
// only what was cut off.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <random>

#include "fault/load.hpp"
#include "fault/soak.hpp"
#include "fault/verdict.hpp"

using namespace flowrra::test;

namespace {

constexpr int kPlaces = 16 + 4 + 2 * 8;
const Setup kSetup{.plugins = {fixture("traced.so")},
                   .executor =
                       "lease = 5.0\nio_workers = 16\nblocking_threads = 4\ncpu_workers = 2\nretry_delay = 0.05\n"
                       "kill_grace = 0.2\n"};

// Ends the node; a second signal is the fault.
void stop(Process& node, bool twice, Verdict& verdict, std::vector<Fault>& faults) {
  const std::int64_t from = monotonic_now();
  node.signal(SIGTERM);
  if (twice) {
    node.wait_for_error_text("draining");
    node.signal(SIGTERM);
  }
  const Outcome outcome = node.wait();
  if (outcome.code() != 0) verdict.unexpected("a node ended with " + std::to_string(outcome.code()) + outcome.err);
  if (twice) faults.push_back({node.pid(), from, monotonic_now()});
}

void stop_often(const Workplace& workplace, Verdict& verdict) {
  Trace trace(workplace / "trace");
  std::minstd_rand random(5);
  auto node = workplace.node();
  Load load(workplace, trace);
  trace.wait_for_finished(200, {});  // it is under way
  std::vector<Fault> faults;
  const int stops = rounds(16, 300);
  for (int round = 1; round <= stops; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 1000));  // nothing is awaited
    stop(*node, round % 2 == 0, verdict, faults);
    node = workplace.node();
  }
  load.stop_and_tell(verdict);
  stop(*node, false, verdict, faults);
  verdict.check_runs(trace.runs(), faults, kPlaces);
  verdict.check_rest(workplace);
  auto found = verdict.json();
  found["stops"] = stops;
  report("stops", found);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_told_to_stop_at_any_moment_loses_nothing_and_only_the_second_word_has_tasks_run_again) {
  adopt_orphans();
  const Workplace workplace(kSetup);
  Verdict verdict;
  stop_often(workplace, verdict);
  BOOST_TEST(childless());
  BOOST_TEST(verdict.acknowledged > 300U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
}
