// Tasks that wait in every way that the SDK knows, for tests of a real host.
//   waits.program SCRIPT      runs `sh -c SCRIPT`; its lines are logged; the result is its end
//   waits.limited MS SCRIPT   the same with a timeout
//   waits.groups              all, any, with_timeout and a semaphore over sleeps, threads and a pipe
//   waits.pipe                waits for a pipe that stays empty
//   waits.file PATH           waits for a file, which cannot be waited for
//   waits.twice               waits twice for one descriptor
//   waits.threads N           a blocking task whose N threads use its context at once
#include <fcntl.h>
#include <unistd.h>

#include <flowrra/plugin.hpp>
#include <thread>

namespace {

using flowrra::Co;
using flowrra::IoContext;
using namespace std::chrono_literals;

struct Pipe {
  int ends[2] = {-1, -1};
  Pipe() {
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("pipe2");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
};

Co<std::string> program(IoContext& ctx, std::string script) {
  flowrra::Command command("sh", "-c", script);
  command.lines([&](std::string_view line) { ctx.info(line); });
  const flowrra::Exit exit = co_await flowrra::run(ctx, command);
  co_return exit.text();
}
Co<std::string> limited(IoContext& ctx, int ms, std::string script) {
  co_return co_await flowrra::with_timeout(std::chrono::milliseconds(ms), program(ctx, script));
}

Co<int> read_one(IoContext& ctx, int fd) {
  co_await ctx.readable(fd);
  char byte = 0;
  if (read(fd, &byte, 1) != 1) throw std::runtime_error("read");
  co_return byte;
}
Co<void> write_one(IoContext& ctx, int fd) {
  co_await ctx.writable(fd);
  if (write(fd, "a", 1) != 1) throw std::runtime_error("write");
}
Co<int> doubled(IoContext& ctx, int value) {
  static flowrra::Semaphore three(3);
  const auto permit = co_await three.acquire();
  co_await ctx.sleep(1ms);
  co_return co_await ctx.blocking([&] { return value * 2; });
}
Co<int> pipe_of(IoContext& ctx) {
  const Pipe pipe;
  const auto [byte, none] = co_await flowrra::all(read_one(ctx, pipe.ends[0]), write_one(ctx, pipe.ends[1]));
  co_return byte;
}
Co<int> never(IoContext& ctx) {
  const Pipe pipe;
  co_return co_await read_one(ctx, pipe.ends[0]);
}
Co<int> groups(IoContext& ctx) {
  std::vector<Co<int>> works;
  works.reserve(20);
  for (int i = 0; i < 20; ++i) works.push_back(doubled(ctx, i));
  int sum = 0;
  for (const int value : co_await flowrra::all(std::move(works))) sum += value;
  sum += co_await pipe_of(ctx);
  const auto first = co_await flowrra::any(never(ctx), doubled(ctx, 1), never(ctx));
  sum += std::get<1>(first);
  try {
    co_await flowrra::with_timeout(5ms, flowrra::all(never(ctx), never(ctx)));
  } catch (const flowrra::TimedOut&) {
    sum += 1000;
  }
  co_return sum;
}

Co<void> file(IoContext& ctx, std::string path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const flowrra::detail::Descriptor owner(fd);
  co_await ctx.readable(fd);
}
Co<void> twice(IoContext& ctx) {
  const Pipe pipe;
  co_await flowrra::all(read_one(ctx, pipe.ends[0]), read_one(ctx, pipe.ends[0]));
}

int threads(flowrra::BlockingContext& ctx, int count) {
  std::vector<std::thread> all;
  all.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    all.emplace_back([&ctx, i] {
      for (int n = 0; n < 200 && !ctx.cancelled(); ++n) {
        ctx.progress(n, 200, ctx.id());
        if (n % 20 == 0) ctx.debug(std::to_string(i) + ":" + std::to_string(ctx.attempt()));
      }
    });
  }
  for (std::thread& thread : all) thread.join();
  return count;
}

}  // namespace

FLOWRRA_PLUGIN("waits", "1.0.0") {
  plugin.io("waits.program", program);
  plugin.io("waits.limited", limited);
  plugin.io("waits.groups", groups);
  plugin.io("waits.pipe", never);
  plugin.io("waits.file", file);
  plugin.io("waits.twice", twice);
  plugin.io("waits.threads", threads);
}
