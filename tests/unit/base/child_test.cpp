#include "base/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <boost/test/unit_test.hpp>
#include <string>

namespace flowrra {
namespace {

// What a shell script in a child writes to its standard output, and how the child ended.
struct Said {
  std::string text;
  ChildEnd end;
};

Said run_script(const std::string& script, std::vector<std::string> environment = {}) {
  int pipes[2];
  BOOST_REQUIRE_EQUAL(::pipe2(pipes, O_CLOEXEC), 0);
  const UniqueFd in(pipes[0]);
  UniqueFd out(pipes[1]);
  ChildRequest request;
  request.program = "/bin/sh";
  request.arguments = {"-c", script};
  request.environment = std::move(environment);
  request.fds = {{out.get(), 1}};
  auto child = start_child(request);
  BOOST_REQUIRE(child.ok());
  out.reset();
  Said said;
  char bytes[512];
  for (ssize_t size = 0; (size = ::read(in.get(), bytes, sizeof bytes)) > 0;) {
    said.text.append(bytes, static_cast<std::size_t>(size));
  }
  said.end = wait_child(*child);
  return said;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(child)

BOOST_AUTO_TEST_CASE(a_child_gets_its_arguments_and_only_the_given_environment) {
  const Said said = run_script("echo \"$A|$HOME|\"", {"A=1"});
  BOOST_TEST(said.text == "1||\n");
  BOOST_TEST(!said.end.signalled);
  BOOST_TEST(said.end.code == 0);
}

BOOST_AUTO_TEST_CASE(other_descriptors_stay_behind) {
  const UniqueFd leaky(::open("/dev/null", O_RDONLY));  // not close-on-exec
  const UniqueFd high(::fcntl(leaky.get(), F_DUPFD, 200));
  BOOST_TEST(run_script("cd /proc/$$/fd && for f in *; do [ $f -gt 2 ] && [ $f -lt 250 ] && echo $f; done; true")
                 .text.find("200") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_end_is_told_as_code_or_signal) {
  const Said exited = run_script("exit 3");
  BOOST_TEST(describe(exited.end) == "exited with code 3");
  const Said killed = run_script("kill -SEGV $$");
  BOOST_TEST(killed.end.signalled);
  BOOST_TEST(describe(killed.end) == "died by SIGSEGV (signal 11)");
}

BOOST_AUTO_TEST_CASE(the_pidfd_is_readable_when_the_child_has_ended) {
  ChildRequest request;
  request.program = "/bin/sh";
  request.arguments = {"-c", "read forever"};
  int pipes[2];
  BOOST_REQUIRE_EQUAL(::pipe2(pipes, O_CLOEXEC), 0);
  const UniqueFd in(pipes[0]);
  UniqueFd out(pipes[1]);
  request.fds = {{in.get(), 0}};
  auto child = start_child(request);
  BOOST_REQUIRE(child.ok());
  pollfd entry{child->pidfd.get(), POLLIN, 0};
  BOOST_TEST(::poll(&entry, 1, 0) == 0);
  out.reset();
  BOOST_TEST(::poll(&entry, 1, 5000) == 1);
  wait_child(*child);
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_exist_is_an_error) {
  ChildRequest request;
  request.program = "/nowhere/at/all";
  BOOST_TEST(!start_child(request).ok());
}

BOOST_AUTO_TEST_CASE(hosts_get_no_loader_variables_and_no_secrets) {
  ::setenv("LD_PRELOAD_TEST", "x", 1);
  ::setenv("FLOWRRA_SECRET", "x", 1);
  for (const std::string& entry : clean_environment()) {
    BOOST_TEST(!entry.starts_with("LD_"));
    BOOST_TEST(!entry.starts_with("FLOWRRA_"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
