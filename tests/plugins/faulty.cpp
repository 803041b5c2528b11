// A plugin for tests: each deed below is a task of every kind, named faulty.cpu_DEED, faulty.io_DEED (on the loop) and
// faulty.blocking_DEED (on a pool thread). Arguments: the first number in them, where a deed takes one.
//
//   echo       returns its arguments             segv, abort, exit, quit, throw, overflow   kill the host
//   fail       fails, may be retried             permanent   fails for good
//   retry_after N  fails, asks for N ms          flaky N     fails while the attempt is below N, then returns it
//   say_and_wait N   logs a line, then as sleep          say_and_hang   logs a line, then as hang
//   sleep N    N ms; on the loop by the timer    block N     N ms without looking at its call
//   spin       until it is cancelled             hang        for ever, ignoring SIGTERM
//   progress N reports N steps, then returns     log         one line      stdout   one line on each of both outputs
//   junk       returns no JSON                   huge N      returns a text of N bytes
//   silent     returns without ending its call   twice       ends its call twice
//   print TEXT   the text as it stands, on standard output; print_abort TEXT   and then abort
//   leak N     touches N MiB and keeps them
//   flood N    N MiB of long lines on standard output
//   half_frame writes the beginning of a frame to the node and quits
//   abort_at_0 N   returns N; 0 is abort
//   alloc N    touches N MiB                     info        id, attempt and time left
//   fork       starts a process that calls exit(0) and waits for it
//   inherit    how many descriptors above 2 a program started by it would get
#include <fcntl.h>
#include <flowrra/plugin.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "faulty_deeds.hpp"

namespace {

using namespace flowrra::test::faulty;

void echo(flowrra_call* call, flowrra_bytes args) { host->succeed(call, args); }

void do_fail(flowrra_call* call, flowrra_bytes) { fail(call, FLOWRRA_FAIL_RETRY, "it did not work"); }
void permanent(flowrra_call* call, flowrra_bytes) { fail(call, FLOWRRA_FAIL_PERMANENT, "it will never work"); }
void retry_after(flowrra_call* call, flowrra_bytes args) {
  fail(call, FLOWRRA_FAIL_RETRY, "not now", number(args, 100));
}

void flaky(flowrra_call* call, flowrra_bytes args) {
  const std::int32_t attempt = host->attempt(call);
  if (attempt < number(args, 2)) return fail(call, FLOWRRA_FAIL_RETRY, "attempt " + std::to_string(attempt));
  succeed(call, std::to_string(attempt));
}

void sleep_here(flowrra_call* call, flowrra_bytes args) {
  for (long left = number(args, 100); left > 0; left -= 5) {
    if (host->is_cancelled(call) != 0) return fail(call, FLOWRRA_FAIL_CANCELLED, "woken");
    nap(left < 5 ? left : 5);
  }
  succeed(call, "\"slept\"");
}

void sleep_done(void* data, std::int32_t status) {
  auto* call = static_cast<flowrra_call*>(data);
  if (status == FLOWRRA_STATUS_CANCELLED) return fail(call, FLOWRRA_FAIL_CANCELLED, "woken");
  succeed(call, "\"slept\"");
}
void sleep_on_loop(flowrra_call* call, flowrra_bytes args) { async->sleep(call, number(args, 100), sleep_done, call); }

void say_and_wait(flowrra_call* call, flowrra_bytes args) {
  host->log(call, FLOWRRA_LOG_INFO, bytes("begun"));
  sleep_here(call, args);
}
void say_and_wait_on_loop(flowrra_call* call, flowrra_bytes args) {
  host->log(call, FLOWRRA_LOG_INFO, bytes("begun"));
  sleep_on_loop(call, args);
}

void block(flowrra_call* call, flowrra_bytes args) {
  nap(number(args, 100));
  succeed(call, "\"blocked\"");
}

void spin(flowrra_call* call, flowrra_bytes) {
  while (host->is_cancelled(call) == 0) {
  }
  fail(call, FLOWRRA_FAIL_CANCELLED, "told to stop");
}

void spin_done(void* data) { fail(static_cast<flowrra_call*>(data), FLOWRRA_FAIL_CANCELLED, "told to stop"); }
void spin_on_loop(flowrra_call* call, flowrra_bytes) { async->on_cancel(call, spin_done, call); }

void say_and_hang(flowrra_call* call, flowrra_bytes args) {
  host->log(call, FLOWRRA_LOG_INFO, bytes("begun"));
  hang(call, args);
}

void print(flowrra_call* call, flowrra_bytes args) {
  print_text(args);
  succeed(call, "null");
}
void flood(flowrra_call* call, flowrra_bytes args) {
  std::string lines;
  for (long i = 0; lines.size() < 1U << 20U; ++i)
    lines += "line " + std::to_string(i) + " of a flood " + std::string(180, '.') + "\n";
  for (long left = number(args, 1); left > 0; --left) std::fwrite(lines.data(), 1, lines.size(), stdout);
  succeed(call, "null");
}

void progress(flowrra_call* call, flowrra_bytes args) {
  const long steps = number(args, 3);
  for (long i = 1; i <= steps; ++i) {
    host->progress(call, static_cast<double>(i), static_cast<double>(steps), bytes("step " + std::to_string(i)));
  }
  succeed(call, std::to_string(steps));
}

void log_line(flowrra_call* call, flowrra_bytes) {
  host->log(call, FLOWRRA_LOG_INFO, bytes("a line of the task"));
  succeed(call, "null");
}

void to_stdout(flowrra_call* call, flowrra_bytes) {
  std::printf("a line on standard output\n");
  std::fprintf(stderr, "a line on standard error\n");
  succeed(call, "null");
}

void alloc(flowrra_call* call, flowrra_bytes args) {
  const auto size = static_cast<std::size_t>(number(args, 64)) << 20U;
  auto* memory = static_cast<char*>(std::malloc(size));
  if (memory == nullptr) return fail(call, FLOWRRA_FAIL_RETRY, "out of memory");
  std::memset(memory, 1, size);
  const int sum = static_cast<unsigned char>(memory[size / 2]);
  std::free(memory);
  succeed(call, std::to_string(sum));
}

void leak(flowrra_call* call, flowrra_bytes args) {
  static std::vector<std::string>* const kept = new std::vector<std::string>;
  kept->emplace_back(static_cast<std::size_t>(number(args, 64)) << 20U, 'x');
  succeed(call, std::to_string(kept->size()));
}

void info(flowrra_call* call, flowrra_bytes) {
  const flowrra_bytes id = host->task_id(call);
  succeed(call, "{\"id\":\"" + std::string(id.data, id.size) + "\",\"attempt\":" + std::to_string(host->attempt(call)) +
                    ",\"left\":" + std::to_string(host->time_left_ms(call)) + "}");
}

void do_fork(flowrra_call* call, flowrra_bytes) {
  const pid_t child = fork();
  if (child == 0) std::exit(0);
  int status = -1;
  waitpid(child, &status, 0);
  succeed(call, std::to_string(status));
}

void inherit(flowrra_call* call, flowrra_bytes) {
  int open = 0;
  for (int fd = 3; fd < 256; ++fd) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++open;
  }
  succeed(call, std::to_string(open));
}

