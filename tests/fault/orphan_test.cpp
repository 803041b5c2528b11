// Whatever a task has started, in whatever session, with its parent or without: none of it outlives the host's end or
// the node's stop, the node goes on, and no dead process is left unreaped.
#include <signal.h>
#include <sys/wait.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/process_stat.hpp"
#include "fault/witness.hpp"
#include "support/gate.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;
namespace data = boost::unit_test::data;

BOOST_TEST_GLOBAL_FIXTURE(Orphanage);

namespace {

constexpr int kAll = 203;

const Setup kNode{.plugins = {fixture("leftovers.so"), fixture("gate.so"), fixture("waits.so"), fixture("faulty.so")},
                  .executor = "lease = 2.0\ncpu_workers = 2\nkill_grace = 0.4\ndrain_timeout = 0.3\n"};

const std::array<std::string, 3> kKinds{"cpu", "io", "blocking"};

// The children of a process, by state: those that run, and those that are dead and not reaped.
std::pair<int, int> children_of(pid_t parent) {
  std::pair<int, int> out;
  const std::string tasks = "/proc/" + std::to_string(parent) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(tasks)) {
    std::ifstream file(thread.path() / "children");
    for (pid_t pid = 0; file >> pid;) {
      const auto stat = flowrra::process_stat(pid);
      if (stat) ++(stat->state == 'Z' ? out.second : out.first);
    }
  }
  return out;
}

// Waits until a process has so many children that run, and none that is dead.
bool comes_to_have(pid_t parent, int children) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (children_of(parent) != std::pair(children, 0)) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    poll(nullptr, 0, 5);
  }
  return true;
}

std::string submit(const Workplace& workplace, const std::string& kind, const Witness& witness, const char* what,
                   const char* end) {
  return workplace.submit({"leftovers." + kind, witness.path(), what, end});
}

void stop(Process& node) {
  node.signal(SIGTERM);
  BOOST_TEST(node.wait().code() == 0);
}

constexpr int kHosts = 3;  // two for cpu tasks, one for io

}  // namespace

BOOST_DATA_TEST_CASE(a_task_that_is_killed_takes_all_that_it_started_with_it, data::make(kKinds), kind) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  const auto node = workplace.node();
  const std::string id = submit(workplace, kind, witness, "all", "hang");
  witness.born(kAll);
  BOOST_TEST(workplace.flowrra({"cancel", id}).code() == 0);
  BOOST_TEST(workplace.ended(id)["state"] == "cancelled");
  BOOST_TEST(witness.gone());
  BOOST_TEST(comes_to_have(node->pid(), kHosts));
  BOOST_TEST(workplace.ended(workplace.submit({"faulty.cpu_echo"}))["state"] == "success");
  stop(*node);
}

BOOST_DATA_TEST_CASE(a_task_that_runs_out_of_time_takes_all_that_it_started_with_it, data::make(kKinds), kind) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  const auto node = workplace.node();
  const std::string id = workplace.submit(
      {"--timeout", "300ms", "--max-retries", "0", "leftovers." + kind, witness.path(), "daemon", "hang"});
  BOOST_TEST(workplace.ended(id)["state"] == "failed");
  BOOST_TEST(witness.gone());
  stop(*node);
}

BOOST_DATA_TEST_CASE(a_host_that_dies_leaves_nothing, data::make(kKinds), kind) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  const auto node = workplace.node();
  const Json record = workplace.ended(submit(workplace, kind, witness, "all", "abort"));
  BOOST_TEST(record["state"] == "failed");
  BOOST_TEST(record["crashes"] == 1);
  BOOST_TEST(witness.gone());
  BOOST_TEST(comes_to_have(node->pid(), kHosts));
  stop(*node);
}

