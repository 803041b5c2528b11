// What the SQLite store promises beyond the contract: its files, strangers' files, damaged rows, other processes.

#ifdef FLOWRRA_WITH_SQLITE

#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "sqlite_access.hpp"

namespace flowrra::test {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_file(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

unsigned mode_of(const fs::path& path) {
  struct stat info {};
  BOOST_REQUIRE_EQUAL(::stat(path.c_str(), &info), 0);
  return info.st_mode & 07777;
}

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

BOOST_AUTO_TEST_SUITE(sqlite)

BOOST_AUTO_TEST_CASE(the_store_and_its_folder_belong_to_their_owner_alone) {
  const TempDir folder;
  const fs::path path = folder / "new" / "folder" / "store.db";
  const auto store = must(try_open(path));
  must(store->broker().push(std::vector{task("a")}, 10));
  store->broker().wake_fd();
  store->backend().wake_fd();
  BOOST_TEST(mode_of(path.parent_path()) == 0700);
  BOOST_TEST(mode_of(folder / "new") == 0700);
  for (const std::string suffix : {"", "-wal", "-shm", ".lock", ".wake", ".done"}) {
    BOOST_TEST_CONTEXT(suffix) { BOOST_TEST(mode_of(path.string() + suffix) == 0600); }
  }
}

BOOST_AUTO_TEST_CASE(paths_with_odd_characters_are_paths) {
  const TempDir folder;
  const fs::path path = folder / "a b?c=%41#&ü" / "s?mode=memory.db";
  must(must(try_open(path))->broker().push(std::vector{task("a")}, 10));
  BOOST_TEST(fs::exists(path));
  BOOST_TEST(must(must(try_open(path))->broker().find("a")).has_value());
}

BOOST_AUTO_TEST_CASE(a_url_without_a_file_is_refused) {
  for (const std::string path : {"", "/", "folder/"}) BOOST_TEST(code_of(try_open(path)) == Code::config);
}

BOOST_AUTO_TEST_CASE(symbolic_links_are_not_followed) {
  const TempDir folder;
  write_file(folder / "victim", "");
  fs::create_symlink(folder / "victim", folder / "link.db");
  BOOST_TEST(!try_open(folder / "link.db").ok());
  fs::create_symlink(folder / "victim", folder / "store.db.lock");
  BOOST_TEST(!try_open(folder / "store.db").ok());
  BOOST_TEST(content(folder / "victim").empty());
}

BOOST_AUTO_TEST_CASE(a_folder_reached_through_a_link_is_the_same_store) {
  const TempDir folder;
  fs::create_directory(folder / "real");
  fs::create_symlink(folder / "real", folder / "alias");
  const auto direct = must(try_open(folder / "real" / "store.db"));
  const auto linked = must(try_open(folder / "alias" / "store.db"));
  const int work = linked->broker().wake_fd();
  must(direct->broker().push(std::vector{task("a")}, 10));
  BOOST_TEST(rings(work));
  BOOST_TEST(must(linked->broker().find("a")).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_refused_and_left_alone) {
  const TempDir folder;
  const std::string text(5000, 'x');
  write_file(folder / "store.db", text);
  BOOST_TEST(code_of(try_open(path_of(folder))) == Code::corrupt);
  BOOST_TEST((content(folder / "store.db") == text));
}

BOOST_AUTO_TEST_CASE(a_database_of_another_program_is_refused_and_left_alone) {
  const TempDir folder;
  RawDatabase(path_of(folder)).run("CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)");
  const std::string before = content(folder / "store.db");
  BOOST_TEST(code_of(try_open(path_of(folder))) == Code::corrupt);
  BOOST_TEST((content(folder / "store.db") == before));
}

BOOST_AUTO_TEST_CASE(a_store_of_a_newer_version_is_refused_with_both_versions) {
  const TempDir folder;
  must(try_open(path_of(folder)));
  RawDatabase(path_of(folder)).run("PRAGMA user_version = 99");
  const auto refused = try_open(path_of(folder));
  BOOST_TEST(code_of(refused) == Code::newer_version);
  BOOST_TEST(refused.error().message.find("99") != std::string::npos);
  BOOST_TEST(!refused.error().hint.empty());
}

BOOST_AUTO_TEST_CASE(an_empty_file_becomes_a_store) {
  const TempDir folder;
  write_file(folder / "store.db", "");
  must(must(try_open(path_of(folder)))->broker().push(std::vector{task("a")}, 10));
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_written_is_denied) {
  const TempDir folder;
  fs::permissions(folder.path(),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  Code code = Code::internal;
  std::thread([&] {  // the raw call changes this thread alone; root passes every mode
    if (::geteuid() == 0) ::syscall(SYS_setresuid, 65534, 65534, 65534);
    const auto store = try_open(path_of(folder));
    if (!store) code = store.error().code;
  })
      .join();
  fs::permissions(folder.path(), fs::perms::owner_all);
  BOOST_TEST(code == Code::denied);
}

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

BOOST_AUTO_TEST_CASE(rows_that_cannot_be_read_are_kept_as_failed_and_the_rest_goes_on) {
  Bench<Sqlite> bench;
  std::vector<NewTask> tasks{task("good1"), task("options"), task("kind"), task("tags"), task("good2"), task("odd")};
  bench.push(tasks);
  RawDatabase raw(path_of(bench.folder()));
  raw.run(
      "UPDATE task SET options = '{{{' WHERE id = 'options'; UPDATE task SET kind = 77 WHERE id = 'kind';"
      "UPDATE task SET tags = x'fffe00' WHERE id = 'tags';"
      "UPDATE task SET args = 12.5, priority = 'x', attempt = 'many', submitted_at = x'00' WHERE id = 'odd'");
  const int outcomes = bench.backend().wake_fd();
  BOOST_TEST(ids(bench.take(3)) == Ids{"good1"});
  BOOST_TEST(rings(outcomes));
  bench.take(100);
  for (const std::string id : {"options", "kind", "tags"}) {
    const TaskRecord failed = bench.find(id);
    BOOST_TEST(failed.state == State::failed);
    BOOST_TEST(failed.error->code == "undecodable");
    BOOST_TEST(failed.args == "[]");
  }
  BOOST_TEST(bench.state("good2") == State::running);
  BOOST_TEST(bench.count(State::running) == 3);
  BOOST_TEST(bench.count(State::failed) == 3);
}

BOOST_AUTO_TEST_CASE(rows_of_no_lane_or_state_do_not_stop_a_list) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b"), task("c")});
  RawDatabase raw(path_of(bench.folder()));
  raw.run("UPDATE task SET lane = 999 WHERE id = 'a'; UPDATE task SET state = 55 WHERE id = 'b'");
  BOOST_TEST(must(bench.broker().list({})).size() >= 2);
  BOOST_TEST(must(bench.broker().find("b")).has_value());
  BOOST_TEST(ids(bench.take()) == Ids{"c"});
  BOOST_TEST(must(bench.broker().cancel(Ids{"b"})) == std::vector<bool>{false});
}

BOOST_AUTO_TEST_CASE(running_tasks_are_recovered_by_state_whatever_session_they_name) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b"), task("c")});
  bench.take();
  RawDatabase raw(path_of(bench.folder()));
  raw.run("UPDATE task SET session = NULL WHERE id = 'a'; UPDATE task SET session = 12345 WHERE id = 'b'");
  BOOST_TEST(must(bench.broker().recover()) == 2);
  BOOST_TEST(bench.state("c") == State::running);
  raw.run("DELETE FROM session");
  BOOST_TEST(must(bench.broker().recover()) == 1);
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused_and_never_crash) {
  const TempDir folder;
  {
    const auto store = must(try_open(path_of(folder)));
    std::vector<NewTask> tasks;
    for (int i = 0; i < 300; ++i) tasks.push_back(task("t" + std::to_string(i)));
    must(store->broker().push(tasks, 1000));
  }
  RawDatabase(path_of(folder)).run("PRAGMA wal_checkpoint(TRUNCATE)");
  const std::string whole = content(folder / "store.db");
  unsigned random = 12345;
  for (int round = 0; round < 60; ++round) {
    std::string broken = whole;
    const bool cut = round % 3 == 0;
    if (cut) broken.resize(whole.size() * static_cast<std::size_t>(round) / 60);
    for (int flip = 0; !cut && flip < 1 + round * 4; ++flip) {
      random = random * 1664525 + 1013904223;
      broken[(random >> 8) % broken.size()] ^= static_cast<char>(1 << (random % 8));
    }
    for (const std::string suffix : {"-wal", "-shm"}) fs::remove(path_of(folder) + suffix);
    write_file(folder / "store.db", broken);
    const auto store = try_open(path_of(folder));
    if (!store) continue;
    Session session;
    session.id = "s";
    [[maybe_unused]] const auto opened = (*store)->directory().open_session(session, 30s);
    [[maybe_unused]] const auto listed = (*store)->broker().list({});
    [[maybe_unused]] const auto taken = (*store)->broker().take({"s", "n", {"default"}, {{50, {"work"}}}});
    [[maybe_unused]] const auto recovered = (*store)->broker().recover();
    [[maybe_unused]] const auto cleared = (*store)->backend().clear();
  }
  BOOST_TEST(true);
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
  BOOST_TEST(largest < 24U << 20);
  BOOST_TEST(fs::file_size(path_of(bench.folder())) > 4U << 20);  // so it was checkpointed
}

BOOST_AUTO_TEST_CASE(processes_that_compete_take_each_task_once) {
  const TempDir folder;
  constexpr int kTasks = 1000;
  {
    const auto store = must(try_open(path_of(folder)));
    std::vector<NewTask> tasks;
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

BOOST_AUTO_TEST_CASE(a_session_whose_process_is_gone_dies_when_another_opens) {
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
  Session next;
  next.id = "next";
  must(store->directory().open_session(next, 60s));
  must(store->directory().heartbeat("alive", 60s));
  BOOST_TEST(code_of(store->directory().heartbeat("dead", 60s)) == Code::stale);
  BOOST_TEST(code_of(store->directory().heartbeat("other", 60s)) == Code::stale);
}

BOOST_AUTO_TEST_CASE(everything_is_there_after_reopening) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b")});
  const auto leased = bench.take_one();
  bench.reopen();
  BOOST_TEST(bench.settle(to(State::success, leased)));
  BOOST_TEST(ids(bench.take()) == Ids{"b"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
