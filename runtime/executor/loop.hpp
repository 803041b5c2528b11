#pragma once

#include <functional>
#include <memory>

#include "base/clock.hpp"
#include "base/fd.hpp"

struct uv_loop_s;
struct uv_timer_s;
struct uv_poll_s;
struct uv_idle_s;
struct uv_signal_s;

// The node's event loop: thin owners of libuv handles. Everything here belongs to the loop's thread, except
// Wakeup::signal(). A handle may be destroyed inside its own callback.
namespace flowrra {

class Loop {
 public:
  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  // Runs until stop() was called. [loop thread]
  void run();
  void stop();
  [[nodiscard]] uv_loop_s* get() const { return loop_.get(); }

 private:
  std::unique_ptr<uv_loop_s> loop_;
  bool stopped_ = false;
};

// Calls back once, after a delay (rounded up to milliseconds), unless it is stopped or started anew before.
class Timer {
 public:
  Timer(Loop& loop, std::function<void()> callback);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();
  void start(Micros delay);
  void stop();
  [[nodiscard]] bool active() const;

 private:
  uv_timer_s* handle_;
  std::function<void()> callback_;
};

// Calls back while a descriptor is readable, or also writable when asked. Borrows the descriptor, which must stay open
// for the life of the object.
class Poll {
 public:
  Poll(Loop& loop, int fd, std::function<void(bool readable, bool writable)> callback);
  Poll(const Poll&) = delete;
  Poll& operator=(const Poll&) = delete;
  ~Poll();
  void watch_writable(bool on);

 private:
  void listen();
  uv_poll_s* handle_;
  bool writable_ = false;
  std::function<void(bool, bool)> callback_;
};

// Lets other threads wake the loop; several signals may become one call. Not libuv's, whose loop spins until the thread
// that signals goes on, which may wait for the processor that the loop is on.
class Wakeup {
 public:
  Wakeup(Loop& loop, std::function<void()> callback);
  void signal();  // [any thread]

 private:
  void woken();
  UniqueFd signals_;
  std::function<void()> callback_;
  Poll poll_;  // the last: it watches the descriptor
};

// Calls back once, after the events at hand were handled: what they asked for together is then done in one batch.
class Deferred {
 public:
  Deferred(Loop& loop, std::function<void()> callback);
  Deferred(const Deferred&) = delete;
  Deferred& operator=(const Deferred&) = delete;
  ~Deferred();
  void request();

 private:
  uv_idle_s* handle_;
  bool requested_ = false;
  std::function<void()> callback_;
};

// Calls back for each arrival of a signal.
class SignalWatch {
 public:
  SignalWatch(Loop& loop, int signal_number, std::function<void()> callback);
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch();

 private:
  uv_signal_s* handle_;
  std::function<void()> callback_;
};

}  // namespace flowrra
