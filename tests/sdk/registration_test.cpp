// What registration writes into the tables of the ABI, and what it refuses.

#include "sdk/support.hpp"

BOOST_AUTO_TEST_SUITE(registration)

namespace {

using flowrra::test::Bench;
using namespace flowrra::literals;
using namespace std::chrono_literals;

struct Point {
  int x = 0;
  int y = 0;
};
FLOWRRA_FIELDS(Point, x, y);

int add(int a, int b) { return a + b; }
flowrra::Co<int> later(flowrra::IoContext& ctx, int a) {
  co_await ctx.sleep(1s);
  co_return a;
}

// What the registration of `add` under these options throws.
std::string refusal(const std::string& name, const flowrra::Options& options) {
  Bench bench;
  try {
    bench.plugin.cpu(name, add, options);
  } catch (const flowrra::Permanent& e) {
    return e.what();
  }
  return "";
}

struct GoodDefinition {
  static constexpr const char* flowrra_name_ = "good";
  static constexpr const char* flowrra_version_ = "1.2.3";
  static void flowrra_describe_(flowrra::Plugin& plugin) {
    plugin.cpu("good.add", add);
    plugin.on_shutdown([] { ++shutdowns; });
  }
  static inline int shutdowns = 0;
};

struct ThrowingDefinition {
  static constexpr const char* flowrra_name_ = "throwing";
  static constexpr const char* flowrra_version_ = "1";
  static void flowrra_describe_(flowrra::Plugin&) { throw std::runtime_error("no licence file"); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(options_left_out_say_nothing) {
  Bench bench;
  bench.plugin.cpu("t", add);
  const flowrra_task& task = bench.task("t");
  BOOST_TEST(task.struct_size == sizeof(flowrra_task));
  BOOST_TEST(task.kind == FLOWRRA_KIND_CPU);
  BOOST_TEST(task.doc == nullptr);
  BOOST_TEST(task.argument_count == 2U);
  BOOST_TEST(task.arguments[0] == "arg1");
  BOOST_TEST(task.arguments[1] == "arg2");
  BOOST_TEST(task.max_retries == 0);
  BOOST_TEST(task.max_crashes == 0);
  BOOST_TEST(task.fixed_backoff == 0U);
  BOOST_TEST(task.timeout_ms == 0);
  BOOST_TEST(task.retry_delay_ms == 0);
  BOOST_TEST(task.memory == 0U);
}

BOOST_AUTO_TEST_CASE(options_reach_the_table_and_zero_means_none) {
  Bench bench;
  bench.plugin.cpu("t", add,
                   {.args = {"a", "b"},
                    .max_retries = 0,
                    .max_crashes = 2,
                    .retry_delay = 1500ms,
                    .backoff = flowrra::Options::fixed,
                    .timeout = 30s,
                    .memory = 512_MiB,
                    .cpu_time = std::chrono::seconds(30),
                    .file_size = 1_GiB,
                    .open_files = 64,
                    .processes = 7,
                    .doc = "Add"});
  const flowrra_task& task = bench.task("t");
  BOOST_TEST(task.doc == "Add");
  BOOST_TEST(task.arguments[1] == "b");
  BOOST_TEST(task.max_retries == FLOWRRA_NONE);
  BOOST_TEST(task.max_crashes == 2);
  BOOST_TEST(task.fixed_backoff == 1U);
  BOOST_TEST(task.timeout_ms == 30'000);
  BOOST_TEST(task.retry_delay_ms == 1500);
  BOOST_TEST(task.memory == 536'870'912U);
  BOOST_TEST(task.cpu_time_ms == 30'000);
  BOOST_TEST(task.file_size == 1U << 30U);
  BOOST_TEST(task.open_files == 64U);
  BOOST_TEST(task.processes == 7U);
  bench.plugin.cpu("u", add, {.timeout = 0s});
  BOOST_TEST(bench.task("u").timeout_ms == FLOWRRA_NONE);
}

BOOST_AUTO_TEST_CASE(io_takes_coroutines_to_the_loop_and_functions_to_the_pool) {
  Bench bench;
  bench.plugin.io("coroutine", later);
  bench.plugin.io("function", add);
  bench.plugin.io("lambda", [](flowrra::BlockingContext&, int a) { return a; });
  BOOST_TEST(bench.task("coroutine").kind == FLOWRRA_KIND_IO);
  BOOST_TEST(bench.task("function").kind == FLOWRRA_KIND_IO_BLOCKING);
  BOOST_TEST(Bench::outcome(bench.start("[4]")) == "4");
}

BOOST_AUTO_TEST_CASE(the_fields_of_one_struct_name_the_arguments) {
  Bench bench;
  bench.plugin.cpu("t", [](flowrra::CpuContext&, const Point& p) { return p.x + p.y; });
  BOOST_TEST(bench.task("t").argument_count == 2U);
  BOOST_TEST(bench.task("t").arguments[1] == "y");
  BOOST_CHECK_EXCEPTION(bench.plugin.cpu("u", [](Point) {}, {.args = {"point"}}), flowrra::Permanent, [](auto& e) {
    return std::string(e.what()) == "task \"u\": its arguments are named by FLOWRRA_FIELDS; leave .args out";
  });
}

BOOST_AUTO_TEST_CASE(what_cannot_be_registered_is_refused_with_its_name) {
  BOOST_TEST(refusal("t", {.args = {"a"}}) == "task \"t\": .args names 1 arguments, but the function takes 2");
  BOOST_TEST(refusal("a b", {}).starts_with("task \"a b\": a name is 1 to 128"));
  BOOST_TEST(refusal("", {}) != "");
  BOOST_TEST(refusal(std::string(129, 'a'), {}) != "");
  BOOST_TEST(refusal(std::string(128, 'a'), {}) == "");
  BOOST_TEST(refusal("t", {.args = {"a", "a"}}) == "task \"t\": .args names \"a\" twice");
  BOOST_TEST(refusal("t", {.max_retries = -1}) == "task \"t\": .max_retries cannot be negative");
  BOOST_TEST(refusal("t", {.timeout = -1s}) == "task \"t\": .timeout cannot be negative");
  Bench bench;
  bench.plugin.cpu("t", add);
  BOOST_CHECK_THROW(bench.plugin.io("t", add), flowrra::Permanent);
  BOOST_TEST(bench.plugin.tasks().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_plugin_is_described_through_its_entry) {
  flowrra::test::FakeHost host;
  const flowrra_plugin* plugin = flowrra::detail::Entry<GoodDefinition>::table();
  char error[64] = "";
  BOOST_TEST(plugin->abi_version == FLOWRRA_ABI_VERSION);
  BOOST_TEST(plugin->struct_size == sizeof(flowrra_plugin));
  BOOST_TEST(plugin->name == "good");
  BOOST_TEST(plugin->version == "1.2.3");
  BOOST_TEST(plugin->init(&host.table(), error, sizeof(error)) == 0);
  BOOST_TEST(plugin->task_count() == 1U);
  BOOST_TEST(plugin->task(0)->name == "good.add");
  BOOST_TEST(plugin->task(1) == nullptr);
  BOOST_TEST(host.start(*plugin->task(0), "[1,2]").json == "3");
  plugin->shutdown();
  plugin->shutdown();
  BOOST_TEST(GoodDefinition::shutdowns == 1);
}

BOOST_AUTO_TEST_CASE(what_the_body_throws_becomes_the_reason) {
  flowrra::test::FakeHost host;
  const flowrra_plugin* plugin = flowrra::detail::Entry<ThrowingDefinition>::table();
  char error[64] = "";
  BOOST_TEST(plugin->init(&host.table(), error, sizeof(error)) != 0);
  BOOST_TEST(error == "no licence file");
  char small[6] = "";
  BOOST_TEST(plugin->init(&host.table(), small, sizeof(small)) != 0);
  BOOST_TEST(small == "no li");
}

BOOST_AUTO_TEST_CASE(an_older_host_is_refused) {
  flowrra::test::FakeHost host;
  flowrra_host old = host.table();
  old.struct_size = sizeof(flowrra_host) - 8;
  char error[64] = "";
  BOOST_TEST(flowrra::detail::Entry<GoodDefinition>::table()->init(&old, error, sizeof(error)) != 0);
  BOOST_TEST(error == "the plugin was built for a newer host");
}

BOOST_AUTO_TEST_SUITE_END()
