// Two nodes under load, of which one is stopped for longer than its lease and goes on: the other has run what it had,
// and what it says late changes nothing.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <flowrra/flowrra.hpp>

#include "fault/load.hpp"
#include "fault/soak.hpp"
#include "fault/verdict.hpp"

using namespace flowrra::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kLease = 1500ms;
constexpr int kPlaces = 8 + 2 + 1 * 8;
const Setup kSetup{
    .plugins = {fixture("traced.so")},
    .executor = "lease = 1.5\nio_workers = 8\nblocking_threads = 2\ncpu_workers = 1\nretry_delay = 0.05\n"};

// What is known of a task, in one text.
std::string fate(flowrra::App& app, const std::string& id) {
  const auto result = app.get_result(id);
  if (!result || !result->finished()) return {};
  return std::to_string(result->attempt) + " " + result->result + " " + result->error_message + " " +
         std::to_string(result->started_at->time_since_epoch().count()) + " " +
         std::to_string(result->finished_at->time_since_epoch().count());
}

// Tasks that had begun and not ended at this moment.
std::vector<std::string> under_way(const Trace& trace, std::int64_t at) {
  std::vector<std::string> out;
  for (const auto& [id, runs] : trace.runs()) {
    const bool ended = !runs.ends.empty() && runs.ends.front() <= at;
    if (!runs.begins.empty() && runs.begins.front().at <= at && !ended) out.push_back(id);
  }
  return out;
}

// A node, and how often its session was over.
class Paused {
 public:
  explicit Paused(const Workplace& workplace) : node_(workplace.node()) {}
  [[nodiscard]] Process& node() const { return *node_; }

  // Waits for one more, when it has to come; how many more there are since the last call.
  int losses(bool wait) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const int before = seen_;
    do {
      seen_ = count();
    } while (wait && seen_ == before && std::chrono::steady_clock::now() < deadline);
    return seen_ - before;
  }

 private:
  [[nodiscard]] int count() const {
    const std::string text = "the session is lost";
    const std::string log = node_->err();
    int found = 0;
    for (auto at = log.find(text); at != std::string::npos; at = log.find(text, at + 1)) ++found;
    return found;
  }
  std::unique_ptr<Process> node_;
  int seen_ = 0;
};

// Pauses one of two nodes again and again, by turns, under a load of which it watches what was under way.
class Pauses {
 public:
  Pauses(const Workplace& workplace, Verdict& verdict)
      : verdict_(verdict),
        trace_(workplace / "trace"),
        nodes_{Paused(workplace), Paused(workplace)},
        app_(flowrra::Config::load(workplace / "flowrra.toml")),
        load_(workplace, trace_) {
    trace_.wait_for_finished(200, {});  // it is under way
  }

  void pause(int round) {
    Paused& paused = nodes_[round % 2];
    Paused& other = nodes_[1 - round % 2];
    const std::int64_t from = monotonic_now();
    paused.node().signal(SIGSTOP);
    std::this_thread::sleep_for(3 * kLease);  // the fault itself: the time in which the other takes over
    std::map<std::string, std::string> fates;
    for (const std::string& id : under_way(trace_, from)) fates[id] = fate(app_, id);
    paused.node().signal(SIGCONT);
    paused.losses(true);
    faults_.push_back({paused.node().pid(), from, monotonic_now()});
    trace_.wait_for_finished(trace_.finished() + 100, {});
    // On a machine that is busy with other things the other one may have been late, too.
    if (other.losses(false) > 0) faults_.push_back({other.node().pid(), from, monotonic_now()});
    check(fates);
  }

  void end(const Workplace& workplace) {
    load_.stop_and_tell(verdict_);
    for (const Paused& each : nodes_) {
      each.node().signal(SIGTERM);
      const Outcome outcome = each.node().wait();
      if (outcome.code() != 0) verdict_.unexpected("a node ended with " + std::to_string(outcome.code()));
      verdict_.count_recovered(outcome.err);
    }
    // At most what both nodes had: the hosts of the paused one go on, and what the other took over may be late once
    // more.
    verdict_.check_runs(trace_.runs(), faults_, 4 * kPlaces);
    verdict_.check_rest(workplace);
  }

  // Tasks that ended elsewhere before the node that had begun them went on.
  [[nodiscard]] int outdone() const { return outdone_; }

 private:
  void check(const std::map<std::string, std::string>& fates) {
    for (const auto& [id, known] : fates) {
      if (known.empty()) continue;
      ++outdone_;
      const std::string now = fate(app_, id);
      if (now != known) verdict_.unexpected(id + " was changed after its end: " + known + ", " + now);
    }
  }

  Verdict& verdict_;
  Trace trace_;
  Paused nodes_[2];
  flowrra::App app_;
  Load load_;
  std::vector<Fault> faults_;
  int outdone_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_paused_node_says_late_changes_nothing_of_what_the_other_has_done) {
  const Workplace workplace(kSetup);
  Verdict verdict;
  Pauses pauses(workplace, verdict);
  const int count = rounds(4, 100);
  for (int round = 0; round < count; ++round) pauses.pause(round);
  pauses.end(workplace);
  const auto stats = nlohmann::json::parse(workplace.flowrra({"stats", "-o", "json"}).out);
  auto found = verdict.json();
  found.erase("recovery_s");  // hosts of a paused node go on: the next run may be theirs
  found["pauses"] = count;
  found["outdone"] = pauses.outdone();
  found["refused_as_stale"] = stats.at("stale");
  report("pauses", found);
  BOOST_TEST(pauses.outdone() > 0);
  BOOST_TEST(stats.at("stale").at("settlements") > 0);
  BOOST_TEST(verdict.duplicated > 0U);
  BOOST_TEST(verdict.lost == 0U);
  BOOST_TEST(verdict.unexpected() == 0);
}
