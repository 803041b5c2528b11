#pragma once

#include <functional>
#include <string>
#include <vector>

#include "executor/executor.hpp"
#include "node/courier.hpp"
#include "task/attempt.hpp"
#include "task/spec.hpp"

namespace flowrra {

// Attempts that failed as their arguments are not those of the task as this node has it. Where there is a version of
// the task that they fit, the task is given to that version, its attempt refunded, and waits for a node that has it;
// else the failure stands. Those that come while the store is being asked are looked up together, with the next
// question. All on the loop thread.
class Misfits {
 public:
  // `done` is called once for each attempt that was added, with the report that counts.
  using Done = std::function<void(const Job&, AttemptReport)>;
  Misfits(Courier& broker, Done done) : broker_(broker), done_(std::move(done)) {}

  // True for an attempt that is one.
  static bool is_one(const TaskSpec& spec, const Job& job, const AttemptReport& report);

  void add(const TaskSpec& spec, Job job, AttemptReport report);

  [[nodiscard]] std::size_t size() const { return waiting_.size() + asked_.size(); }
  void add_held(std::vector<TaskId>& out) const;

 private:
  struct Misfit {
    TaskSpec spec;
    Job job;
    AttemptReport report;
  };
  void ask();
  void on_answer(const std::vector<Result<std::string>>& versions);

  Courier& broker_;
  Done done_;
  std::vector<Misfit> waiting_;
  std::vector<Misfit> asked_;
};

}  // namespace flowrra
