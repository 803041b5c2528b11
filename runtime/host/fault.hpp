#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "host/page.hpp"

// Which call is on the processor, told to the node through the shared page, so that the one that kills the host is
// charged and no other.
namespace flowrra {

// From now on a fatal signal, an abort or an exit() while a call is marked on the same thread leaves that call's number
// in page.fault; the process then ends as it would have. In a cpu host a thread of the plugin's own counts as the main
// thread: only one call is there. What happened is recorded in the crash area behind `crash_fd`, if it is not negative.
// `page` must outlive the process. [main thread, once]
void install_fault_marks(SharedPage& page, bool cpu_host, int crash_fd);

// Gives this thread its slot in the page, and a stack of its own for the handlers: a stack overflow is told too.
// [each thread that runs tasks, once]
void attach_thread(std::size_t slot);

// Marks the call on this thread and returns the mark before; 0: none. Costs one store. [attached threads]
std::uint64_t mark(std::uint64_t call);
// Tells the node since when the call that is marked, or about to be, has been on the main thread. [main thread]
void mark_since(BootTime since);

// An exit from now on is the host's own. [main thread]
void expect_exit();

// A call is marked as long as this lives. [attached threads]
class CallMark {
 public:
  explicit CallMark(std::uint64_t call) : before_(mark(call)) {}
  CallMark(const CallMark&) = delete;
  CallMark& operator=(const CallMark&) = delete;
  ~CallMark() { mark(before_); }

 private:
  std::uint64_t before_;
};

}  // namespace flowrra
