// A plugin that uses all of the SDK. It has to compile silently.

#include <array>
#include <deque>
#include <flowrra/plugin.hpp>
#include <list>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace author {

enum class Fit { inside, cover };
FLOWRRA_ENUM(Fit, inside, cover);

struct Size {
  int width = 0;
  int height = 0;
};
FLOWRRA_FIELDS(Size, width, height);
FLOWRRA_OPTIONAL(Size, height);

struct Tree {
  std::string name;
  std::vector<Tree> children;
};
FLOWRRA_FIELDS(Tree, name, children);

struct Empty {};
FLOWRRA_FIELDS(Empty);

struct Own {
  int value = 0;
};
void to_json(nlohmann::json& json, const Own& own) { json = own.value; }
void from_json(const nlohmann::json& json, Own& own) { own.value = json.get<int>(); }

struct Args {
  std::string path;
  int width = 256;
  std::optional<int> quality;
  Fit fit = Fit::cover;
  Size size;
  Tree tree;
  Own own;
  nlohmann::json anything;
  std::vector<std::uint8_t> bytes;
  std::vector<bool> bits;
  std::map<std::string, Size> sizes;
  std::unordered_map<std::string, float> weights;
  std::set<std::string> names;
  std::unordered_set<int> numbers;
  std::deque<double> deque;
  std::list<std::int64_t> list;
  std::array<std::uint16_t, 3> array{};
  std::pair<std::string, bool> pair;
  std::tuple<int, std::string, std::optional<double>> tuple;
};
FLOWRRA_FIELDS(Args, path, width, quality, fit, size, tree, own, anything, bytes, bits, sizes, weights, names, numbers,
               deque, list, array, pair, tuple);

Args everything(flowrra::CpuContext& ctx, const Args& args) {
  ctx.progress(1, 2, "half");
  ctx.debug(ctx.id());
  if (const auto left = ctx.time_left(); left && *left < std::chrono::seconds(1)) ctx.warning("little time");
  if (ctx.attempt() > 1 && ctx.deadline()) throw flowrra::RetryAfter{std::chrono::seconds(5), "busy"};
  ctx.throw_if_cancelled();
  return args;
}

std::string blocking(flowrra::BlockingContext& ctx, const std::string& text, std::optional<int> times) {
  if (!times) throw flowrra::Permanent("no");
  ctx.info("on a thread of the pool");
  return text;
}

flowrra::Co<std::optional<Size>> inner(flowrra::IoContext& ctx, int width) {
  flowrra::Completion<int> ended(ctx);
  ended.complete(width);
  co_return Size{co_await ended, 1};
}

flowrra::Co<Size> coroutine(flowrra::IoContext& ctx, int width, std::vector<std::string> more) {
  using namespace std::chrono_literals;
  co_await ctx.sleep(1.5s);
  const int doubled = co_await ctx.blocking([width](flowrra::BlockingContext& context) {
    context.throw_if_cancelled();
    return width * 2;
  });
  co_await ctx.blocking([] {});
  flowrra::Completion<> event(ctx);
  event.complete();
  co_await event;
  auto size = inner(ctx, doubled + static_cast<int>(more.size()));
  co_return (co_await std::move(size)).value_or(Size{});
}

int name(int value) noexcept { return value; }

}  // namespace author

namespace {

struct Hidden {
  std::string text;
};
FLOWRRA_FIELDS(Hidden, text);
flowrra::Co<Hidden> hidden(flowrra::IoContext& ctx, Hidden args) {
  co_await ctx.sleep(std::chrono::milliseconds(1));
  co_return args;
}
Hidden blocking_hidden(Hidden args) { return args; }

}  // namespace

FLOWRRA_PLUGIN("everything", "1.0.0") {
  plugin.cpu("all.everything", author::everything,
             {.max_retries = 0,
              .max_crashes = 1,
              .retry_delay = 500ms,
              .backoff = flowrra::Options::fixed,
              .timeout = 30s,
              .memory = 512_MiB,
              .doc = "Everything"});
  plugin.cpu("all.name", author::name, {.args = {"value"}});
  plugin.cpu("all.empty", [](author::Empty) {});
  plugin.cpu("all.lambda", [](const flowrra::CpuContext&, nlohmann::json json) { return json; });
  plugin.io("all.blocking", author::blocking, {.args = {"text", "times"}, .timeout = 1min, .memory = 1_GiB});
  plugin.io("all.hidden", hidden);
  plugin.io("all.blocking_hidden", blocking_hidden);
  plugin.io("all.coroutine", author::coroutine, {.args = {"width", "more"}, .max_retries = 5});
  plugin.io("all.nothing", [](flowrra::Context& ctx) -> flowrra::Co<> {
    ctx.throw_if_cancelled();
    co_return;
  });
  plugin.on_shutdown([] {});
}
