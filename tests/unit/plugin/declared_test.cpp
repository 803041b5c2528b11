#include "plugin/declared.hpp"

#include <flowrra/plugin.h>

#include <boost/test/unit_test.hpp>

using namespace flowrra;

namespace {

void run_nothing(void*, flowrra_call*, flowrra_bytes) {}

flowrra_task declared() {
  flowrra_task task = {};
  task.struct_size = sizeof task;
  task.kind = FLOWRRA_KIND_CPU;
  task.name = "a.task";
  task.run = run_nothing;
  return task;
}

std::string refused(const flowrra_task& task) {
  const auto read = read_declared(task);
  return read ? "" : read.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(declared_tasks)

BOOST_AUTO_TEST_CASE(zero_leaves_everything_to_the_operator) {
  const auto read = read_declared(declared());
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->spec.options == TaskOptions{}));
  BOOST_TEST((read->spec.kind == Kind::cpu));
  BOOST_TEST(read->spec.schema.empty());
  BOOST_TEST((read->run == run_nothing));
}

BOOST_AUTO_TEST_CASE(none_is_said_as_zero) {
  flowrra_task task = declared();
  task.timeout_ms = task.retry_delay_ms = FLOWRRA_NONE;
  task.max_retries = FLOWRRA_NONE;
  const auto read = read_declared(task);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->spec.options.timeout == Micros(0)));
  BOOST_TEST((read->spec.options.retry_delay == Micros(0)));
  BOOST_TEST((read->spec.options.max_retries == 0));
  BOOST_TEST(!read->spec.options.max_crashes.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_declared_is_read) {
  const char* const arguments[] = {"path", "width"};
  flowrra_task task = declared();
  task.kind = FLOWRRA_KIND_IO_BLOCKING;
  task.doc = "does it";
  task.schema = R"({"type":"object"})";
  task.arguments = arguments;
  task.argument_count = 2;
  task.max_retries = 5;
  task.max_crashes = 2;
  task.fixed_backoff = 1;
  task.timeout_ms = 1500;
  task.retry_delay_ms = 20;
  task.memory = 1U << 30U;
  task.cpu_time_ms = 2500;
  task.file_size = 1U << 20U;
  task.open_files = 64;
  task.processes = 7;
  const auto read = read_declared(task);
  BOOST_REQUIRE(read.ok());
  const TaskSpec& spec = read->spec;
  BOOST_TEST((spec.kind == Kind::io));
  BOOST_TEST(spec.blocking);
  BOOST_TEST(spec.doc == "does it");
  BOOST_TEST(spec.arguments == (std::vector<std::string>{"path", "width"}), boost::test_tools::per_element());
  BOOST_TEST((spec.options.max_retries == 5));
  BOOST_TEST((spec.options.max_crashes == 2));
  BOOST_TEST((spec.options.backoff == Backoff::fixed));
  BOOST_TEST((spec.options.timeout == std::chrono::milliseconds(1500)));
  BOOST_TEST((spec.options.retry_delay == std::chrono::milliseconds(20)));
  BOOST_TEST((spec.options.memory == 1U << 30U));
  BOOST_TEST((spec.options.cpu_time == std::chrono::milliseconds(2500)));
  BOOST_TEST((spec.options.file_size == 1U << 20U));
  BOOST_TEST((spec.options.open_files == 64U));
  BOOST_TEST((spec.options.processes == 7U));
}

BOOST_AUTO_TEST_CASE(what_an_older_plugin_does_not_know_is_not_read) {
  flowrra_task task = declared();
  task.struct_size = offsetof(flowrra_task, cpu_time_ms);
  task.cpu_time_ms = task.open_files = 5;
  const auto read = read_declared(task);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(!read->spec.options.cpu_time.has_value());
  BOOST_TEST(!read->spec.options.open_files.has_value());
}

BOOST_AUTO_TEST_CASE(nonsense_is_refused_by_name) {
  const char* const twice[] = {"a", "a"};
  const auto check = [](auto change, const std::string& word) {
    flowrra_task task = declared();
    change(task);
    BOOST_TEST(refused(task).find(word) != std::string::npos, word << " is not in: " << refused(task));
  };
  check([](flowrra_task& task) { task.struct_size = 8; }, "struct_size");
  check([](flowrra_task& task) { task.name = nullptr; }, "name");
  check([](flowrra_task& task) { task.name = "a b"; }, "a b");
  check([](flowrra_task& task) { task.kind = 9; }, "kind 9");
  check([](flowrra_task& task) { task.run = nullptr; }, "run");
  check([](flowrra_task& task) { task.schema = "[1]"; }, "schema");
  check([](flowrra_task& task) { task.schema = "{"; }, "schema");
  check([](flowrra_task& task) { task.argument_count = 1; }, "arguments");
  check([&](flowrra_task& task) { task.arguments = twice, task.argument_count = 2; }, "twice");
  check([](flowrra_task& task) { task.max_retries = -2; }, "max_retries");
  check([](flowrra_task& task) { task.timeout_ms = INT64_MAX; }, "timeout_ms");
  check([](flowrra_task& task) { task.fixed_backoff = 2; }, "fixed_backoff");
}

BOOST_AUTO_TEST_CASE(a_larger_table_of_a_newer_header_is_accepted) {
  flowrra_task task = declared();
  task.struct_size = sizeof task + 64;
  BOOST_TEST(refused(task) == "");
}

BOOST_AUTO_TEST_SUITE_END()
