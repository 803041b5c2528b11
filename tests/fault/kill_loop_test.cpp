// A node that is killed again and again under load: what was acknowledged is run, once but for what ran at a kill.
#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>
#include <flowrra/flowrra.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "fault/load.hpp"
#include "fault/soak.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

constexpr double kLease = 2.0;
const unsigned kLongest = soaking() ? 3000 : 1000;  // ms between kills
constexpr std::int64_t kMargin = 5'000'000;         // ns: until a processor has noticed the signal
constexpr int kPlaces = 16 + 4 + 2 * 8;             // io tasks, threads, cpu hosts and what they may hold ahead
const Setup kSetup{
    .plugins = {fixture("traced.so")},
    .executor = "lease = 2.0\nio_workers = 16\nblocking_threads = 4\ncpu_workers = 2\nretry_delay = 0.05\n"};

// What is wrong, named; the first few are enough to begin with.
class Complaints {
 public:
  void add(const std::string& what) {
    if (++count_ <= 20) BOOST_TEST_MESSAGE("unexpected: " << what);
  }
  [[nodiscard]] int count() const { return count_; }

 private:
  int count_ = 0;
};

// From before the signal until the hosts, which die with their node, run no more.
struct Kill {
  std::int64_t from = 0;
  std::int64_t until = 0;
};

// The node of the moment, and when its predecessors were killed.
class Victims {
 public:
  Victims(const Workplace& workplace, Complaints& complaints) : workplace_(workplace), complaints_(complaints) {
    node_ = start();
    node_->wait_for_error_text("ready: ");
  }

  // By turns the next node is there before the kill, or starts after it. Now and then it is killed while it starts.
  void kill(int round) {
    auto next = round % 2 == 0 ? start() : nullptr;
    if (next != nullptr) next->wait_for_error_text("ready: ");
    end_with(SIGKILL, 128 + SIGKILL);
    if (next == nullptr) next = start();
    node_ = std::move(next);
    if (round % 8 != 7) node_->wait_for_error_text("ready: ");
  }

  void stop() { end_with(SIGTERM, 0); }

  [[nodiscard]] const std::vector<Kill>& kills() const { return kills_; }
  // How many tasks the nodes said that they found.
  [[nodiscard]] int recovered() const { return recovered_; }

 private:
  std::unique_ptr<Process> start() { return std::make_unique<Process>(workplace_.command({"run"})); }

  void end_with(int signal, int wanted) {
    const std::int64_t from = monotonic_now();
    node_->signal(signal);
    const Outcome outcome = node_->wait();
    if (signal == SIGKILL) kills_.push_back({from, monotonic_now() + kMargin});
    if (outcome.code() != wanted) complaints_.add("a node ended with " + std::to_string(outcome.code()) + outcome.err);
    const std::string mark = " tasks of dead nodes";
    for (auto at = outcome.err.find(mark); at != std::string::npos; at = outcome.err.find(mark, at + 1)) {
      recovered_ += std::stoi(outcome.err.substr(outcome.err.rfind(' ', at - 1) + 1));
    }
  }

  const Workplace& workplace_;
  Complaints& complaints_;
  std::unique_ptr<Process> node_;
  std::vector<Kill> kills_;
  int recovered_ = 0;
};

struct Verdict {
  std::size_t attempted = 0;
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  std::size_t duplicated = 0;
  int recovered = 0;
  std::vector<double> recovery;  // seconds
  double calm_rate = 0;          // tasks finished in a second
  double rate = 0;

  [[nodiscard]] Json recovery_at(double share) const {
    if (recovery.empty()) return nullptr;
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(recovery.size() - 1));
    return std::round(recovery[rank] * 1000) / 1000;
  }
  [[nodiscard]] Json json(std::size_t kills, int unexpected) const {
    return {{"attempted", attempted},
            {"acknowledged", acknowledged},
            {"lost", lost},
            {"duplicated", duplicated},
            {"recovered", recovered},
            {"unexpected", unexpected},
            {"recovery_s", {{"p50", recovery_at(0.5)}, {"p99", recovery_at(0.99)}, {"max", recovery_at(1)}}},
            {"rate_held", std::round(rate / calm_rate * 100) / 100},
            {"rate_per_s", {{"without_faults", std::round(calm_rate)}, {"with_faults", std::round(rate)}}},
            {"lease_s", kLease},
            {"kills", kills}};
  }
};

