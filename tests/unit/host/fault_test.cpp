#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "host_process.hpp"

using namespace flowrra;
using namespace flowrra::test;

namespace {

struct Crash {
  Kind kind;
  const char* task;
  int signal;  // 0: it exits with 0
};
std::ostream& operator<<(std::ostream& out, const Crash& crash) { return out << crash.task; }

const Crash kCrashes[] = {
    {Kind::cpu, "faulty.cpu_segv", SIGSEGV},
    {Kind::cpu, "faulty.cpu_abort", SIGABRT},
    {Kind::cpu, "faulty.cpu_throw", SIGABRT},
    {Kind::cpu, "faulty.cpu_overflow", SIGSEGV},
    {Kind::cpu, "faulty.cpu_exit", 0},
    {Kind::io, "faulty.io_segv", SIGSEGV},
    {Kind::io, "faulty.io_abort", SIGABRT},
    {Kind::io, "faulty.io_throw", SIGABRT},
    {Kind::io, "faulty.io_overflow", SIGSEGV},
    {Kind::io, "faulty.io_exit", 0},
    {Kind::io, "faulty.blocking_segv", SIGSEGV},
    {Kind::io, "faulty.blocking_abort", SIGABRT},
    {Kind::io, "faulty.blocking_throw", SIGABRT},
    {Kind::io, "faulty.blocking_overflow", SIGSEGV},
    {Kind::io, "faulty.blocking_exit", 0},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(faults)

BOOST_DATA_TEST_CASE(the_task_that_kills_the_host_is_in_the_page, boost::unit_test::data::make(kCrashes), crash) {
  HostProcess host(crash.kind);
  if (crash.kind == Kind::io) {  // others are there, and innocent
    host.start(40, "faulty.io_sleep", "[3600000]");
    host.start(41, "faulty.blocking_spin");
    host.wait_marked(41);
  }
  host.start(42, crash.task);
  const ChildEnd end = host.end();
  BOOST_TEST(end.signalled == (crash.signal != 0));
  BOOST_TEST(end.code == crash.signal);
  BOOST_TEST(host.page().fault == 42U);
}

BOOST_AUTO_TEST_CASE(a_task_that_leaves_by_the_back_door_is_still_marked) {
  HostProcess host(Kind::cpu);
  host.start(42, "faulty.cpu_quit");
  BOOST_TEST(describe(host.end()) == "exited with code 0");
  BOOST_TEST(host.page().threads[0].call == 42U);
}

BOOST_AUTO_TEST_CASE(a_process_that_a_task_starts_and_its_end_are_not_the_hosts) {
  HostProcess host(Kind::cpu);
  BOOST_TEST(host.run(1, "faulty.cpu_fork").text == "0");
  BOOST_TEST(host.page().fault == 0U);
  BOOST_TEST(host.run(2, "faulty.cpu_inherit").text == "0");
  HostProcess io(Kind::io);
  BOOST_TEST(io.run(3, "faulty.blocking_inherit").text == "0");
}

BOOST_AUTO_TEST_CASE(a_signal_from_outside_blames_nobody) {
  HostProcess host(Kind::cpu);
  host.start(1, "faulty.cpu_spin");
  host.wait_marked(1);
  kill(host.pid(), SIGABRT);
  BOOST_TEST(host.end().code == SIGABRT);
  BOOST_TEST(host.page().fault == 0U);
}

BOOST_AUTO_TEST_CASE(a_task_that_ignores_sigterm_dies_by_sigkill) {
  HostProcess host(Kind::cpu);
  host.start(1, "faulty.cpu_hang");
  host.wait_marked(1);
  kill(host.pid(), SIGKILL);
  BOOST_TEST(host.end().code == SIGKILL);
  BOOST_TEST(host.page().threads[0].call == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
