#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>

#include "executor/crash_desk.hpp"
#include "executor/executor.hpp"
#include "executor/host_keeper.hpp"
#include "executor/host_wear.hpp"
#include "executor/last_words.hpp"
#include "executor/printed_log.hpp"
#include "executor/verdict.hpp"

namespace flowrra {

// The node's side of one io host: the jobs in flight in it and their deadlines. A job that does not stop when it is
// told to costs the host: it is replaced, and the jobs beside it are handed back uncharged. All on the loop thread.
class IoWorker {
 public:
  struct Events {
    std::function<void(Job&&, AttemptReport&&, Micros ran)> finished;
    std::function<void(Job, Crash, Micros ran)> crashed;  // in the place of finished
    std::function<void(OwnJob)> returned;                 // not begun, the host died: give it to another
    std::function<void(const Lease&, std::string)> progressed;
    std::function<void(const Lease&, LogLine)> logged;
    std::function<void()> changed;  // ready, replaced or stopped: look at it again
  };

  enum class Use : std::uint8_t { shared, isolated };  // isolated: for one suspect at a time

  IoWorker(Loop& loop, const HostSettings& settings, const Clock& clock, std::string label, Use use, Events events);

  void start() { keeper_.start(); }
  void stop() { keeper_.stop(); }
  [[nodiscard]] bool running() const { return keeper_.running(); }
  [[nodiscard]] const std::string& label() const { return keeper_.label(); }

  // May be given jobs: its host is up and not being ended.
  [[nodiscard]] bool ready() const { return keeper_.host() != nullptr && !condemned_; }
  // Its host is to be replaced as soon as it holds nothing: rather give to another.
  [[nodiscard]] bool worn() const { return wear_.worn(); }
  [[nodiscard]] std::size_t load() const { return held_.size(); }
  void add_held(std::vector<TaskId>& out) const;
  [[nodiscard]] HostHealth health() const;
  // The tasks that its host has not.
  [[nodiscard]] const std::set<std::string>& lacking() const { return keeper_.lacking(); }

  void give(OwnJob job);

  // Cancels the job if it is held here; false when it is not.
  bool cancel(const TaskId& task);

  // Asks for the blocking jobs that wait for a thread in its host: they are reported as released.
  void recall_waiting();

  // Kills the host; all its jobs are reported as released.
  void release_running();

 private:
  struct Held {
    OwnJob job;
    BootTime started{};
    std::optional<BootTime> due;  // its deadline, then the end of its grace
    std::optional<Doom> doom;
  };
  void on_finished(FinishedFrame frame);
  void on_logged(const LogFrame& frame);
  void on_ended(const HostEnd& end, const SharedPage& page);
  void schedule(std::uint64_t call, Held& held, BootTime due);
  void unschedule(std::uint64_t call, Held& held);
  void arm();
  void on_due();
  void on_due(std::uint64_t call, Held& held);
  struct Busy {
    std::uint64_t call;
    Micros time;
  };
  [[nodiscard]] std::optional<Busy> busy_loop() const;
  void ask_to_end(std::uint64_t call, Held& held, Doom doom);

  const HostSettings& settings_;
  Use use_;
  const Clock& clock_;
  Events events_;
  std::uint64_t last_call_ = 0;
  std::unordered_map<std::uint64_t, Held> held_;
  std::set<std::pair<BootTime, std::uint64_t>> deadlines_;
  bool condemned_ = false;  // the host is being killed
  bool releasing_ = false;
  std::uint64_t culprit_ = 0;  // for whom it is killed
  PrintedLog printed_{clock_};
  LastWords words_;
  HostWear wear_;
  HostKeeper keeper_;
  Timer timer_;
};

}  // namespace flowrra