// Tasks finished in a second while `deed` goes on.
template <typename Deed>
double rate_of(const Trace& trace, Deed deed) {
  const std::size_t before = trace.finished();
  const std::int64_t start = monotonic_now();
  deed();
  return static_cast<double>(trace.finished() - before) * 1e9 / static_cast<double>(monotonic_now() - start);
}

// Every acknowledged task has to be there, and to end well at its first attempt: kills are not charged to tasks.
void check_records(const Workplace& workplace, const std::set<std::string>& acknowledged, Verdict& verdict,
                   Complaints& complaints) {
  flowrra::App app(flowrra::Config::load(workplace / "flowrra.toml"));
  for (const std::string& id : acknowledged) {
    try {
      const flowrra::TaskResult result = app.wait(id, kPatience);
      const bool well = result.ok() && result.attempt == 1 && result.result == "\"" + id + "\"";
      if (!well) complaints.add(id + " " + std::string(to_string(result.state)) + " " + result.error_message);
    } catch (const flowrra::FlowrraError& error) {
      ++verdict.lost;
      BOOST_TEST_MESSAGE("lost: " << id << ", " << error.what());
    }
  }
}

// A run after the first has a kill between itself and the one before, and no kill has more of them than there are
// places.
void check_runs(const std::map<std::string, Runs>& runs, const std::vector<Kill>& kills, Verdict& verdict,
                Complaints& complaints) {
  std::map<std::int64_t, int> again;
  for (const auto& [id, run] : runs) {
    for (std::size_t i = 1; i < run.begins.size(); ++i) {
      const auto kill =
          std::find_if(kills.begin(), kills.end(), [&](const Kill& each) { return each.until >= run.begins[i - 1]; });
      ++verdict.duplicated;
      if (kill == kills.end() || kill->from > run.begins[i]) {
        complaints.add(id + " was run twice although nothing was killed");
        continue;
      }
      ++again[kill->from];
      verdict.recovery.push_back(static_cast<double>(run.begins[i] - kill->from) / 1e9);
    }
  }
  std::sort(verdict.recovery.begin(), verdict.recovery.end());
  for (const auto& [kill, count] : again) {
    if (count > kPlaces) complaints.add("a kill made " + std::to_string(count) + " tasks run twice");
  }
}

void check_rest(const Workplace& workplace, Complaints& complaints) {
  const auto status = nlohmann::json::parse(workplace.flowrra({"status", "-o", "json"}).out);
  for (const char* state : {"scheduled", "pending", "running", "retrying"}) {
    if (status["totals"][state] != 0) complaints.add(status["totals"][state].dump() + " tasks are left " + state);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_by_a_node_that_is_killed_again_and_again_under_load) {
  adopt_orphans();
  const Workplace workplace(kSetup);
  Trace trace(workplace / "trace");
  Complaints complaints;
  Verdict verdict;
  std::minstd_rand random(4);
  {
    Victims victims(workplace, complaints);
    Load load(workplace, trace);
    BOOST_REQUIRE(trace.wait_for_finished(300, std::stop_token()));  // it is under way
    verdict.calm_rate = rate_of(trace, [&] { trace.wait_for_finished(trace.finished() + 1000, std::stop_token()); });
    verdict.rate = rate_of(trace, [&] {
      for (int round = 1; round <= rounds(60, 1000); ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200 + random() % kLongest));  // nothing is awaited
        victims.kill(round);
      }
    });
    load.stop();
    verdict.attempted = load.attempted();
    for (const std::string& refusal : load.refusals()) complaints.add(refusal);
    const auto acknowledged = load.acknowledged();
    verdict.acknowledged = acknowledged.size();
    check_records(workplace, acknowledged, verdict, complaints);
    victims.stop();
    verdict.recovered = victims.recovered();
    const auto runs = trace.runs();
    for (const std::string& id : acknowledged) verdict.lost += runs.count(id) == 0 ? 1U : 0U;
    check_runs(runs, victims.kills(), verdict, complaints);
    check_rest(workplace, complaints);
    report("kill_loop", verdict.json(victims.kills().size(), complaints.count()));
  }
  reap_orphans();  // nothing outlives its node, or this would not return
  BOOST_TEST(verdict.acknowledged > 500U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(complaints.count() == 0);
  if (soaking()) {
    BOOST_TEST(verdict.recovery_at(0.99) <= 2 * kLease);
    BOOST_TEST(verdict.recovery_at(1) <= 3 * kLease);
    BOOST_TEST(verdict.rate >= 0.6 * verdict.calm_rate);
  }
}
