#pragma once

#include <uv.h>

#include <map>

#include "host/io_call.hpp"
#include "host/loop_marks.hpp"

namespace flowrra {

// The sleeps of all calls behind one timer of the loop. [loop thread]
class Sleepers {
 public:
  Sleepers(uv_loop_t* loop, LoopMarks& marks);
  Sleepers(const Sleepers&) = delete;
  Sleepers& operator=(const Sleepers&) = delete;

  // Calls done(data, OK) after `ms`, or done(data, CANCELLED) soon after wake(); never before this returns.
  void add(IoCall& call, std::int64_t ms, void (*done)(void*, std::int32_t), void* data);
  // The call is cancelled: its sleeps end at once.
  void wake(IoCall& call);
  // The sleep that was begun with this `data` ends at once.
  void wake(IoCall& call, const void* data);
  // The call has ended; what still sleeps for it wakes in its time, for nobody.
  void forget(IoCall& call);
  // Closes the timer.
  void close();

 private:
  void insert(Sleep sleep, BootTime due);
  void run();
  void arm();

  std::multimap<BootTime, Sleep> sleeps_;
  uv_timer_t timer_{};
  LoopMarks& marks_;
  BootTime armed_for_ = BootTime::max();
  BootTime running_until_ = BootTime::min();  // while run() goes on: what is added wakes in a later round
};

}  // namespace flowrra
