#include "base/process_stat.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "base/child.hpp"

using namespace flowrra;

BOOST_AUTO_TEST_SUITE(stat_of_a_process)

BOOST_AUTO_TEST_CASE(it_tells_when_a_process_started_and_whether_it_is_dead) {
  ChildRequest request;
  request.program = "/bin/sleep";
  request.arguments = {"1000"};
  const BootTime before = system_clock().boot();
  const auto child = start_child(request);
  BOOST_REQUIRE(child.ok());
  const auto alive = process_stat(child->pid);
  BOOST_REQUIRE(alive.has_value());
  BOOST_TEST(alive->state != 'Z');
  BOOST_TEST((alive->started_before() > before));
  BOOST_TEST((alive->started_after() <= system_clock().boot()));
  kill(child->pid, SIGKILL);
  siginfo_t ended{};
  BOOST_TEST(waitid(P_PID, static_cast<id_t>(child->pid), &ended, WEXITED | WNOWAIT) == 0);
  const auto dead = process_stat(child->pid);
  BOOST_TEST((dead && dead->state == 'Z' && dead->start == alive->start));
  BOOST_TEST(process_file(child->pid, "environ").empty());
  wait_child(*child);
  BOOST_TEST(!process_stat(child->pid).has_value());
  BOOST_TEST(process_file(child->pid, "stat").empty());
}

BOOST_AUTO_TEST_SUITE_END()
