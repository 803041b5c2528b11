// What the SDK's coroutines can wait for, in a real host.

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>

#include "host_process.hpp"

using namespace flowrra;
using namespace flowrra::test;

namespace {

struct Waits : HostProcess {
  Waits() : HostProcess(Kind::io, {fixture("waits.so")}, 4) {}
};

// Waits until the process is gone: it is neither there nor a zombie of the host's.
void wait_gone(pid_t pid) {
  HostProcess::wait_for([&] { return kill(pid, 0) != 0 && errno == ESRCH; });
}

bool is_running(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string line{std::istreambuf_iterator<char>(stat), {}};
  const std::size_t name = line.rfind(") ");
  return name != std::string::npos && line[name + 2] != 'Z';
}

// A script that says its number and then waits for ever, with a child that does, too.
const std::string kForEver = R"(["sleep 1000 & echo $! ; echo $$; wait"])";

std::pair<pid_t, pid_t> started(HostProcess& host) {
  const pid_t child = std::stoi(host.log().text);
  return {child, std::stoi(host.log().text)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(awaitables)

BOOST_AUTO_TEST_CASE(coroutines_wait_for_groups_threads_descriptors_and_permits) {
  Waits host;
  const FinishedFrame end = host.run(1, "waits.groups");
  BOOST_TEST(end.text == std::to_string(380 + 'a' + 2 + 1000));
  for (std::uint64_t call = 2; call <= 50; ++call) host.start(call, "waits.groups");
  for (int i = 2; i <= 50; ++i) BOOST_TEST(host.finished().text == end.text);
}

BOOST_AUTO_TEST_CASE(a_program_runs_in_a_host) {
  Waits host;
  host.start(1, "waits.program", R"(["echo a line; exit 3"])");
  BOOST_TEST(host.log().text == "a line");
  BOOST_TEST(host.finished().text == "\"exited with code 3\"");
}

BOOST_AUTO_TEST_CASE(cancelling_a_task_kills_its_program_and_what_that_started) {
  Waits host;
  host.start(1, "waits.program", kForEver);
  const auto [child, shell] = started(host);
  BOOST_TEST(kill(child, 0) == 0);
  host.tell(CancelFrame{1});
  BOOST_TEST((host.finished().end == CallEnd::cancelled));
  wait_gone(shell);
  HostProcess::wait_for([&] { return !is_running(child); });  // its zombie is left to whoever adopts it
}

BOOST_AUTO_TEST_CASE(a_timeout_within_a_task_kills_the_program) {
  Waits host;
  host.start(1, "waits.limited", R"([300, "echo $$; sleep 1000"])");
  const pid_t shell = std::stoi(host.log().text);
  const FinishedFrame end = host.finished();
  BOOST_TEST((end.end == CallEnd::failure));
  BOOST_TEST(end.text.find("not done after 300 ms") != std::string::npos);
  wait_gone(shell);
}

BOOST_AUTO_TEST_CASE(a_program_does_not_outlive_a_host_that_is_killed) {
  Waits host;
  host.start(1, "waits.program", R"(["echo $$; exec sleep 1000"])");
  const pid_t program = std::stoi(host.log().text);
  kill(host.pid(), SIGKILL);
  BOOST_TEST(host.end().signalled);
  HostProcess::wait_for([&] { return !is_running(program); });
}

BOOST_AUTO_TEST_CASE(waiting_for_a_descriptor_ends_with_the_task) {
  Waits host;
  host.start(1, "waits.pipe");
  host.start(2, "waits.pipe");
  host.tell(CancelFrame{1});
  const FinishedFrame end = host.finished();
  BOOST_TEST(end.call == 1U);
  BOOST_TEST((end.end == CallEnd::cancelled));
  host.tell(CancelFrame{2});
  BOOST_TEST(host.finished().call == 2U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_waited_for_fails_the_wait) {
  Waits host;
  for (const FinishedFrame& end : {host.run(1, "waits.file", "[\"/proc/self/exe\"]"), host.run(2, "waits.twice")}) {
    BOOST_TEST((end.end == CallEnd::failure));
    BOOST_TEST(end.text.find("cannot be waited for") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(threads_of_several_blocking_tasks_use_their_contexts_at_once) {
  Waits host;
  for (std::uint64_t call = 1; call <= 4; ++call) host.start(call, "waits.threads", "[4]");
  for (int i = 0; i < 4; ++i) BOOST_TEST(host.finished().text == "4");
}

BOOST_AUTO_TEST_SUITE_END()
