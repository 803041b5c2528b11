// How a program becomes its own host, and what it is told when it makes that impossible.
#include <boost/test/unit_test.hpp>

#include "support/text.hpp"
#include "support/workplace.hpp"
#include "tasks.hpp"

namespace flowrra::test {
namespace {

// A program of this folder's tests, which stand beside this one.
std::string neighbour(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

std::string misuse(const std::string& word, std::vector<std::string> environment = {}) {
  const Outcome outcome = run({{neighbour("library_misuse"), word}, std::move(environment), {}, {}});
  BOOST_TEST(outcome.code() == 0);
  return outcome.out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host)

BOOST_AUTO_TEST_CASE(a_program_that_does_it_right_runs_its_task) { BOOST_TEST(misuse("nothing") == "1\n"); }

BOOST_AUTO_TEST_CASE(a_program_without_run_host_if_asked_starts_no_host) {
  const std::string said = misuse("no_host");
  BOOST_TEST(has(said, "HostError: "));
  BOOST_TEST(has(said, "run_host_if_asked(argc, argv, registry)"));
}

BOOST_AUTO_TEST_CASE(a_program_started_as_a_host_that_does_not_become_one_starts_nothing) {
  const std::string said = misuse("no_host", {"FLOWRRA_RUN_AS_HOST=1"});
  BOOST_TEST(has(said, "HostError: this process was started as a host"));
}

BOOST_AUTO_TEST_CASE(a_program_that_registers_other_tasks_as_a_host_is_told_which) {
  const std::string said = misuse("registers_by_argument");
  BOOST_TEST(has(said, "HostError: this program registers 2 tasks (one, two)"));
}

BOOST_AUTO_TEST_CASE(a_task_that_is_registered_too_late_is_refused) {
  BOOST_TEST(has(misuse("registers_late"), "ConfigError: two is registered after run_host_if_asked()"));
}

BOOST_AUTO_TEST_CASE(asking_twice_is_refused) {
  BOOST_TEST(has(misuse("asks_twice"), "HostError: run_host_if_asked() was called twice"));
}

BOOST_AUTO_TEST_CASE(a_host_hides_its_marker_from_what_tasks_start) {
  Config config;
  config.set("broker.url", "memory://marker");
  App app(config, tasks());
  app.start();
  BOOST_TEST(app.call<std::string>("t.marker") == "none");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
