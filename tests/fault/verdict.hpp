#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "fault/trace.hpp"
#include "support/workplace.hpp"

namespace flowrra::test {

// A deed to a node that may have its tasks run again, in monotonic time: from before it until no host of the node runs
// any more.
struct Fault {
  pid_t node = 0;
  std::int64_t from = 0;
  std::int64_t until = 0;
};

// What came of a load while faults were done to its nodes.
class Verdict {
 public:
  std::size_t attempted = 0;
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  std::size_t duplicated = 0;
  std::size_t recovered = 0;
  double calm_rate = 0;  // tasks finished in a second, without faults
  double rate = 0;       // with faults

  // Something that must not be; the first few are printed.
  void unexpected(const std::string& what);
  [[nodiscard]] int unexpected() const { return unexpected_; }

  // Adds the tasks that a node, by its log, found with dead ones.
  void count_recovered(const std::string& log);

  // Counts as lost what was acknowledged and is not there, never ends, or was never run. What ended otherwise than
  // well, or not at its first attempt, is unexpected: no fault of a node is charged to a task.
  void check_records(const Workplace& workplace, const std::set<std::string>& ids, const Trace& trace);

  // Counts as duplicated each run after a task's first. It is unexpected unless a fault of a node that began it lies
  // between it and the one before, or when one fault has made more than `most` of them.
  void check_runs(const std::map<std::string, Runs>& runs, const std::vector<Fault>& faults, int most);

  // Nothing may be left that waits or runs.
  void check_rest(const Workplace& workplace);

  // From a fault to the next run of a task that had begun: of this share of them at most so many seconds.
  [[nodiscard]] double recovery(double share) const;

  [[nodiscard]] nlohmann::ordered_json json() const;

 private:
  int unexpected_ = 0;
  std::vector<double> recovery_;  // seconds, in order
};

// Tasks finished in a second while `deed` goes on.
template <typename Deed>
double rate_of(const Trace& trace, Deed deed) {
  const std::size_t before = trace.finished();
  const std::int64_t start = monotonic_now();
  deed();
  return static_cast<double>(trace.finished() - before) * 1e9 / static_cast<double>(monotonic_now() - start);
}

}  // namespace flowrra::test
