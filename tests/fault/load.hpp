#pragma once

#include <atomic>
#include <flowrra/flowrra.hpp>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fault/trace.hpp"
#include "fault/verdict.hpp"
#include "support/workplace.hpp"

namespace flowrra::test {

// Submits traced tasks of every kind, without end, while a bounded number of them is unfinished: one by one by the
// command line, one by one by the library, and in batches, of which some are killed midway and repeated under the same
// ids. What was acknowledged stands in an append-only file, a line for each id, written after the acknowledgement.
class Load {
 public:
  struct How {
    int longest = 600;         // ms of a task; one whose nodes die ten times under it has failed, as it should
    bool store_fails = false;  // a submission that the store does not answer is repeated under its id until it does
  };
  // Borrows both. A node must have published the tasks.
  Load(const Workplace& workplace, Trace& trace, How how);
  Load(const Workplace& workplace, Trace& trace) : Load(workplace, trace, How()) {}
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  // Ends it when what is under way has been acknowledged or refused.
  void stop();
  // Then waits for the end of all that was acknowledged. What it saw goes into the verdict; a node has to be there.
  void stop_and_tell(Verdict& verdict);

  // Submissions that were begun again, because the store did not answer. [any thread]
  [[nodiscard]] std::size_t repeated() const { return repeated_; }
  // What the record holds. [any thread]
  [[nodiscard]] std::set<std::string> acknowledged() const;

 private:
  struct Job {
    std::string task;
    std::string ms;
  };
  using Random = std::minstd_rand;
  [[nodiscard]] Job draw(Random& random) const;
  void by_command(const std::stop_token& stop);
  void by_library(const std::stop_token& stop);
  void by_batch(const std::stop_token& stop);
  bool submit_one(App& app, const Job& job, const std::string& id);
  bool submit_batch(const Command& command, Random& random, bool kill);
  bool wait_for_room(const std::stop_token& stop);
  void acknowledge(const std::string& ids);  // lines
  bool repeats(bool unanswered);
  void refuse(const std::string& why);

  const Workplace& workplace_;
  Trace& trace_;
  const std::string record_;
  const How how_;
  std::atomic<std::size_t> attempted_ = 0;  // submissions begun; a batch that is repeated counts once
  std::atomic<std::size_t> repeated_ = 0;
  std::mutex mutex_;
  std::vector<std::string> refusals_;  // where there should have been an id; guarded by mutex_
  std::vector<std::jthread> submitters_;
};

}  // namespace flowrra::test
