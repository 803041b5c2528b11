// What hosts and probes may do and see, read from outside: /proc of the processes.
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

std::string content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The value behind "NAME:" in /proc/PID/status.
std::string status_of(int pid, const std::string& name) {
  const std::string text = "\n" + content("/proc/" + std::to_string(pid) + "/status");
  const std::size_t at = text.find("\n" + name + ":\t");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

// What the descriptors of a process lead to, by number.
std::map<int, std::string> descriptors_of(int pid) {
  std::map<int, std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    std::error_code gone;
    out[std::stoi(entry.path().filename())] = std::filesystem::read_symlink(entry.path(), gone).string();
  }
  return out;
}

void check_stance(int pid, std::size_t inherited) {
  BOOST_TEST(status_of(pid, "NoNewPrivs") == "1");
  BOOST_TEST(status_of(pid, "Umask") == "0022");
  BOOST_TEST(getsid(pid) == pid);
  const std::string environment = content("/proc/" + std::to_string(pid) + "/environ");
  BOOST_TEST(has(environment, "PATH="));
  for (const char* hidden : {"LD_BIND_NOW", "SOME_SECRET", "FLOWRRA_BROKER_URL", "FLOWRRA_CONFIG"}) {
    BOOST_TEST(!has(environment, hidden), hidden);
  }
  const auto descriptors = descriptors_of(pid);
  BOOST_TEST(descriptors.at(0) == "/dev/null");
  for (const auto& [number, target] : descriptors) {
    BOOST_TEST(!has(target, "flowrra.db"), number << " leads to " << target);
    BOOST_TEST(!has(target, "/plugins"), number << " leads to " << target);
    // Beyond what was handed over there is only what it has opened of itself.
    const bool own = has(target, "anon_inode:") || has(target, "pipe:") || has(target, "/proc/" + std::to_string(pid));
    BOOST_TEST((own || number < static_cast<int>(3 + inherited)), number << " leads to " << target);
  }
}

Command in_a_careless_environment(Command command) {
  command.environment.insert(command.environment.end(), {"LD_BIND_NOW=1", "SOME_SECRET=x"});
  return command;
}

// The child of that process that is a probe, once there is one.
int probe_of(pid_t parent) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (name.find_first_not_of("0123456789") != std::string::npos) continue;
      const int pid = std::stoi(name);
      if (status_of(pid, "PPid") == std::to_string(parent) && status_of(pid, "Name") == "flowrra-probe") return pid;
    }
    std::this_thread::yield();
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(hosts_gain_no_privileges_and_see_neither_the_environment_nor_the_files_of_their_node) {
  const mode_t before = umask(0);
  const Workplace workplace({.plugins = {fixture("faulty.so")}});
  Command command = in_a_careless_environment(workplace.command({"run"}));
  command.environment.push_back("FLOWRRA_BROKER_URL=sqlite://store/flowrra.db");
  Process node(command);
  umask(before);
  node.wait_for_error_text("ready: ");
  for (const char* task : {"faulty.cpu_echo", "faulty.io_echo"}) {
    BOOST_TEST(workplace.ended(workplace.submit({task}))["state"] == "success");
  }
  int hosts = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const int pid = std::stoi(name);
    if (status_of(pid, "PPid") != std::to_string(node.pid())) continue;
    ++hosts;
    check_stance(pid, 3);
  }
  BOOST_TEST(hosts >= 2);
  node.signal(SIGTERM);
  BOOST_TEST(node.wait().code() == 0);
}

BOOST_AUTO_TEST_CASE(a_probe_is_held_to_the_same_and_dies_with_who_asked) {
  const mode_t before = umask(0);
  const Workplace workplace({.plugins = {}});
  Process command(in_a_careless_environment(workplace.command({"plugin", "check", fixture("bad_hang.so")})));
  umask(before);
  const int probe = probe_of(command.pid());
  BOOST_REQUIRE(probe > 0);
  check_stance(probe, 1);
  const flowrra::UniqueFd end(static_cast<int>(syscall(SYS_pidfd_open, probe, 0)));
  command.signal(SIGKILL);
  pollfd entry{end.get(), POLLIN, 0};
  BOOST_TEST(poll(&entry, 1, 30'000) == 1);
}
