#pragma once

#include <uv.h>

#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "host/io_call.hpp"
#include "host/page.hpp"
#include "plugin/library.hpp"

namespace flowrra {

// The blocking tasks that wait for a thread of libuv's pool, in one queue, from which the threads help themselves: one
// that has run a task takes the next without being woken for it. After kTurn a thread looks first whether others wait
// for the pool. [loop thread, unless said otherwise]
class BlockingTasks {
 public:
  // `over` is called once for each task that was run, and ended, by the thread that ran it; nothing touches the call
  // afterwards. Borrows loop and page.
  BlockingTasks(uv_loop_t* loop, SharedPage& page, std::function<void(IoCall&)> over);

  void add(IoCall& call, const LoadedTask& task, std::string args);
  // False when a thread has begun it; else it never runs.
  bool take_back(IoCall& call);

 private:
  static constexpr Micros kTurn = std::chrono::milliseconds(1);
  struct Item {
    IoCall* call;
    const LoadedTask* task;
    std::string args;
  };
  void call_threads();
  void run();              // [pool thread]
  bool next(Item& item);   // [pool thread]
  void after(uv_work_t*);  // a thread has come back

  uv_loop_t* loop_;
  SharedPage& page_;
  std::function<void(IoCall&)> over_;
  const std::size_t most_threads_;
  std::size_t threads_ = 0;  // that were called and have not come back
  std::mutex lock_;
  std::deque<Item> waiting_;  // guarded by lock_
};

}  // namespace flowrra