BOOST_DATA_TEST_CASE(a_node_that_stops_leaves_nothing_of_tasks_that_run, data::make(kKinds) * data::make({1, 2}), kind,
                     signals) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  const auto node = workplace.node();
  submit(workplace, kind, witness, "all", "hang");
  witness.born(kAll);
  node->signal(SIGTERM);
  if (signals == 2) node->wait_for_error_text("draining");
  if (signals == 2) node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
  BOOST_TEST(!witness.held());  // not later than the node itself
}

BOOST_DATA_TEST_CASE(a_node_that_stops_leaves_nothing_of_tasks_that_are_over, data::make(kKinds), kind) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  const auto node = workplace.node();
  BOOST_TEST(workplace.ended(submit(workplace, kind, witness, "all", "return"))["state"] == "success");
  witness.born(kAll);
  stop(*node);
  BOOST_TEST(!witness.held());
}

BOOST_DATA_TEST_CASE(a_task_run_by_hand_leaves_nothing, data::make(kKinds) * data::make({"return", "abort"}), kind,
                     end) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  Process exec(workplace.command({"exec", "leftovers." + kind, witness.path(), "all", end}));
  exec.wait();
  BOOST_TEST(!witness.held());
}

BOOST_AUTO_TEST_CASE(orphans_end_with_their_cpu_task_and_its_host_goes_on_with_its_children) {
  const Workplace workplace(kNode);
  Witness orphan(workplace);
  Witness child(workplace, "child");
  const auto node = workplace.node();
  BOOST_TEST(workplace.ended(submit(workplace, "cpu", child, "child", "return"))["state"] == "success");
  BOOST_TEST(workplace.ended(submit(workplace, "cpu", orphan, "daemon", "return"))["state"] == "success");
  orphan.born(1);
  BOOST_TEST(orphan.gone());
  BOOST_TEST(comes_to_have(node->pid(), kHosts));
  BOOST_TEST(child.held());  // a plugin may keep a helper
  stop(*node);
  BOOST_TEST(!child.held());
}

BOOST_AUTO_TEST_CASE(what_lives_beside_the_dead_stays) {
  const Workplace workplace(kNode);
  const Gate gate(workplace);
  Witness dying(workplace);
  Witness daemon(workplace, "daemon");
  const auto node = workplace.node();
  const std::string beside = workplace.submit({"gate.cpu", gate.path()});
  gate.reached(1);
  BOOST_TEST(workplace.ended(submit(workplace, "io", daemon, "daemon", "return"))["state"] == "success");
  daemon.born(1);
  BOOST_TEST(workplace.ended(submit(workplace, "cpu", dying, "all", "abort"))["state"] == "failed");
  BOOST_TEST(dying.gone());
  BOOST_TEST(daemon.held());  // of the io host, which lives
  gate.open();
  const Json record = workplace.ended(beside);
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 1);
  stop(*node);
  BOOST_TEST(!daemon.held());
}

BOOST_AUTO_TEST_CASE(a_program_that_a_coroutine_runs_ends_with_it) {
  const Workplace workplace(kNode);
  Witness program(workplace);
  Witness escaped(workplace, "escaped");
  const auto node = workplace.node();
  const std::string script = "exec 8>" + program.path() + " 9>" + escaped.path() +
                             "; echo >&8; setsid sh -c 'exec 8>&-; echo >&9; sleep 1000000' & exec 9>&-; "
                             "sleep 1000000 & sleep 1000000";
  const std::string id = workplace.submit({"waits.program", script});
  program.born(1);
  escaped.born(1);
  BOOST_TEST(workplace.flowrra({"cancel", id}).code() == 0);
  BOOST_TEST(workplace.ended(id)["state"] == "cancelled");
  BOOST_TEST(program.gone());
  BOOST_TEST(escaped.held());  // with the io host, which goes on
  stop(*node);
  BOOST_TEST(!escaped.held());
}

BOOST_AUTO_TEST_CASE(what_a_killed_node_left_behind_is_ended_by_the_next_one) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  auto node = workplace.node();
  submit(workplace, "cpu", witness, "child", "hang");
  submit(workplace, "blocking", witness, "daemon", "hang");
  witness.born(2);
  node->signal(SIGKILL);
  node->wait();
  BOOST_TEST(witness.held());
  const Workplace elsewhere(kNode);
  node = elsewhere.node();
  BOOST_TEST(witness.gone());
  stop(*node);
  reap_orphans();
}

