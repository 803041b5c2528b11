#pragma once

#include <uv.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "host/blocking_pool.hpp"
#include "host/blocking_tasks.hpp"
#include "host/fd_waits.hpp"
#include "host/frame.hpp"
#include "host/io_call.hpp"
#include "host/loop_marks.hpp"
#include "host/page.hpp"
#include "host/sleepers.hpp"
#include "host/table.hpp"
#include "host/unsent.hpp"
#include "plugin/registry.hpp"

namespace flowrra {

// Runs any number of io tasks at once on one libuv loop, and ordinary functions on libuv's thread pool. What the tasks
// say is gathered and written once a turn of the loop. [main thread, which is the loop thread, unless said otherwise]
class IoHost final : public CallOwner {
 public:
  // Borrows page and registry; owns the socket.
  IoHost(UniqueFd socket, SharedPage& page, const Registry& registry);
  IoHost(const IoHost&) = delete;
  IoHost& operator=(const IoHost&) = delete;

  // Serves until the node says stop (0) or goes away (1).
  int serve(const ReadyFrame& ready);
  // Closes the loop, giving the plugins' handles a moment to close.
  void close();

  void ended(flowrra_call& call) override;
  void tell(std::string frame) override;
  void progress_held(flowrra_call& call) override;
  [[nodiscard]] bool stop_asked(const flowrra_call&) const override { return false; }  // cancel frames set the flag
  [[nodiscard]] const void* extension(std::string_view id) const override;

 private:
  void open_handles();
  void on_socket(int events);
  bool read_frames();
  bool handle(const Frame& frame);
  void start(const StartView& start);
  void cancel(const CancelFrame& cancel);
  void ended_elsewhere(const flowrra_call& call);
  void finish(IoCall& call);
  void on_wake();
  void send_held_progress();
  void end_turn();
  void leave(int status);
  void watch_socket();

  UniqueFd socket_;
  const Registry& registry_;
  std::unique_ptr<uv_loop_t> loop_;
  uv_poll_t poll_{};
  uv_prepare_t prepare_{};
  uv_async_t wake_{};
  uv_timer_t progress_timer_{};
  LoopMarks marks_;
  Sleepers sleepers_;
  BlockingPool pool_;
  BlockingTasks blocking_;
  FdWaits fds_;
  FrameReader reader_;
  std::unordered_map<std::uint64_t, std::unique_ptr<IoCall>> calls_;
  std::vector<std::unique_ptr<IoCall>>
      ended_calls_;  // freed at the end of the turn: a second end is noticed until then
  Unsent unsent_;
  const std::thread::id loop_thread_ = std::this_thread::get_id();
  bool stopping_ = false;
  bool watching_writable_ = false;
  int status_ = 0;

  std::mutex news_lock_;             // of what other threads leave for the loop thread
  std::vector<std::uint64_t> held_;  // calls with a progress that is held back
  std::vector<std::uint64_t> ended_elsewhere_;
};

}  // namespace flowrra
