// App: as a node of its own and its plugins' tasks, beside a node, and only as one who submits.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/gate.hpp"
#include "support/workplace.hpp"
#include "tasks.hpp"

using namespace std::chrono_literals;

namespace flowrra::test {
namespace {

constexpr auto kLong = std::chrono::milliseconds(kPatience);

Config config_of(const Workplace& workplace) { return Config::load(workplace / "flowrra.toml"); }

}  // namespace

BOOST_AUTO_TEST_SUITE(app)

BOOST_AUTO_TEST_CASE(each_task_goes_to_the_executor_of_its_kind) {
  const Workplace workplace{Setup{}};
  App app(config_of(workplace), tasks());
  BOOST_TEST(!app.is_running());
  app.start();
  BOOST_TEST(app.is_running());
  BOOST_TEST(app.call<int>("t.add", 2, 3) == 5);
  BOOST_TEST(app.call<std::string>("t.later", "x") == "later: x");
  BOOST_TEST(app.call<std::string>("t.pool", std::string("y")) == "y at attempt 1");
  BOOST_TEST((app.call<Basket>("t.double", Basket{"Ada", {3}}) == Basket{"Ada", {6}}));
  app.call<void>("t.nothing");
  BOOST_CHECK_THROW(app.call<void>("t.fail", "no paper"), TaskFailedError);
  BOOST_CHECK_THROW(app.submit("t.ad"), TaskNotFoundError);
}

BOOST_AUTO_TEST_CASE(tasks_of_plugins_run_beside_the_programs_own) {
  const Workplace workplace({.plugins = {fixture("typed.so"), fixture("on_loop.so")}});
  App app(config_of(workplace), tasks());
  app.start();
  BOOST_TEST(app.call<int>("typed.number", 7) == 7);
  BOOST_TEST(app.call<int>("typed.later", 8) == 8);
  BOOST_TEST(app.call<int>("t.add", 2, 3) == 5);
}

BOOST_AUTO_TEST_CASE(a_plugin_that_cannot_be_used_is_left_out) {
  const Workplace workplace({.plugins = {fixture("bad_constructor.so"), fixture("typed.so")}});
  App app(config_of(workplace), tasks());
  app.start();
  BOOST_TEST(app.call<int>("typed.number", 7) == 7);
}

BOOST_AUTO_TEST_CASE(the_command_line_submits_to_an_app_and_reads_its_results) {
  const Workplace workplace{Setup{}};
  App app(config_of(workplace), tasks());
  app.start();
  const std::string id = workplace.submit({"t.add", "20", "22"});
  BOOST_TEST(app.wait(id, kLong).value<int>() == 42);
  BOOST_TEST(workplace.ended(app.submit("t.add", args(1, 2)))["result"] == 3);
}

BOOST_AUTO_TEST_CASE(a_program_that_only_submits_uses_a_node) {
  const Workplace workplace({.plugins = {fixture("typed.so")}});
  BOOST_CHECK_THROW(App(config_of(workplace)).submit("typed.number", args(1)), ConfigError);
  // No node yet: the plugins themselves say what there is.
  App early(config_of(workplace).set("plugins.host", program("flowrra-host")));
  const std::string id = early.submit("typed.number", args(1));
  auto node = workplace.node();
  BOOST_TEST(early.wait(id, kLong).value<int>() == 1);
  App app(config_of(workplace));
  BOOST_TEST(app.call<int>("typed.number", 2) == 2);
  BOOST_TEST(!app.is_running());
  BOOST_CHECK_THROW(app.submit("typed.numbr"), TaskNotFoundError);
  BOOST_CHECK_THROW(app.submit("typed.number", {"x"}), ArgumentsError);
  BOOST_CHECK_THROW(app.wait("unknown", 1ms), UnknownIdError);
}

BOOST_AUTO_TEST_CASE(submissions_wait_for_their_time_and_their_turn) {
  Workplace workplace{Setup{}};
  App app(config_of(workplace).set("executor.cpu_workers", 1), tasks());
  const std::string last = app.submit("t.add", args(1, 1), {.priority = 5, .tags = {"slow", "last"}});
  const std::string first = app.submit("t.add", args(2, 2), {.priority = -5});
  const std::string scheduled = app.submit("t.add", args(3, 3), {.delay = 1h});
  app.start();
  const TaskResult early = app.wait(first, kLong);
  const TaskResult late = app.wait(last, kLong);
  BOOST_TEST((*early.started_at <= *late.started_at));
  BOOST_TEST((late.tags == std::vector<std::string>{"slow", "last"}));
  BOOST_TEST((app.get_result(scheduled)->state == TaskState::scheduled));
}

BOOST_AUTO_TEST_CASE(a_task_is_cancelled_where_it_waits_and_where_it_runs) {
  const Workplace workplace{Setup{}};
  App app(config_of(workplace), tasks());
  const std::string waiting = app.submit("t.forever");
  BOOST_TEST(app.cancel(waiting));
  BOOST_TEST(!app.cancel(waiting));
  app.start();
  const std::string running = app.submit("t.forever");
  const Gate gate{workplace};
  const std::string held = app.submit("t.gate", args(gate.path()));
  gate.reached(1);
  BOOST_TEST(app.cancel(held));
  BOOST_TEST((app.wait(held, kLong).state == TaskState::cancelled));
  BOOST_TEST(app.cancel(running));
  BOOST_TEST((app.wait(running, kLong).state == TaskState::cancelled));
  BOOST_CHECK_THROW(app.cancel("unknown"), UnknownIdError);
}

BOOST_AUTO_TEST_CASE(options_out_of_bounds_are_refused) {
  const Workplace workplace{Setup{}};
  App app(config_of(workplace), tasks());
  const auto refused = [&app](const Submission& how) {
    BOOST_CHECK_THROW(app.submit("t.add", args(1, 2), how), ArgumentsError);
  };
  refused({.delay = -5ms});
  refused({.expires = -5ms});
  refused({.timeout = -5ms});
  refused({.max_retries = -5});
  refused({.max_retries = 5000});
  refused({.tags = {""}});
  refused({.tags = {std::string(100'000, 'x')}});
}

BOOST_AUTO_TEST_CASE(a_failed_task_gets_another_life) {
  const Workplace workplace{Setup{}};
  App app(config_of(workplace), tasks());
  app.start();
  const std::string id = app.submit("t.fail", args("no paper"), {.backoff = Submission::fixed});
  const TaskResult first = app.wait(id, kLong);
  BOOST_TEST((first.state == TaskState::failed));
  BOOST_REQUIRE(!first.log.empty());
  BOOST_TEST(first.log.back().message.find("no paper") != std::string::npos);
  app.retry(id);
  BOOST_TEST(app.wait(id, kLong).attempt == 2);
  BOOST_CHECK_THROW(app.retry("unknown"), UnknownIdError);
  const std::string good = app.submit("t.add", args(1, 2));
  app.wait(good, kLong);
  BOOST_CHECK_THROW(app.retry(good), ArgumentsError);
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_opened_is_a_store_error) {
  const Workplace workplace{Setup{}};
  std::ofstream(workplace / "garbage.db") << "this is no database, and it is long enough to be looked at";
  Config config;
  config.set("broker.url", "sqlite://" + (workplace / "garbage.db").string());
  BOOST_CHECK_THROW(App{config}, StoreError);
}

BOOST_AUTO_TEST_CASE(results_may_live_in_a_store_of_their_own) {
  const Workplace workplace{Setup{}};
  Config config = config_of(workplace);
  config.set("backend.url", "memory://results");
  App app(config, tasks());
  app.start();
  BOOST_TEST(app.call<int>("t.add", 2, 3) == 5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
