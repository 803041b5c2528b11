// Several processes on one SQLite store: locks, competition, sudden death, the WAL under load.

#ifdef FLOWRRA_WITH_SQLITE

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "sqlite_access.hpp"

namespace flowrra::test {
namespace {

namespace fs = std::filesystem;

// Runs `work` in a child process, which exits with what it returns. No store of this process may be open.
template <typename Work>
pid_t in_child(Work work) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(work());
  BOOST_REQUIRE(pid > 0);
  return pid;
}

int exit_code(pid_t pid) {
  int status = 0;
  BOOST_REQUIRE_EQUAL(::waitpid(pid, &status, 0), pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_processes)

BOOST_AUTO_TEST_CASE(a_transaction_of_another_program_ends_in_busy_with_a_hint) {
  const TempDir folder;
  const auto store = must(try_open(path_of(folder), 50ms));
  RawDatabase other(path_of(folder));
  other.run("BEGIN IMMEDIATE");
  const auto refused = store->broker().push(std::vector{task("a")}, 10);
  BOOST_TEST(code_of(refused) == Code::busy);
  BOOST_TEST(!refused.error().hint.empty());
  BOOST_TEST(!must(store->broker().find("a")).has_value());  // reading goes on
  other.run("ROLLBACK");
  must(store->broker().push(std::vector{task("a")}, 10));
}

BOOST_AUTO_TEST_CASE(a_lock_that_is_held_ends_in_busy_with_a_hint) {
  const TempDir folder;
  const auto store = must(try_open(path_of(folder), 50ms));
  const UniqueFd lock(::open((path_of(folder) + ".lock").c_str(), O_RDWR | O_CLOEXEC));
  BOOST_REQUIRE_EQUAL(::flock(lock.get(), LOCK_EX), 0);
  const auto refused = store->broker().push(std::vector{task("a")}, 10);
  BOOST_TEST(code_of(refused) == Code::busy);
  BOOST_TEST(!refused.error().hint.empty());
  ::flock(lock.get(), LOCK_UN);
  must(store->broker().push(std::vector{task("a")}, 10));
}

BOOST_AUTO_TEST_CASE(the_wal_stays_small_under_load_even_with_readers) {
  Bench<Sqlite> bench;
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    const auto store = bench.open();
    while (!stop) [[maybe_unused]] const auto listed = store->broker().list({});
  });
  std::uintmax_t largest = 0;
  ExchangeRequest turn;
  turn.take = bench.request(500);
  for (int round = 0; round < 60; ++round) {
    std::vector<NewTask> tasks;
    for (int i = 0; i < 500; ++i) {
      tasks.push_back(task(std::to_string(round) + "." + std::to_string(i)));
      tasks.back().args = "[\"" + std::string(200, 'x') + "\"]";
    }
    bench.push(tasks);
    const auto answer = must(bench.broker().exchange(turn));
    turn.settlements.clear();
    for (const auto& leased : answer.taken) turn.settlements.push_back(to(State::success, leased));
    largest = std::max(largest, fs::file_size(path_of(bench.folder()) + "-wal"));
  }
  stop = true;
  reader.join();
  BOOST_TEST(largest < 48U << 20);                                // a loaded machine lets readers hold it for longer
  BOOST_TEST(fs::file_size(path_of(bench.folder())) > 4U << 20);  // so it was checkpointed
}

BOOST_AUTO_TEST_CASE(the_wal_stays_short_where_nobody_stays) {
  const TempDir folder;
  StoreOptions options;
  options.url = "sqlite://" + path_of(folder);
  options.durability = Durability::normal;
  std::uintmax_t largest = 0;
  for (int i = 0; i < 500; ++i) {
    const auto store = must(open_store(options));
    must(store->broker().push(std::vector{task(std::to_string(i))}, 0));
    largest = std::max(largest, fs::file_size(path_of(folder) + "-wal"));
  }
  BOOST_TEST(largest < 3U << 19);
}

