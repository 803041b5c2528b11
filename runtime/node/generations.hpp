#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "node/generation.hpp"

namespace flowrra {

// All hosts of a node: those of the current generation, which get the work, those of older ones, which finish what they
// hold and then end, and those of the next one while they come up. All on the loop thread.
class Generations {
 public:
  struct Events {
    std::function<void(Job&&, AttemptReport&&)> finished;
    std::function<void(const Lease&, std::string)> progressed;
    std::function<void(const Lease&, LogLine)> logged;
    std::function<void()> tasks_changed;  // of the current generation
    std::function<void(Job)> taken_back;  // by a new generation from the one before, which had not begun it
    std::function<void()> ended;          // all hosts, after stop()
  };

  // Starts the first generation. Borrows loop and clock.
  Generations(Loop& loop, const Clock& clock, const NodeOptions& options, Events events);

  Generation& current() { return *current_; }
  // Jobs of all generations that were started and not reported.
  [[nodiscard]] int in_flight() const;

  void add_held(std::vector<TaskId>& out) const;
  // The room is that of the current generation, the hosts are those of all.
  void add_health(NodeHealth& out) const;

  // Starts the hosts of another generation. Once all of them are up they are the current ones, `done` is called, what
  // the generation before has not begun is given to taken_back, and its hosts end when they have nothing left. When a
  // host does not come up, or without a task that it shall have, `done` gets the reason and nothing has changed. One
  // at a time.
  using Done = std::function<void(const Status&)>;
  void replace(const NodeOptions& options, Done done);

  void cancel(const TaskId& task);
  // What has not begun in the current one, and what runs anywhere.
  void release_unstarted() { current_->release_unstarted(); }
  void release_all();
  // Nothing is in flight: ends all hosts. A generation that is coming up is given up without a word.
  void stop();

 private:
  using Owned = std::unique_ptr<Generation>;
  Owned start(const NodeOptions& options, int number);
  void look();
  void take_over();
  void give_up(const Error& why);
  void bury();
  template <typename Act>
  void each(Act act);

  Loop& loop_;
  const Clock& clock_;
  Events events_;
  Owned current_;
  Owned next_;
  std::vector<Owned> older_;
  Done done_;
  bool stopping_ = false;
  bool told_ended_ = false;
  Deferred look_soon_;
  Timer patience_;
};

}  // namespace flowrra
