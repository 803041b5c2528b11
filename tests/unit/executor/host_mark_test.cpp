#include "executor/host_mark.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/child.hpp"
#include "base/clock.hpp"

using namespace flowrra;

BOOST_AUTO_TEST_SUITE(host_mark_of_a_process)

BOOST_AUTO_TEST_CASE(a_node_that_runs_is_not_dead) {
  const std::string mark = new_node_mark() + "1";
  BOOST_TEST(!is_of_dead_node(mark));
  BOOST_TEST(new_node_mark() + "1" != mark);
}

BOOST_AUTO_TEST_CASE(a_node_whose_number_is_another_process_now_is_dead) {
  std::string mark = new_node_mark() + "1";
  const std::string own = "-" + std::to_string(getpid()) + "-";
  mark.insert(mark.find(own) + own.size(), "1");  // another start
  BOOST_TEST(is_of_dead_node(mark));
}

BOOST_AUTO_TEST_CASE(what_is_no_mark_of_this_pid_namespace_says_nothing) {
  const std::string mark = new_node_mark() + "1";
  for (const std::string& other :
       {std::string(), std::string("1"), std::string("-1-1-1-1"), "1" + mark, mark.substr(0, mark.find('-') + 1),
        mark.substr(0, mark.find('-') + 1) + "x-1-1-1"}) {
    BOOST_TEST(!is_of_dead_node(other), other);
  }
}

BOOST_AUTO_TEST_CASE(the_mark_is_read_from_the_environment_of_a_process) {
  ChildRequest request;
  request.program = "/bin/sleep";
  request.arguments = {"1000"};
  request.environment = {"XFLOWRRA_HOST=no", "FLOWRRA_HOST=a mark", "PATH=/bin"};
  const auto child = start_child(request);
  BOOST_REQUIRE(child.ok());
  const BootTime deadline = system_clock().boot() + std::chrono::seconds(30);
  while (!host_mark(child->pid) && system_clock().boot() < deadline) {  // it may still be in exec()
  }
  BOOST_TEST(host_mark(child->pid).value_or("") == "a mark");
  BOOST_TEST(is_own_child(child->pid));
  BOOST_TEST(adopted_children().empty());
  kill(child->pid, SIGKILL);
  wait_child(*child);
  BOOST_TEST(!is_own_child(child->pid));
  BOOST_TEST(!host_mark(getpid()).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
