#include "tasks.hpp"

#include <cstdlib>

#include "support/at_gate.hpp"

namespace flowrra::test {
namespace {

using namespace std::chrono_literals;

int add(int a, int b) { return a + b; }

Basket doubled(Basket basket) {
  for (int& price : basket.prices) price *= 2;
  return basket;
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
