#pragma once

#include <uv.h>

#include "host/io_call.hpp"
#include "host/loop_marks.hpp"

namespace flowrra {

class BlockingPool;

// Work of a call that runs, or waits to run, on a pool thread.
struct PoolWork {
  uv_work_t request{};
  BlockingPool* pool = nullptr;
  IoCall* call = nullptr;  // null once the call has ended; loop thread only
  std::uint64_t number = 0;
  void (*work)(void* data) = nullptr;
  void (*done)(void* data, std::int32_t status) = nullptr;
  void* data = nullptr;
  PoolWork* next = nullptr;
  PoolWork* before = nullptr;
};

// Gives this thread of libuv's pool its slot in the page, once. [pool thread]
void attach_pool_thread();

// libuv's thread pool, for calls: each thread has its slot in the page. [loop thread]
class BlockingPool {
 public:
  BlockingPool(uv_loop_t* loop, LoopMarks& marks) : loop_(loop), marks_(marks) {}

  // Runs work(data) on a pool thread, then done(data, OK) on the loop; done(data, CANCELLED) alone if the call is
  // cancelled before its turn. Never before this returns.
  void add(IoCall& call, void (*work)(void*), void (*done)(void*, std::int32_t), void* data);
  // The call is cancelled: what waits for a thread is not begun.
  void cancel(IoCall& call);
  // The work that was begun with this `data` is not begun if it still waits for a thread.
  static void cancel(IoCall& call, const void* data);
  // The call has ended, although work of its own goes on.
  void forget(IoCall& call);

 private:
  static void run(uv_work_t* request);
  static void after(uv_work_t* request, int status);

  uv_loop_t* loop_;
  LoopMarks& marks_;
};

}  // namespace flowrra
