#include "tasks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>

namespace flowrra::test {
namespace {

using namespace std::chrono_literals;

int add(int a, int b) { return a + b; }

Basket doubled(Basket basket) {
  for (int& price : basket.prices) price *= 2;
  return basket;
}

int wait_at_gate(Context& ctx, const std::string& path) {
  const std::string line = std::string(ctx.id()) + " " + std::to_string(ctx.attempt()) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(file);
  const int fifo = ::open((path + ".go").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (!written || fifo < 0) throw Permanent("no gate at " + path);
  char byte = 0;
  while (::read(fifo, &byte, 1) != 1) {
    ctx.throw_if_cancelled();
    pollfd entry{fifo, POLLIN, 0};
    ::poll(&entry, 1, 20);
  }
  ::close(fifo);
  return ctx.attempt();
}

void fail(const std::string& text) { throw Permanent(text); }

void give_up() { std::abort(); }

std::string marker() {
  const char* value = std::getenv("FLOWRRA_RUN_AS_HOST");
  return value == nullptr ? "none" : value;
}

void nothing() {}

Co<std::string> later(IoContext& ctx, std::string text) {
  co_await ctx.sleep(1ms);
  co_return "later: " + text;
}

std::string pool(BlockingContext& ctx, const std::string& text) {
  return text + " at attempt " + std::to_string(ctx.attempt());
}

Co<> forever(IoContext& ctx) { co_await ctx.sleep(24h); }

}  // namespace

TaskRegistry& tasks() {
  static TaskRegistry registry("library_test", "1.0");
  static const bool filled = [] {
    registry.task("t.add", add, Kind::cpu, {.args = {"a", "b"}});
    registry.task("t.double", doubled, Kind::cpu);
    registry.task("t.gate", wait_at_gate, Kind::cpu, 0);
    registry.task("t.fail", fail, Kind::cpu);
    registry.task("t.abort", give_up, Kind::cpu, 0);
    registry.task("t.marker", marker, Kind::cpu);
    registry.task("t.nothing", nothing, Kind::cpu);
    registry.task("t.later", later, Kind::io, 2, 0.5);
    registry.task("t.pool", pool, Kind::io, {.args = {"text"}});
    registry.task("t.forever", forever, Kind::io);
    return true;
  }();
  static_cast<void>(filled);
  return registry;
}

}  // namespace flowrra::test
