// expect: takes an ordinary function, not a coroutine
#include <flowrra/plugin.hpp>

flowrra::Co<int> other(int a) { co_return a; }
flowrra::Co<void> task(flowrra::IoContext& ctx) {
  co_await ctx.blocking([] { return other(1); });
}

FLOWRRA_PLUGIN("p", "1") { plugin.io("t", task); }