struct Deed {
  const char* name;
  void (*run)(flowrra_call* call, flowrra_bytes args);
  void (*on_loop)(flowrra_call* call, flowrra_bytes args);  // where the loop needs another form
};

constexpr Deed kDeeds[] = {
    {"echo", echo, nullptr},
    {"segv", segv, nullptr},
    {"abort", do_abort, nullptr},
    {"abort_at_0", abort_at_0, nullptr},
    {"exit", do_exit, nullptr},
    {"quit", quit, nullptr},
    {"throw", do_throw, nullptr},
    {"overflow", overflow, nullptr},
    {"fail", do_fail, nullptr},
    {"permanent", permanent, nullptr},
    {"retry_after", retry_after, nullptr},
    {"flaky", flaky, nullptr},
    {"sleep", sleep_here, sleep_on_loop},
    {"block", block, nullptr},
    {"spin", spin, spin_on_loop},
    {"hang", hang, nullptr},
    {"progress", progress, nullptr},
    {"log", log_line, nullptr},
    {"stdout", to_stdout, nullptr},
    {"junk", junk, nullptr},
    {"huge", huge, nullptr},
    {"silent", silent, nullptr},
    {"twice", twice, nullptr},
    {"alloc", alloc, nullptr},
    {"leak", leak, nullptr},
    {"info", info, nullptr},
    {"say_and_wait", say_and_wait, say_and_wait_on_loop},
    {"say_and_hang", say_and_hang, nullptr},
    {"print", print, nullptr},
    {"print_abort", print_abort, nullptr},
    {"flood", flood, nullptr},
    {"half_frame", half_frame, nullptr},
    {"fork", do_fork, nullptr},
    {"inherit", inherit, nullptr},
};

constexpr std::uint32_t kCount = sizeof kDeeds / sizeof kDeeds[0];
std::string names[3 * kCount];
flowrra_task tasks[3 * kCount];

void run_deed(void* data, flowrra_call* call, flowrra_bytes args) { static_cast<const Deed*>(data)->run(call, args); }
void run_on_loop(void* data, flowrra_call* call, flowrra_bytes args) {
  const Deed& deed = *static_cast<const Deed*>(data);
  (deed.on_loop != nullptr ? deed.on_loop : deed.run)(call, args);
}

std::int32_t init(const flowrra_host* given, char*, std::size_t) {
  host = given;
  async = static_cast<const flowrra_async*>(host->extension(FLOWRRA_EXT_ASYNC));
  const char* const prefixes[] = {"faulty.cpu_", "faulty.io_", "faulty.blocking_"};
  const std::uint32_t kinds[] = {FLOWRRA_KIND_CPU, FLOWRRA_KIND_IO, FLOWRRA_KIND_IO_BLOCKING};
  for (std::uint32_t i = 0; i < 3 * kCount; ++i) {
    names[i] = std::string(prefixes[i / kCount]) + kDeeds[i % kCount].name;
    tasks[i] = {};
    tasks[i].struct_size = sizeof(flowrra_task);
    tasks[i].kind = kinds[i / kCount];
    tasks[i].name = names[i].c_str();
    tasks[i].run = kinds[i / kCount] == FLOWRRA_KIND_IO ? run_on_loop : run_deed;
    tasks[i].data = const_cast<Deed*>(&kDeeds[i % kCount]);
  }
  return 0;
}

std::uint32_t task_count() { return 3 * kCount; }
const flowrra_task* task(std::uint32_t index) { return &tasks[index]; }

const flowrra_plugin kPlugin = {
    FLOWRRA_ABI_VERSION, sizeof(flowrra_plugin), "faulty", "1.0.0", init, task_count, task, nullptr};

}  // namespace

extern "C" const flowrra_plugin* flowrra_plugin_entry() { return &kPlugin; }
