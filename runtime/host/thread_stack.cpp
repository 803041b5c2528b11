#include "host/thread_stack.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FLOWRRA_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FLOWRRA_SANITIZED 1
#endif
#endif

namespace flowrra {
namespace {

constexpr std::size_t kHandlerStack = 64 * 1024;

void set_handler_stack(void* memory, std::size_t size) {
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = size;
  if (memory == nullptr) stack.ss_flags = SS_DISABLE;
  sigaltstack(&stack, nullptr);
}

}  // namespace

void use_own_handler_stack() {
  void* memory = mmap(nullptr, kHandlerStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory != MAP_FAILED) set_handler_stack(memory, kHandlerStack);  // else only a stack overflow would go unmarked
}

#ifdef FLOWRRA_SANITIZED

void give_threads_stacks() {}

#else

namespace {

constexpr std::size_t kStackInThread = 32 * 1024;  // what the kernel stores of the largest processor, and our handler
constexpr std::size_t kLargeEnough = 256 * 1024;   // threads with less have none to spare

std::atomic<bool> active = false;

using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

Create create_of_library() {
  static const auto create = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  return create;
}

struct Start {
  void* (*run)(void*);
  void* data;
};

// The alternate stack lies in the thread's first frame: the far end from where an overflow happens, gone with the
// thread, and never touched unless it is needed.
class StackInFrame {
 public:
  StackInFrame() { set_handler_stack(memory_.data(), memory_.size()); }
  StackInFrame(const StackInFrame&) = delete;
  StackInFrame& operator=(const StackInFrame&) = delete;
  ~StackInFrame() { set_handler_stack(nullptr, 0); }

 private:
  alignas(64) std::array<char, kStackInThread> memory_;  // NOLINT(cppcoreguidelines-pro-type-member-init)
};

void* run_with_stack(void* given) {
  const Start start = *std::unique_ptr<Start>(static_cast<Start*>(given));
  const StackInFrame stack;
  return start.run(start.data);
}

bool large_enough(const pthread_attr_t* attributes) {
  std::size_t size = 0;
  return attributes == nullptr || (pthread_attr_getstacksize(attributes, &size) == 0 && size >= kLargeEnough);
}

}  // namespace

void give_threads_stacks() { active = true; }

#endif

}  // namespace flowrra

#ifndef FLOWRRA_SANITIZED

// In the place of the C library's, which it calls.
extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* attributes,
                                                                     void* (*run)(void*), void* data) noexcept {
  using namespace flowrra;
  const Create create = create_of_library();
  if (!active || !large_enough(attributes)) return create(thread, attributes, run, data);
  std::unique_ptr<Start> start(new (std::nothrow) Start{run, data});
  if (!start) return create(thread, attributes, run, data);
  const int failed = create(thread, attributes, run_with_stack, start.get());
  if (failed == 0) static_cast<void>(start.release());  // the thread's
  return failed;
}

#endif
