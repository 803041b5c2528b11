#include "fault/kill_loop.hpp"

#include <signal.h>

#include <memory>
#include <random>

#include "fault/load.hpp"
#include "fault/soak.hpp"

namespace flowrra::test {
namespace {

constexpr std::int64_t kMargin = 5'000'000;  // ns: until a processor has noticed the signal
constexpr int kPlaces = 16 + 4 + 2 * 8;      // io tasks, threads, cpu hosts and what they may hold ahead

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

Setup setup(const KillLoop& how) {
  return {.plugins = {fixture("traced.so")},
          .broker = how.broker,
          .executor = "lease = 2.0\nio_workers = 16\nblocking_threads = 4\ncpu_workers = 2\nretry_delay = 0.05\n"};
}

}  // namespace

Verdict kill_often(const KillLoop& how) {
  const Workplace workplace(setup(how));
  Verdict verdict;
  Trace trace(workplace / "trace");
  std::minstd_rand random(4);
  Victims victims(workplace, verdict);
  Load load(workplace, trace, {.longest = how.longest_task});
  trace.wait_for_finished(how.calm * 2 / 3,
                          {});  // it is under way, and what waits is of the kind that keeps it waiting
  verdict.calm_rate = rate_of(trace, [&] { trace.wait_for_finished(trace.finished() + how.calm, {}); });
  verdict.rate = rate_of(trace, [&] {
    for (int round = 1; round <= how.kills; ++round) {
      std::this_thread::sleep_for(
          std::chrono::milliseconds(how.shortest + random() % (how.longest - how.shortest)));  // nothing is awaited
      victims.kill(round);
    }
  });
  load.stop_and_tell(verdict);
  victims.stop();
  verdict.check_runs(trace.runs(), victims.kills(), kPlaces);
  verdict.check_rest(workplace);
  auto found = verdict.json();
  found["kills"] = victims.kills().size();
  found["lease_s"] = kKillLease;
  report(how.report, found);
  return verdict;
}

}  // namespace flowrra::test
