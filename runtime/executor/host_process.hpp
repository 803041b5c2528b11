#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/child.hpp"
#include "executor/executor.hpp"
#include "executor/loop.hpp"
#include "executor/orphans.hpp"
#include "executor/output_pipe.hpp"
#include "host/crash_area.hpp"
#include "host/frame.hpp"
#include "host/page.hpp"

namespace flowrra {

// How a host ended.
struct HostEnd {
  ChildEnd end;
  std::uint64_t fault = 0;  // the call whose thread died or called exit; 0: nobody known
  bool was_ready = false;
  const char* broken = nullptr;      // what it did to its connection, for which the node killed it
  const CrashArea* crash = nullptr;  // what it left behind; only during the call
};

struct HostEvents {
  std::function<void(const ReadyFrame&)> ready;
  std::function<void(FinishedFrame)> finished;
  std::function<void(ProgressFrame)> progressed;
  std::function<void(const LogFrame&)> logged;
  // On its stdout or stderr. What a call of a cpu host has printed comes before that call's finished.
  std::function<void(const OutputLine&)> printed;
  std::function<void(const HostEnd&)> ended;  // the last call; the host may be destroyed in it
};

// One host process: its socket, its shared page, its output. What it wrote before it died is delivered before its end.
// All on the loop thread.
class HostProcess {
 public:
  static Result<std::unique_ptr<HostProcess>> start(Loop& loop, const HostSettings& settings, Kind kind,
                                                    HostEvents events);
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  ~HostProcess();  // kills what still runs and reaps it

  // Queues a frame; frames of one turn of the loop leave in one write.
  void send(const StartView& frame);
  void send(const CancelFrame& frame);
  void send(const StopFrame& frame);

  // Signals the process group: SIGTERM, SIGKILL.
  void terminate();
  void kill();

  [[nodiscard]] bool ready() const { return ready_; }
  [[nodiscard]] pid_t pid() const { return child_.pid; }
  [[nodiscard]] SharedPage& page() const { return page_.page(); }

 private:
  HostProcess(Loop& loop, Kind kind, PageMap page, CrashArea crash, HostEvents events);
  void watch(Loop& loop);
  void flush();
  enum class Reading { more, drained, closed };
  void on_readable();
  Reading read_once();
  bool deliver();  // false when the stream is lost
  void lose();
  bool deliver_finished(std::string_view body);
  void on_ended();

  PageMap page_;
  std::unique_ptr<Orphans::Host> mark_;  // null where nobody sees to orphans
  CrashArea crash_;
  HostEvents events_;
  Child child_;
  UniqueFd socket_;
  FrameReader reader_;
  std::optional<StreamReader> stream_;  // of a cpu host: what the socket gives is its bell
  std::string unsent_;
  bool ready_ = false;
  bool stop_sent_ = false;
  const char* broken_ = nullptr;
  bool reaped_ = false;
  Deferred flush_;
  std::unique_ptr<OutputPipe> output_;
  std::unique_ptr<Poll> socket_poll_;
  std::unique_ptr<Poll> end_poll_;
};

}  // namespace flowrra
