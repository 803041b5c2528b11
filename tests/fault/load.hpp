#pragma once

#include <atomic>
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
  // Borrows both. A node must have published the tasks. None lasts longer than `longest` ms: a task whose nodes die
  // ten times under it has failed, as it should.
  Load(const Workplace& workplace, Trace& trace, int longest = 600);
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load();

  // Ends it when what is under way has been acknowledged or refused.
  void stop();
  // Then waits for the end of all that was acknowledged. What it saw goes into the verdict; a node has to be there.
  void stop_and_tell(Verdict& verdict);

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
  bool submit_batch(const Command& command, Random& random, bool kill);
  bool wait_for_room(const std::stop_token& stop);
  void acknowledge(const std::string& ids);  // lines
  void refuse(const std::string& why);

  const Workplace& workplace_;
  Trace& trace_;
  const std::string record_;
  const int longest_;
  std::atomic<std::size_t> attempted_ = 0;  // submissions begun; a batch that is repeated counts once
  std::mutex mutex_;
  std::vector<std::string> refusals_;  // where there should have been an id; guarded by mutex_
  std::vector<std::jthread> submitters_;
};

}  // namespace flowrra::test
