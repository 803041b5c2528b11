// expect: capture by reference
#include <flowrra/plugin.hpp>

flowrra::Co<std::size_t> task(flowrra::IoContext& ctx, std::string text) {
  co_return co_await ctx.blocking([text] { return text.size(); });
}

FLOWRRA_PLUGIN("p", "1") { plugin.io("t", task); }
