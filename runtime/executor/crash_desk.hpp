#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/child.hpp"
#include "executor/host_process.hpp"
#include "executor/loop.hpp"
#include "task/crash_report.hpp"

namespace flowrra {

// A host's death that a task is charged with.
struct Crash {
  ChildEnd end;
  std::string task;    // its name
  CrashReport report;  // what is known of it without symbols
  UniqueFd area;       // what the host left
  bool known = false;  // there is nothing that could be added
};

// What the host's end says by itself. `plugins`: what it had loaded; `output`: the last lines of it.
Crash crash_of(const HostEnd& end, const std::vector<PluginFile>& plugins, const std::string& task,
               std::vector<std::string> output);

// Completes crash reports: a disposable child, flowrra-unwind, names the functions on the stack. One at a time, so that
// hosts that die again and again do not take the machine. A report that is not ready in kTime after the crash, or
// that comes when kMost wait, is left as it is, and says so; one of a host that left no record needs none of this. All
// on the loop thread.
class CrashDesk {
 public:
  static constexpr Micros kTime = std::chrono::seconds(10);
  static constexpr std::size_t kMost = 16;
  using Done = std::function<void(const Crash&)>;

  // `program`: the path of flowrra-unwind; empty: there is none.
  CrashDesk(Loop& loop, const Clock& clock, std::string program);
  CrashDesk(const CrashDesk&) = delete;
  CrashDesk& operator=(const CrashDesk&) = delete;
  ~CrashDesk();  // calls nobody back

  // Calls back once, perhaps at once.
  void examine(Crash crash, Done done);
  // Calls back now for all that wait.
  void give_up();
  [[nodiscard]] int waiting() const { return static_cast<int>(cases_.size()); }

 private:
  struct Case {
    Crash crash;
    Done done;
    BootTime due;
  };
  struct Examiner {
    Child child;
    UniqueFd output;
    std::unique_ptr<Poll> ended;
    bool wanted = true;  // its report is of the first case
  };
  void next();
  Status start();
  void on_ended();
  void on_due();
  void answer(const std::string& note);
  void dismiss();

  Loop& loop_;
  const Clock& clock_;
  std::string program_;
  std::deque<Case> cases_;  // the first is being examined
  std::optional<Examiner> examiner_;
  Timer due_;
};

}  // namespace flowrra
