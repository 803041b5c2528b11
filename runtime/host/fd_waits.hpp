#pragma once

#include <uv.h>

#include "host/io_call.hpp"
#include "host/loop_marks.hpp"
#include "host/sleepers.hpp"

namespace flowrra {

class FdWaits;

// A descriptor that a call waits for, once.
struct FdWait {
  uv_poll_t poll{};
  FdWaits* owner = nullptr;
  IoCall* call = nullptr;  // null once the call has ended
  bool to_the_end = false;
  bool watching = false;  // the handle is open
  bool ending = false;    // done() is on its way
  std::int32_t status = 0;
  void (*done)(void* data, std::int32_t status) = nullptr;
  void* data = nullptr;
  FdWait* next = nullptr;
  FdWait* before = nullptr;
};

// Descriptors that calls wait for. [loop thread]
class FdWaits {
 public:
  FdWaits(uv_loop_t* loop, LoopMarks& marks, Sleepers& sleepers) : loop_(loop), marks_(marks), sleepers_(sleepers) {}

  // Calls done(data, OK) once when one of the events has come, done(data, CANCELLED) soon after cancel(), done(data,
  // FAILED) for what cannot be waited for; never before this returns.
  void add(IoCall& call, int fd, std::uint32_t events, void (*done)(void*, std::int32_t), void* data);
  // The call is cancelled: its waits end, save those to the end.
  void cancel(IoCall& call);
  // The wait that was begun with this `data` ends.
  void cancel(IoCall& call, const void* data);
  // The call has ended, although it waits; its waits end, for nobody.
  void forget(IoCall& call);

 private:
  static void on_event(uv_poll_t* poll, int status, int events);
  static bool watch(FdWait& wait, uv_loop_t* loop, int fd, std::uint32_t events);
  static void unwatch(FdWait& wait);
  void end_later(FdWait& wait, std::int32_t status);
  void end(FdWait& wait, std::int32_t status);

  uv_loop_t* loop_;
  LoopMarks& marks_;
  Sleepers& sleepers_;
};

}  // namespace flowrra
