#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "executor/crash_desk.hpp"
#include "executor/executor.hpp"
#include "executor/host_keeper.hpp"
#include "executor/host_wear.hpp"
#include "executor/last_words.hpp"
#include "executor/printed_log.hpp"
#include "executor/verdict.hpp"

namespace flowrra {

// The node's side of one cpu host: the job that runs in it, those sent ahead of it, and the deadline. Jobs sent ahead
// have not begun until the host takes them: they can be recalled, and survive the host's death uncharged.
// All on the loop thread.
class CpuWorker {
 public:
  struct Events {
    std::function<void(Job&&, AttemptReport&&, Micros ran)> finished;
    std::function<void(Job, Crash, Micros ran)> crashed;  // in the place of finished
    std::function<void(const Lease&, std::string)> progressed;
    std::function<void(const Lease&, LogLine)> logged;
    std::function<void(OwnJob)> returned;  // not begun, the host died: give it to another
    std::function<void()> changed;         // ready, replaced or stopped: look at it again
  };

  CpuWorker(Loop& loop, const HostSettings& settings, const Clock& clock, std::string label, Events events);

  void start() { keeper_.start(); }
  void stop() { keeper_.stop(); }
  [[nodiscard]] bool running() const { return keeper_.running(); }

  // May be given a job: its host is up and not being ended.
  [[nodiscard]] bool ready() const;
  [[nodiscard]] std::size_t load() const { return held_.size(); }
  void add_held(std::vector<TaskId>& out) const;
  [[nodiscard]] HostHealth health() const;
  // The tasks that its host has not.
  [[nodiscard]] const std::set<std::string>& lacking() const { return keeper_.lacking(); }

  void give(OwnJob job);

  // Takes back the job sent last, if the host has not begun it; else null.
  OwnJob recall_last();

  // Cancels the job if it is held here; false when it is not. One that has not begun comes back in `unstarted`.
  bool cancel(const TaskId& task, OwnJob& unstarted);

  // Ends the running job by force and reports it so, at once without the grace of a timeout.
  void release_running();

 private:
  struct Held {
    std::uint64_t call = 0;
    OwnJob job;
    BootTime started{};
  };
  void front_begins(BootTime now);
  void on_finished(FinishedFrame frame);
  void on_ended(const HostEnd& end, const SharedPage& page);
  void on_deadline();
  void condemn(Doom doom);
  void next_force();
  void wear(std::uint64_t peak);
  void recycle_if_worn();
  [[nodiscard]] Held* find(std::uint64_t call);
  void on_printed(const OutputLine& line);

  const HostSettings& settings_;
  const Clock& clock_;
  Events events_;
  std::uint64_t last_call_ = 0;
  std::deque<Held> held_;     // the first runs
  std::optional<Doom> doom_;  // of the first
  int force_step_ = 0;
  PrintedLog printed_{clock_};
  LastWords words_;
  HostWear wear_;
  HostKeeper keeper_;
  Timer deadline_;
  Timer force_;
};

}  // namespace flowrra
