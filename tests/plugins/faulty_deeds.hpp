#pragma once

// What the deeds of the faulty plugin are made of, and those that no plugin should do.

#include <flowrra/plugin.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace flowrra::test::faulty {

inline const flowrra_host* host = nullptr;
inline const flowrra_async* async = nullptr;

inline flowrra_bytes bytes(const std::string& text) { return {text.data(), text.size()}; }

inline long number(flowrra_bytes args, long otherwise) {
  const std::string text(args.data, args.size);
  const auto digit = text.find_first_of("0123456789");
  return digit == std::string::npos ? otherwise : std::strtol(text.c_str() + digit, nullptr, 10);
}

inline void fail(flowrra_call* call, std::uint32_t kind, const std::string& message, std::int64_t retry_after_ms = -1) {
  const flowrra_failure failure{sizeof(flowrra_failure), kind, bytes(message), retry_after_ms};
  host->fail(call, &failure);
}

inline void succeed(flowrra_call* call, const std::string& json) { host->succeed(call, bytes(json)); }

inline void nap(long ms) {
  timespec left{ms / 1000, ms % 1000 * 1'000'000};
  while (nanosleep(&left, &left) != 0) {
  }
}

inline void print_text(flowrra_bytes args) {
  const std::string text(args.data, args.size);  // ["…"] with \n as line feeds
  const std::size_t end = text.rfind('"');
  for (std::size_t i = text.find('"') + 1; i < end; ++i) {
    const bool line_feed = text[i] == '\\' && text[i + 1] == 'n';
    std::putchar(line_feed ? '\n' : text[i]);
    if (line_feed) ++i;
  }
}
inline void segv(flowrra_call*, flowrra_bytes) {
  volatile int* volatile nowhere = reinterpret_cast<int*>(16);  // sanitizers look out for null
  *nowhere = 1;
}

inline void do_abort(flowrra_call*, flowrra_bytes) { std::abort(); }
inline void abort_at_0(flowrra_call* call, flowrra_bytes args) {
  if (number(args, 1) == 0) std::abort();
  succeed(call, std::to_string(number(args, 1)));
}
inline void do_exit(flowrra_call*, flowrra_bytes) { std::exit(0); }
inline void quit(flowrra_call*, flowrra_bytes) { _exit(0); }
inline void half_frame(flowrra_call*, flowrra_bytes) {
  for (int fd = 3; fd < 16; ++fd) {
    int type = 0;
    socklen_t size = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0) (void)!write(fd, "\x40\0\0\0\2", 5);
  }
  _exit(0);
}
inline void do_throw(flowrra_call*, flowrra_bytes) { throw std::runtime_error("thrown through the boundary"); }

// Uses up the stack; `depth` is never reached, but the compiler does not know.
inline __attribute__((noinline)) int deeper(volatile char* before, volatile long* depth) {
  volatile char here[4096];
  here[0] = static_cast<char>(before[0] + 1);
  *depth = *depth - 1;
  return *depth == 0 ? here[0] : deeper(here, depth) + here[0];
}
inline void overflow(flowrra_call* call, flowrra_bytes) {
  volatile char start[1] = {0};
  volatile long depth = 1L << 40;
  succeed(call, std::to_string(deeper(start, &depth)));
}

inline void hang(flowrra_call*, flowrra_bytes) {
  signal(SIGTERM, SIG_IGN);
  for (;;) pause();
}

inline void print_abort(flowrra_call*, flowrra_bytes args) {
  print_text(args);
  std::fflush(stdout);
  std::abort();
}

inline void junk(flowrra_call* call, flowrra_bytes) { succeed(call, "{\"not\": json"); }
inline void huge(flowrra_call* call, flowrra_bytes args) {
  succeed(call, "\"" + std::string(static_cast<std::size_t>(number(args, 2'000'000)), 'x') + "\"");
}
inline void silent(flowrra_call* call, flowrra_bytes) {
  if (host->attempt(call) < 0) succeed(call, "null");
}
inline void twice(flowrra_call* call, flowrra_bytes) {
  succeed(call, "1");
  succeed(call, "2");
}

}  // namespace flowrra::test::faulty
