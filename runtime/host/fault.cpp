#include "host/fault.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>

#include "host/crash_record.hpp"
#include "host/thread_stack.hpp"

namespace flowrra {
namespace {

SharedPage* shared_page = nullptr;
bool one_call_only = false;
pid_t host = 0;
std::atomic<bool> leaving = false;
thread_local std::atomic<std::uint64_t>* slot_of_thread = nullptr;

// Async-signal-safe. The first fault counts: what follows may be its consequence. A process that a task forked shares
// the page, but its end is not the host's.
void charge() {
  if (getpid() != host) return;
  const std::atomic<std::uint64_t>* slot = slot_of_thread;
  if (slot == nullptr && one_call_only) slot = &shared_page->threads[0].call;
  const std::uint64_t call = slot != nullptr ? slot->load() : 0;
  std::uint64_t nobody = 0;
  if (call != 0) shared_page->fault.compare_exchange_strong(nobody, call);
}

// The handler stays in place (no SA_RESETHAND): a second thread that faults waits for the first, which ends the process
// once its record is written. A fault of the handler itself, which is not blocked (SA_NODEFER), ends it at once.
void on_fault(int number, siginfo_t* info, void* context) {
  if (getpid() == host) {
    if (claim_crash_record()) {
      const bool sent_from_outside = info->si_code <= 0 && info->si_pid != host;
      if (!sent_from_outside) charge();
      record_signal(number, *info, *static_cast<const ucontext_t*>(context));
    }
    while (crash_recorder() != gettid()) pause();
  }
  signal(number, SIG_DFL);
  syscall(SYS_tgkill, getpid(), gettid(), number);
}

// Destructors of plugins and libraries must not run under the feet of other tasks, nor wait for them.
void on_exit_of_process(int status, void*) {
  if (leaving || getpid() != host) return;
  ucontext_t here = {};
  if (claim_crash_record() && getcontext(&here) == 0) {
    charge();
    record_exit(status, here);
  }
  while (crash_recorder() != gettid()) pause();
  _exit(status);
}

}  // namespace

void install_fault_marks(SharedPage& page, bool cpu_host, int crash_fd) {
  shared_page = &page;
  one_call_only = cpu_host;
  host = getpid();
  prepare_crash_record(crash_fd);
  give_threads_stacks();
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGXCPU, SIGXFSZ}) {
    sigaction(number, &action, nullptr);
  }
  on_exit(on_exit_of_process, nullptr);
}

void attach_thread(std::size_t slot) {
  slot_of_thread = &shared_page->threads[slot].call;
  use_own_handler_stack();
}

void mark_since(BootTime since) {
  if (shared_page != nullptr) {
    shared_page->threads[0].since.store(since.time_since_epoch().count(), std::memory_order_relaxed);
  }
}

std::uint64_t mark(std::uint64_t call) {
  if (slot_of_thread == nullptr) return 0;
  const std::uint64_t before = slot_of_thread->load(std::memory_order_relaxed);
  slot_of_thread->store(call, std::memory_order_release);
  return before;
}

void expect_exit() { leaving = true; }

}  // namespace flowrra
