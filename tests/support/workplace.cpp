#include "support/workplace.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <exception>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace flowrra::test {
namespace {

std::vector<std::string> complete_lines(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line) && !file.eof();) lines.push_back(line);
  return lines;
}

// A node whose output is shown when its test case has failed.
class Node final : public Process {
 public:
  using Process::Process;
  ~Node() override {
    const auto& current = boost::unit_test::framework::current_test_case();
    if (std::uncaught_exceptions() > 0 || !boost::unit_test::results_collector.results(current.p_id).passed()) {
      std::cerr << "--- the node wrote:\n" << err() << "---\n";
    }
  }
};

nlohmann::json parse_record(const Outcome& outcome) {
  auto record = nlohmann::json::parse(outcome.out, nullptr, false);
  if (!record.is_object() || !record.contains("state")) {
    throw std::runtime_error("no record: " + outcome.out + outcome.err);
  }
  return record;
}

}  // namespace

Workplace::Workplace(const Setup& setup) {
  std::ofstream file(folder_ / "flowrra.toml");
  file << "[broker]\nurl = \"" << (setup.broker.empty() ? "sqlite://store/flowrra.db" : setup.broker) << "\"\n"
       << setup.broker_more;
  if (!setup.backend.empty() || !setup.backend_more.empty()) file << "[backend]\n" << setup.backend_more;
  if (!setup.backend.empty()) file << "url = \"" << setup.backend << "\"\n";
  file << "[executor]\n" << setup.executor << "\n[plugins]\npaths = [";
  for (const std::string& plugin : setup.plugins) file << "\"" << plugin << "\", ";
  file << "]\n" << setup.more << "\n";
}

Command Workplace::command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), program("flowrra"));
  const std::string here = path();
  return {std::move(arguments),
          {"FLOWRRA_CONFIG=" + here + "/flowrra.toml", "XDG_DATA_HOME=" + here, "XDG_CACHE_HOME=" + here},
          {},
          here};
}

Outcome Workplace::flowrra(std::vector<std::string> arguments) const { return run(command(std::move(arguments))); }

std::string Workplace::submit(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "submit");
  Outcome outcome = flowrra(std::move(arguments));
  if (outcome.code() != 0) throw std::runtime_error("submit: " + outcome.out + outcome.err);
  while (!outcome.out.empty() && outcome.out.back() == '\n') outcome.out.pop_back();
  return outcome.out;
}

nlohmann::json Workplace::record(const std::string& id) const {
  return parse_record(flowrra({"result", id, "-o", "json"}));
}

nlohmann::json Workplace::ended(const std::string& id) const {
  return parse_record(flowrra({"result", id, "--wait", "--timeout", std::to_string(kPatience.count()), "-o", "json"}));
}

std::unique_ptr<Process> Workplace::node(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "run");
  auto process = std::make_unique<Node>(command(std::move(arguments)));
  process->wait_for_error_text("ready: ");
  return process;
}

std::vector<std::string> Workplace::lines(const std::string& file, std::size_t wanted) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  const UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  inotify_add_watch(changes.get(), path().c_str(), IN_MODIFY | IN_CREATE | IN_CLOSE_WRITE);
  for (;;) {
    auto found = complete_lines(*this / file);
    if (found.size() >= wanted) return found;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd entry{changes.get(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&entry, 1, static_cast<int>(left.count())) <= 0) {
      throw std::runtime_error(file + " has only " + std::to_string(found.size()) + " lines");
    }
    clear_wake(changes.get());
  }
}

void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

bool childless() {
  for (;;) {
    const pid_t ended = waitpid(-1, nullptr, WNOHANG);
    if (ended == 0) return false;
    if (ended < 0 && errno == ECHILD) return true;
  }
}

void reap_orphans() {
  while (waitpid(-1, nullptr, 0) >= 0 || errno == EINTR) {
  }
}

}  // namespace flowrra::test
