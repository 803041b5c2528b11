#include <flowrra/plugin.hpp>

namespace {

int add(int a, int b) { return a + b; }

flowrra::Co<std::string> shout(flowrra::IoContext& ctx, std::string text) {
  co_await ctx.sleep(std::chrono::milliseconds(1));
  co_return text + "!";
}

}  // namespace

FLOWRRA_PLUGIN("consumer", "1.0.0") {
  plugin.cpu("consumer.add", add, {.args = {"a", "b"}});
  plugin.io("consumer.shout", shout, {.args = {"text"}});
}
