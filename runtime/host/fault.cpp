#include "host/fault.hpp"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

namespace flowrra {
namespace {

constexpr std::size_t kHandlerStack = 64 * 1024;

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

// The default action is back in place (SA_RESETHAND) and the signal not blocked (SA_NODEFER): raise() ends the process
// by the same signal, from this thread.
void on_fault(int number, siginfo_t* info, void*) {
  const bool sent_from_outside = info->si_code <= 0 && info->si_pid != getpid();
  if (!sent_from_outside) charge();
  raise(number);
}

// Destructors of plugins and libraries must not run under the feet of other tasks, nor wait for them.
void on_exit_of_process(int status, void*) {
  if (leaving || getpid() != host) return;
  charge();
  if (shared_page->fault != 0) _exit(status);
}

}  // namespace

void install_fault_marks(SharedPage& page, bool cpu_host) {
  shared_page = &page;
  one_call_only = cpu_host;
  host = getpid();
  struct sigaction action = {};
  action.sa_sigaction = on_fault;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
    sigaction(number, &action, nullptr);
  }
  on_exit(on_exit_of_process, nullptr);
}

void attach_thread(std::size_t slot) {
  slot_of_thread = &shared_page->threads[slot].call;
  void* memory = mmap(nullptr, kHandlerStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return;  // only a stack overflow would go unmarked
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = kHandlerStack;
  sigaltstack(&stack, nullptr);
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
