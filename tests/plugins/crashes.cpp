// Two tasks, crashes.cpu and crashes.blocking, that kill their host in the way that their argument names. The functions
// that die are hidden and static, and stay functions of their own.
//   null      writes through a null pointer           divide     divides an integer by zero
//   abort     calls abort()                           overflow   uses up its stack
//   throw     an exception leaves a thread of its own exit        calls exit(3)
//   call      calls through a null pointer            inlined    dies in a function put into another
//   thread    a thread of its own writes through null deep_thread  a thread of its own uses up its stack
//   words     prints three lines, then dies           damaged    destroys its stack pointer
//   leaves    calls _exit(4)                          killed     sends SIGKILL to itself
//   trap      runs into a breakpoint                  hangs_up   closes its host's socket, then sleeps
//   scribbles overwrites what its host says to the node
//   denies    overwrites what tells the node that it runs, and dies
// and three that want more than they may have:
//   burn      uses the processor for ever             write      writes a file of 1 MiB, which has no name
//   open      opens 200 descriptors; how many it got  burn_a_second  uses the processor for a second
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <flowrra/plugin.hpp>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

#include "host/page.hpp"

#define KEPT __attribute__((noinline))

namespace {

volatile int zero = 0;
int* volatile nowhere = nullptr;
void (*volatile no_function)() = nullptr;

KEPT __attribute__((no_sanitize("all"))) int write_through_null() {
  *nowhere = 1;
  return zero;
}

KEPT __attribute__((no_sanitize("all"))) int divide_by_zero() { return 7 / zero; }

KEPT int give_up() {
  std::abort();
  return zero;
}

KEPT __attribute__((no_sanitize("all"))) int deeper(volatile char* before) {
  volatile char here[512];
  here[0] = static_cast<char>(before[0] + 1);
  return zero != 0 ? here[0] : deeper(here) + here[0];
}
KEPT int use_up_the_stack() {
  volatile char start[1] = {0};
  return deeper(start);
}

KEPT __attribute__((no_sanitize("all"))) int call_through_null() {
  no_function();
  return zero;
}

__attribute__((always_inline, no_sanitize("all"))) inline int put_into_another() {
  *nowhere = 2;
  return zero;
}
KEPT __attribute__((no_sanitize("all"))) int hold_another() { return put_into_another() + zero; }

KEPT int leave_with_three() {
  std::exit(3);
  return zero;
}

int die_on_a_thread() {
  std::thread(write_through_null).join();
  return zero;
}

int use_up_the_stack_of_a_thread() {
  std::thread(use_up_the_stack).join();
  return zero;
}

[[noreturn]] void throw_something() { throw std::runtime_error("thrown on a thread"); }
int throw_on_a_thread() {
  std::thread(throw_something).join();
  return zero;
}

int print_and_die() {
  std::printf("one\ntwo\n");
  std::fprintf(stderr, "three\n");
  std::fflush(stdout);
  return write_through_null();
}

#if defined(__x86_64__)
KEPT int damage_the_stack() {
  asm volatile("mov $0x10, %%rsp\n\tpush %%rax" ::: "memory");
  return zero;
}
#else
KEPT int damage_the_stack() { return write_through_null(); }
#endif

// The breakpoint is the last instruction of its function.
#if defined(__x86_64__)
[[noreturn]] KEPT void run_into_a_breakpoint() {
  asm volatile("int3");
  __builtin_unreachable();
}
#else
[[noreturn]] KEPT void run_into_a_breakpoint() {
  asm volatile("brk #0");
  __builtin_unreachable();
}
#endif
int trap() { run_into_a_breakpoint(); }

flowrra::SharedPage& page_of_host() {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find("flowrra-page") == std::string::npos) continue;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): it is an address, in digits
    return *reinterpret_cast<flowrra::SharedPage*>(std::strtoull(line.c_str(), nullptr, 16));
  }
  std::abort();
}
// Over all that the host says to its node, whatever it has said until now.
int scribble() {
  flowrra::SharedPage& page = page_of_host();
  std::memset(static_cast<void*>(&page.stream), 0xFF, sizeof page.stream);
  return zero;
}
// Over what tells who runs, and dies.
int deny() {
  flowrra::SharedPage& page = page_of_host();
  for (auto& offer : page.offers) offer = 0;
  page.fault = 0;
  return kill(getpid(), SIGKILL);
}
int hang_up() {
  for (int fd = 3; fd < 16; ++fd) {
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0) close(fd);
  }
  sleep(60);
  return zero;
}

int leave() { _exit(4); }
int kill_self() { return kill(getpid(), SIGKILL); }

KEPT int burn() {
  unsigned i = 0;
  while (zero == 0) ++i;
  return static_cast<int>(i);
}

int burn_a_second() {
  const std::clock_t end = std::clock() + CLOCKS_PER_SEC;
  while (std::clock() < end) {
  }
  return 1;
}

KEPT int write_a_file() {
  std::FILE* const file = std::tmpfile();
  const std::string bytes(1 << 20, 'x');
  const bool whole = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size() && std::fflush(file) == 0;
  std::fclose(file);
  return whole ? 1 : 0;
}

KEPT int open_many() {
  int opened = 0;
  std::array<int, 200> copies{};
  for (int& copy : copies) {
    copy = dup(STDOUT_FILENO);
    if (copy >= 0) ++opened;
  }
  for (const int copy : copies) close(copy);
  return opened;
}

struct Deed {
  const char* name;
  int (*run)();
};
constexpr Deed kDeeds[] = {
    {"null", write_through_null},
    {"divide", divide_by_zero},
    {"abort", give_up},
    {"overflow", use_up_the_stack},
    {"call", call_through_null},
    {"inlined", hold_another},
    {"exit", leave_with_three},
    {"thread", die_on_a_thread},
    {"words", print_and_die},
    {"deep_thread", use_up_the_stack_of_a_thread},
    {"throw", throw_on_a_thread},
    {"damaged", damage_the_stack},
    {"trap", trap},
    {"hangs_up", hang_up},
    {"scribbles", scribble},
    {"denies", deny},
    {"leaves", leave},
    {"killed", kill_self},
    {"burn", burn},
    {"burn_a_second", burn_a_second},
    {"write", write_a_file},
    {"open", open_many},
};

int run(const std::string& name) {
  for (const Deed& deed : kDeeds) {
    if (name == deed.name) return deed.run() + zero;
  }
  throw flowrra::Permanent("no such deed");
}

int on_main(flowrra::CpuContext&, const std::string& name) { return run(name); }
int on_pool(flowrra::BlockingContext&, const std::string& name) { return run(name); }

}  // namespace

FLOWRRA_PLUGIN("crashes", "3.1.4") {
  plugin.cpu("crashes.cpu", on_main, {.args = {"deed"}, .max_retries = 0});
  plugin.io("crashes.blocking", on_pool, {.args = {"deed"}, .max_retries = 0});
}
