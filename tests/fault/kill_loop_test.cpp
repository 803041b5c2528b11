// A node that is killed again and again under load: what was acknowledged is run, once but for what ran at a kill.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <random>

#include "fault/load.hpp"
#include "fault/soak.hpp"
#include "fault/verdict.hpp"

using namespace flowrra::test;

namespace {

constexpr double kLease = 2.0;
constexpr std::int64_t kMargin = 5'000'000;         // ns: until a processor has noticed the signal
constexpr int kPlaces = 16 + 4 + 2 * 8;             // io tasks, threads, cpu hosts and what they may hold ahead
const unsigned kLongest = soaking() ? 3000 : 1000;  // ms between kills
const Setup kSetup{
    .plugins = {fixture("traced.so")},
    .executor = "lease = 2.0\nio_workers = 16\nblocking_threads = 4\ncpu_workers = 2\nretry_delay = 0.05\n"};

// The node of the moment, and when its predecessors were killed.
class Victims {
 public:
  Victims(const Workplace& workplace, Verdict& verdict) : workplace_(workplace), verdict_(verdict), node_(start()) {
    node_->wait_for_error_text("ready: ");
  }

  // By turns the next node is there before the kill, or starts after it. Now and then it is killed while it starts.
  void kill(int round) {
    auto next = round % 2 == 0 ? start() : nullptr;
    if (next != nullptr) next->wait_for_error_text("ready: ");
    Fault fault{node_->pid(), monotonic_now(), 0};
    end_with(SIGKILL, 128 + SIGKILL);
    fault.until = monotonic_now() + kMargin;
    kills_.push_back(fault);
    node_ = next != nullptr ? std::move(next) : start();
    if (round % 8 != 7) node_->wait_for_error_text("ready: ");
  }
  void stop() { end_with(SIGTERM, 0); }

  [[nodiscard]] const std::vector<Fault>& kills() const { return kills_; }

 private:
  std::unique_ptr<Process> start() { return std::make_unique<Process>(workplace_.command({"run"})); }

  void end_with(int signal, int wanted) {
    node_->signal(signal);
    const Outcome outcome = node_->wait();
    if (outcome.code() != wanted)
      verdict_.unexpected("a node ended with " + std::to_string(outcome.code()) + outcome.err);
    verdict_.count_recovered(outcome.err);
  }

  const Workplace& workplace_;
  Verdict& verdict_;
  std::unique_ptr<Process> node_;
  std::vector<Fault> kills_;
};

void kill_often(const Workplace& workplace, Verdict& verdict) {
  Trace trace(workplace / "trace");
  std::minstd_rand random(4);
  Victims victims(workplace, verdict);
  Load load(workplace, trace);
  trace.wait_for_finished(1000, {});  // it is under way, and what waits is of the kind that keeps it waiting
  verdict.calm_rate = rate_of(trace, [&] { trace.wait_for_finished(trace.finished() + 1500, {}); });
  verdict.rate = rate_of(trace, [&] {
    for (int round = 1; round <= rounds(60, 1000); ++round) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200 + random() % kLongest));  // nothing is awaited
      victims.kill(round);
    }
  });
  load.stop_and_tell(verdict);
  victims.stop();
  verdict.check_runs(trace.runs(), victims.kills(), kPlaces);
  verdict.check_rest(workplace);
  auto found = verdict.json();
  found["kills"] = victims.kills().size();
  found["lease_s"] = kLease;
  report("kill_loop", found);
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_by_a_node_that_is_killed_again_and_again_under_load) {
  adopt_orphans();
  const Workplace workplace(kSetup);
  Verdict verdict;
  kill_often(workplace, verdict);
  reap_orphans();  // nothing outlives its node, or this would not return
  BOOST_TEST(verdict.acknowledged > 500U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
  if (soaking()) {
    BOOST_TEST(verdict.recovery(0.99) <= 2 * kLease);
    BOOST_TEST(verdict.recovery(1) <= 3 * kLease);
    BOOST_TEST(verdict.rate >= 0.6 * verdict.calm_rate);
  }
}
