#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "executor/host_process.hpp"

namespace flowrra {

// Keeps one host alive: starts it, and starts another when it ends, at once if it had come up, else after a delay that
// doubles up to 5 s. All on the loop thread.
class HostKeeper {
 public:
  struct Events {
    std::function<void()> ready;
    std::function<void(FinishedFrame)> finished;
    std::function<void(ProgressFrame)> progressed;
    std::function<void(const LogFrame&)> logged;
    std::function<void(const OutputLine&)> printed;
    // The page still stands during the call. Another host is started afterwards, unless stop() was called.
    std::function<void(const HostEnd&, const SharedPage&)> ended;
  };

  // `label` names it in the log: "cpu-1". Borrows loop and settings.
  HostKeeper(Loop& loop, const HostSettings& settings, Kind kind, std::string label, Events events);

  void start();
  // The host that runs and is ready, or null.
  [[nodiscard]] HostProcess* host() const;
  // SIGTERM and SIGKILL to whatever runs.
  void terminate();
  void kill();
  // Ends the host, in which nothing runs any more, in good order, and starts another.
  void recycle();
  // Ends the host in good order and starts no other; killed when it has not ended after the grace.
  void stop();
  [[nodiscard]] bool running() const { return host_ != nullptr; }
  [[nodiscard]] pid_t pid() const { return host_ != nullptr ? host_->pid() : 0; }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] int generation() const { return settings_.generation; }
  // The tasks of the settings that the host which came up last has not.
  [[nodiscard]] const std::set<std::string>& lacking() const { return lacking_; }

 private:
  void on_ready(const ReadyFrame& frame);
  void compare(const std::vector<std::string>& tasks);
  void on_ended(const HostEnd& end);
  HostEvents host_events();

  Loop& loop_;
  const HostSettings& settings_;
  Kind kind_;
  std::string label_;
  Events events_;
  bool stopping_ = false;
  bool recycling_ = false;
  Micros delay_{0};
  std::set<std::string> lacking_;
  std::unique_ptr<HostProcess> host_;
  Timer restart_;
  Timer force_;
};

}  // namespace flowrra
