// A plugin for tests that must know of every run of a task, also of those that a fault made twice. traced.cpu,
// traced.blocking and traced.io take PATH MS: each adds "begin ID ATTEMPT NANOSECONDS NODE" to the file, waits, and
// adds "end …"; the result is the id. The time is that of CLOCK_MONOTONIC, NODE the process that started the host.
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <flowrra/plugin.hpp>
#include <string>
#include <thread>

namespace {

using std::chrono::milliseconds;

void trace(const char* what, const flowrra::Context& ctx, const std::string& path) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long nanoseconds = now.tv_sec * 1'000'000'000LL + now.tv_nsec;
  const std::string line = std::string(what) + " " + std::string(ctx.id()) + " " + std::to_string(ctx.attempt()) + " " +
                           std::to_string(nanoseconds) + " " + std::to_string(getppid()) + "\n";
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = file >= 0 && write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  close(file);
  if (!written) throw flowrra::Permanent("cannot write " + path);
}

std::string wait_here(const flowrra::Context& ctx, const std::string& path, int ms) {
  trace("begin", ctx, path);
  std::this_thread::sleep_for(milliseconds(ms));
  trace("end", ctx, path);
  return std::string(ctx.id());
}

std::string cpu(flowrra::CpuContext& ctx, const std::string& path, int ms) { return wait_here(ctx, path, ms); }
std::string blocking(flowrra::BlockingContext& ctx, const std::string& path, int ms) {
  return wait_here(ctx, path, ms);
}
flowrra::Co<std::string> io(flowrra::IoContext& ctx, std::string path, int ms) {
  trace("begin", ctx, path);
  co_await ctx.sleep(milliseconds(ms));
  trace("end", ctx, path);
  co_return std::string(ctx.id());
}

}  // namespace

FLOWRRA_PLUGIN("traced", "1.0.0") {
  plugin.cpu("traced.cpu", cpu, {.args = {"path", "ms"}});
  plugin.io("traced.blocking", blocking, {.args = {"path", "ms"}});
  plugin.io("traced.io", io, {.args = {"path", "ms"}});
}