BOOST_AUTO_TEST_CASE(processes_that_compete_take_each_task_once) {
  const TempDir folder;
  constexpr int kTasks = 1000;
  {
    const auto store = must(try_open(path_of(folder)));
    std::vector<NewTask> tasks;
    tasks.reserve(kTasks);
    for (int i = 0; i < kTasks; ++i) tasks.push_back(task("t" + std::to_string(i)));
    must(store->broker().push(tasks, kTasks));
  }
  const auto drain = [&](const std::string& node) {
    const auto store = try_open(path_of(folder), 20s);
    Session session;
    session.id = node;
    session.node = node;
    if (!store || !(*store)->directory().open_session(session, 60s)) return 1;
    std::ofstream taken(folder / node);
    ExchangeRequest turn;
    turn.take = TakeRequest{node, node, {"default"}, {{9, {"work"}}}};
    for (;;) {
      const auto answer = (*store)->broker().exchange(turn);
      if (!answer) return 2;
      turn.settlements.clear();
      for (const auto& leased : answer->taken) {
        taken << leased.task.id << '\n';
        turn.settlements.push_back(to(State::success, leased));
      }
      for (const bool settled : answer->settled) {
        if (!settled) return 3;
      }
      if (answer->taken.empty()) break;
    }
    taken.flush();
    return 0;
  };
  std::vector<pid_t> nodes;
  nodes.reserve(3);
  for (int n = 0; n < 3; ++n) nodes.push_back(in_child([&] { return drain("node" + std::to_string(n)); }));
  for (const pid_t node : nodes) BOOST_TEST(exit_code(node) == 0);
  std::multiset<std::string> taken;
  for (int n = 0; n < 3; ++n) {
    std::ifstream file(folder / ("node" + std::to_string(n)));
    for (std::string id; std::getline(file, id);) taken.insert(id);
  }
  BOOST_TEST(taken.size() == kTasks);
  BOOST_TEST((std::set(taken.begin(), taken.end()).size() == kTasks));
}

BOOST_AUTO_TEST_CASE(nothing_acknowledged_is_lost_when_the_writer_is_killed) {
  const TempDir folder;
  must(try_open(path_of(folder)));
  int pipes[2];
  BOOST_REQUIRE_EQUAL(::pipe(pipes), 0);
  const UniqueFd acks_in(pipes[0]);
  UniqueFd acks_out(pipes[1]);
  std::set<int> acknowledged;
  for (int round = 0; round < 5; ++round) {
    const pid_t writer = in_child([&] {
      const auto store = try_open(path_of(folder), 20s);
      for (int i = round * 100'000; store; ++i) {
        const auto pushed = (*store)->broker().push(std::vector{task("t" + std::to_string(i))}, 1'000'000);
        if (!pushed || ::write(acks_out.get(), &i, sizeof i) != sizeof i) break;
      }
      return 1;
    });
    for (int seen = 0; seen < 20; ++seen) {
      int ack = 0;
      BOOST_REQUIRE_EQUAL(::read(acks_in.get(), &ack, sizeof ack), ssize_t{sizeof ack});
      acknowledged.insert(ack);
    }
    ::kill(writer, SIGKILL);
    exit_code(writer);
  }
  acks_out.reset();
  for (int ack = 0; ::read(acks_in.get(), &ack, sizeof ack) == sizeof ack;) acknowledged.insert(ack);
  const auto store = must(try_open(path_of(folder)));
  for (const int ack : acknowledged) {
    BOOST_TEST(must(store->broker().find("t" + std::to_string(ack))).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_session_whose_process_is_gone_dies_with_the_next_look_and_its_tasks_run_again) {
  const TempDir folder;
  const pid_t gone = in_child([] { return 0; });
  exit_code(gone);
  const auto store = must(try_open(path_of(folder)));
  Session dead;
  dead.id = "dead";
  dead.pid = gone;
  Session alive;
  alive.id = "alive";
  alive.pid = ::getpid();
  Session other_life;  // its pid was given to another process since
  other_life.id = "other";
  other_life.pid = ::getpid();
  other_life.pid_start = 1;
  for (const Session& session : {alive, other_life, dead}) must(store->directory().open_session(session, 60s));
  for (const NodeStatus& node : must(store->directory().nodes())) {
    BOOST_TEST(node.alive == (node.session.id == "alive"), node.session.id);
    BOOST_TEST(node.gone == !node.alive, node.session.id);
  }
  must(store->broker().push(std::vector{task("a"), task("b")}, 10));
  BOOST_REQUIRE_EQUAL(must(store->broker().take({"dead", "dead", {"default"}, {{1, {"work"}}}})).size(), 1);
  BOOST_REQUIRE_EQUAL(must(store->broker().take({"alive", "alive", {"default"}, {{1, {"work"}}}})).size(), 1);
  BOOST_TEST(must(store->broker().recover()) == 1);
  BOOST_TEST(must(store->broker().find("a")).value().state == State::pending);
  BOOST_TEST(must(store->broker().find("b")).value().state == State::running);
  must(store->directory().heartbeat("alive", 60s));
  BOOST_TEST(code_of(store->directory().heartbeat("dead", 60s)) == Code::stale);
  BOOST_TEST(code_of(store->directory().heartbeat("other", 60s)) == Code::stale);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