BOOST_AUTO_TEST_CASE(processes_that_no_task_has_started_are_left_alone) {
  const Workplace workplace(kNode);
  Witness witness(workplace);
  Witness others(workplace, "others");
  Witness release(workplace, "release");
  Command command = workplace.command({"run"});
  // A child of the node's own from before, and an orphan of that.
  const std::string beside = "exec 9>" + others.path() + "; (sh -c 'echo >&9; read x <" + release.path() +
                             "' &); echo >&9; read x <" + release.path();
  command.line.insert(command.line.begin(), {"/bin/sh", "-c", "(" + beside + ") & exec \"$@\"", "sh"});
  Process node(command);
  node.wait_for_error_text("ready: ");
  others.born(2);
  BOOST_TEST(workplace.ended(submit(workplace, "cpu", witness, "child", "abort"))["state"] == "failed");
  BOOST_TEST(workplace.ended(submit(workplace, "cpu", witness, "all", "abort"))["state"] == "failed");
  BOOST_TEST(witness.gone());
  stop(node);
  BOOST_TEST(others.held());
  const flowrra::UniqueFd word(open(release.path().c_str(), O_RDWR | O_CLOEXEC));
  BOOST_TEST(write(word.get(), "\n\n", 2) == 2);
  BOOST_TEST(others.gone());
  reap_orphans();
}

namespace {

constexpr const char* kStranger = "54321";  // a user without any process

// Whether a user who is not root can use what was built.
bool others_may_run_it() {
  if (geteuid() != 0 || access("/usr/bin/setpriv", X_OK) != 0) return false;
  Command look;
  look.line = {"/usr/bin/setpriv",
               "--reuid",
               kStranger,
               "--regid",
               kStranger,
               "--clear-groups",
               "/usr/bin/test",
               "-r",
               fixture("leftovers.so"),
               "-a",
               "-x",
               program("flowrra")};
  return run(look).code() == 0;
}

void give_away(const std::filesystem::path& path) {
  const auto user = static_cast<uid_t>(std::stoul(kStranger));
  if (chown(path.c_str(), user, user) != 0) throw std::runtime_error("chown");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_fork_bomb_without_end_is_bounded_by_the_processes_that_it_may_have) {
  if (!others_may_run_it()) {
    BOOST_TEST_MESSAGE("skipped: the limit does nothing for root, and no other user can be had here");
    return;
  }
  Setup setup = kNode;
  setup.more = "[tasks.\"leftovers.cpu\"]\nprocesses = 80\n";
  const Workplace workplace(setup);
  Witness witness(workplace);
  give_away(workplace.path());
  give_away(workplace / "flowrra.toml");
  const auto as_stranger = [&](std::vector<std::string> arguments) {
    Command command = workplace.command(std::move(arguments));
    command.line.insert(command.line.begin(),
                        {"/usr/bin/setpriv", "--reuid", kStranger, "--regid", kStranger, "--clear-groups"});
    return command;
  };
  Process node(as_stranger({"run"}));
  node.wait_for_error_text("ready: ");
  const Outcome bomb = run(as_stranger({"submit", "leftovers.cpu", witness.path(), "endless", "hang"}));
  BOOST_REQUIRE(bomb.code() == 0);
  const std::string id = bomb.out.substr(0, bomb.out.find('\n'));
  witness.born(10);
  const Outcome beside = run(as_stranger({"submit", "faulty.cpu_echo", "--wait"}));
  BOOST_TEST(beside.code() == 0, beside.err);
  BOOST_TEST(run(as_stranger({"cancel", id})).code() == 0);
  BOOST_TEST(witness.gone());
  BOOST_TEST(comes_to_have(node.pid(), kHosts));
  stop(node);
}
