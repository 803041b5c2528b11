// The tasks of benchmarks, by the SDK as people write them:
//   bench.cpu, bench.io, bench.blocking   return the text they are given: a function, a coroutine on the loop, a
//                                         function on a pool thread
//   bench.busy N    keeps a processor for N microseconds          bench.sleep N   sleeps N ms on the loop
#include <chrono>
#include <flowrra/plugin.hpp>
#include <string>

namespace {

std::string cpu(flowrra::CpuContext&, const std::string& text) { return text; }
std::string blocking(flowrra::BlockingContext&, const std::string& text) { return text; }
flowrra::Co<std::string> io(flowrra::IoContext&, std::string text) { co_return text; }

long busy(flowrra::CpuContext&, long micros) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(micros);
  while (std::chrono::steady_clock::now() < end) {
  }
  return micros;
}

flowrra::Co<long> nap(flowrra::IoContext& ctx, long millis) {
  co_await ctx.sleep(std::chrono::milliseconds(millis));
  co_return millis;
}

}  // namespace

FLOWRRA_PLUGIN("bench", "1.0.0") {
  plugin.cpu("bench.cpu", cpu, {.args = {"text"}});
  plugin.io("bench.io", io, {.args = {"text"}});
  plugin.io("bench.blocking", blocking, {.args = {"text"}});
  plugin.cpu("bench.busy", busy, {.args = {"micros"}});
  plugin.io("bench.sleep", nap, {.args = {"millis"}});
}
