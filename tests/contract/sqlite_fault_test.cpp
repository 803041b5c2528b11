// What the SQLite store does when the disk does not do its part, and when it asks it to be durable.

#ifdef FLOWRRA_WITH_SQLITE

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <utility>

#include "sqlite_access.hpp"

namespace {

std::atomic<int> syncs{0};
std::atomic<int> folder_syncs{0};   // of them
std::atomic<int> failing_syncs{0};  // this many of the next ones fail

int counted_sync(long call, int fd) {
  ++syncs;
  struct stat about {};
  if (::fstat(fd, &about) == 0 && S_ISDIR(about.st_mode)) ++folder_syncs;
  if (failing_syncs > 0) {
    --failing_syncs;
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(call, fd));
}

std::atomic<int> writes_left{-1};  // so many succeed, then the disk is full; -1: it never is

ssize_t limited_write(int fd, const void* bytes, size_t size, off_t offset) {
  if (writes_left == 0) {
    errno = ENOSPC;
    return -1;
  }
  if (writes_left > 0) --writes_left;
  return ::pwrite(fd, bytes, size, offset);
}

// Puts limited_write in the place of pwrite in SQLite's file access while it lives.
class FullDisk {
 public:
  FullDisk() { set(reinterpret_cast<sqlite3_syscall_ptr>(&limited_write)); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    writes_left = -1;
    set(nullptr);
  }

 private:
  static void set(sqlite3_syscall_ptr function) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (const char* name : {"pwrite", "pwrite64"}) vfs->xSetSystemCall(vfs, name, function);
  }
};

}  // namespace

// In place of the C library's, for everything that is linked into this program.
extern "C" int fdatasync(int fd) { return counted_sync(SYS_fdatasync, fd); }
extern "C" int fsync(int fd) { return counted_sync(SYS_fsync, fd); }

namespace {

std::function<void()> between;  // what happens once after a writer has released the store's lock and before it syncs

}  // namespace

extern "C" int flock(int fd, int operation) noexcept {
  const int result = static_cast<int>(::syscall(SYS_flock, fd, operation));
  if (operation == LOCK_UN && between) std::exchange(between, nullptr)();
  return result;
}

namespace flowrra::test {
namespace {

// How often the disk is asked to sync by `work`.
template <typename Work>
int syncs_of(Work work, const std::atomic<int>& counted = syncs) {
  const int before = counted;
  work();
  return counted - before;
}

std::unique_ptr<Store> with_session(const TempDir& folder, Durability durability) {
  auto store = must(try_open(path_of(folder), 5s, durability));
  Session session;
  session.id = "node";
  must(store->directory().open_session(session, 600s));
  return store;
}

TakeRequest take_one() { return {"node", "node", {"default"}, {{1, {"work"}}}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_faults)

BOOST_AUTO_TEST_CASE(what_is_acknowledged_is_synced_and_a_claim_is_not) {
  const TempDir folder;
  const auto store = with_session(folder, Durability::full);
  Broker& broker = store->broker();
  BOOST_TEST(syncs_of([&] { must(broker.push(std::vector{task("a"), task("b")}, 10)); }) >= 1);
  BOOST_TEST(syncs_of([&] { must(broker.push(std::vector{task("c")}, 10)); }) == 1);
  BOOST_TEST(syncs_of([&] { must(broker.push(std::vector{task("c")}, 10)); }) == 1);  // the first may not be synced yet
  BOOST_TEST(syncs_of([&] { must(broker.push(std::vector{task("d")}, 1)); }) == 0);
  std::vector<LeasedTask> taken;
  BOOST_TEST(syncs_of([&] { taken = must(broker.take(take_one())); }) == 0);
  BOOST_REQUIRE_EQUAL(taken.size(), 1);
  ExchangeRequest turn;
  turn.settlements = {to(State::success, taken[0])};
  turn.take = take_one();
  BOOST_TEST(syncs_of([&] { must(broker.exchange(turn)); }) == 1);
  BOOST_TEST(syncs_of([&] { must(broker.settle({to(State::failed, taken[0])})); }) == 0);  // refused
  BOOST_TEST(syncs_of([&] { must(store->directory().heartbeat("node", 600s)); }) == 0);
}

// A file is there after a loss of power when its folder is synced, too.
BOOST_AUTO_TEST_CASE(who_begins_the_wal_syncs_its_folder_and_who_finds_it_does_not) {
  const TempDir folder;
  const auto push = [&folder](const char* id) {
    const auto store = must(try_open(path_of(folder)));
    must(store->broker().push(std::vector{task(id)}, 10));
  };
  BOOST_TEST(syncs_of([&] { push("a"); }, folder_syncs) >= 1);
  {
    const auto holds_the_wal = must(try_open(path_of(folder)));
    must(holds_the_wal->broker().push(std::vector{task("b")}, 10));
    BOOST_TEST(syncs_of([&] { push("c"); }) == 1);
    BOOST_TEST(syncs_of([&] { push("d"); }, folder_syncs) == 0);
  }
  sqlite3* other = nullptr;  // SQLite's own way to close is to remove the WAL
  BOOST_REQUIRE_EQUAL(sqlite3_open(path_of(folder).c_str(), &other), SQLITE_OK);
  sqlite3_exec(other, "SELECT count(*) FROM task", nullptr, nullptr, nullptr);
  BOOST_REQUIRE_EQUAL(sqlite3_close(other), SQLITE_OK);
  BOOST_TEST(!std::filesystem::exists(path_of(folder) + "-wal"));
  BOOST_TEST(syncs_of([&] { push("e"); }, folder_syncs) >= 1);
}

// How often `store` syncs when it commits, and `meanwhile` happens before it would.
int syncs_after(Store& store, const char* id, const std::function<void()>& meanwhile) {
  int before = -1;
  between = [&] {
    meanwhile();
    before = syncs;
  };
  BOOST_TEST(must(store.broker().push(std::vector{task(id)}, 100'000)).front() == PushOutcome::accepted);
  BOOST_REQUIRE(before >= 0);
  return syncs - before;
}

BOOST_AUTO_TEST_CASE(who_committed_before_another_synced_need_not_sync) {
  const TempDir folder;
  const auto a = must(try_open(path_of(folder)));
  const auto b = must(try_open(path_of(folder)));
  must(a->broker().push(std::vector{task("first")}, 10));
  const auto push_b = [&] { must(b->broker().push(std::vector{task("b")}, 10)); };
  BOOST_TEST(syncs_after(*a, "a", push_b) == 0);
}

// The system tells of a failed write those that had the file open: who waits must ask, and not rely on who came later.
BOOST_AUTO_TEST_CASE(who_committed_before_a_sync_failed_syncs_whoever_did_since) {
  for (const bool in_checkpoint : {false, true}) {
    const TempDir folder;
    const auto a = must(try_open(path_of(folder)));
    const auto x = must(try_open(path_of(folder)));
    must(a->broker().push(std::vector{task("first")}, 10));
    std::vector<NewTask> some;
    for (int i = 0; i < (in_checkpoint ? 3000 : 1); ++i) {
      some.push_back(task("x" + std::to_string(i)));
      some.back().args = "[\"" + std::string(2000, 'x') + "\"]";
    }
    BOOST_TEST(syncs_after(*a, "a", [&] {
                 failing_syncs = 1;
                 BOOST_TEST(!x->broker().push(some, 100'000).ok());
                 BOOST_TEST(failing_syncs == 0);
                 const auto later = must(try_open(path_of(folder)));
                 must(later->broker().push(std::vector{task("later")}, 100'000));
               }) >= 1);
  }
}

BOOST_AUTO_TEST_CASE(who_writes_to_a_replaced_database_syncs_for_nobody_else) {
  const TempDir folder;
  const std::string path = path_of(folder);
  const auto old = must(try_open(path));
  must(old->broker().push(std::vector{task("first")}, 10));
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);  // PATH.lock stays
  const auto now = must(try_open(path));
  must(now->broker().push(std::vector{task("first")}, 10));
  const auto push_old = [&] { must(old->broker().push(std::vector{task("b")}, 10)); };
  BOOST_TEST(syncs_after(*now, "a", push_old) == 1);
}

// Root, who opens a store of somebody else, leaves it to them.
BOOST_AUTO_TEST_CASE(files_that_root_makes_belong_to_the_databases_owner,
                     *boost::unit_test::precondition([](auto) { return ::geteuid() == 0; })) {
  constexpr uid_t kSomebody = 4711;
  const TempDir folder;
  const std::string path = path_of(folder);
  const auto store = must(try_open(path));
  must(store->broker().push(std::vector{task("a")}, 10));
  for (const char* end : {"", "-wal", "-shm"}) BOOST_REQUIRE_EQUAL(::chown((path + end).c_str(), kSomebody, 0), 0);
  BOOST_REQUIRE_EQUAL(::chown((path + "-wal").c_str(), 0, 0), 0);
  const auto again = must(try_open(path));
  must(again->broker().push(std::vector{task("b")}, 10));
  for (const char* end : {"", "-wal", "-shm"}) {
    struct stat about {};
    BOOST_REQUIRE_EQUAL(::stat((path + end).c_str(), &about), 0);
    BOOST_TEST(about.st_uid == kSomebody, path + end);
  }
}

BOOST_AUTO_TEST_CASE(normal_durability_leaves_syncing_to_the_system) {
  const TempDir folder;
  const auto store = with_session(folder, Durability::normal);
  must(store->broker().push(std::vector{task("a")}, 10));
  BOOST_TEST(syncs_of([&] {
               must(store->broker().push(std::vector{task("b")}, 10));
               const auto taken = must(store->broker().take(take_one()));
               must(store->broker().settle({to(State::success, taken[0])}));
             }) == 0);
}

BOOST_AUTO_TEST_CASE(what_a_failed_sync_left_open_is_not_acknowledged_but_written_anew_at_once) {
  const TempDir folder;
  const auto store = with_session(folder, Durability::full);
  must(store->broker().push(std::vector{task("a")}, 10));
  failing_syncs = 1;
  BOOST_TEST(code_of(store->broker().push(std::vector{task("b")}, 10)) == Code::unreachable);
  BOOST_TEST(std::filesystem::file_size(path_of(folder) + "-wal") == 0);
  BOOST_TEST(must(store->broker().push(std::vector{task("b")}, 10)).front() == PushOutcome::exists);
  BOOST_TEST(must(store->broker().push(std::vector{task("c")}, 10)).front() == PushOutcome::accepted);
}

BOOST_AUTO_TEST_CASE(while_syncs_fail_nothing_is_acknowledged_and_then_the_store_goes_on) {
  const TempDir folder;
  const auto store = with_session(folder, Durability::full);
  must(store->broker().push(std::vector{task("a")}, 10));
  failing_syncs = 1'000;
  for (const char* id : {"b", "c", "d"}) {
    BOOST_TEST(code_of(store->broker().push(std::vector{task(id)}, 10)) == Code::unreachable);
    BOOST_TEST(code_of(store->directory().heartbeat("node", 600s)) == Code::unreachable);
    BOOST_TEST(must(store->broker().find("a")).has_value());
  }
  BOOST_TEST(!must(store->broker().find("c")).has_value());  // nothing was written behind what may be lost
  failing_syncs = 0;
  must(store->directory().heartbeat("node", 600s));
  BOOST_TEST(must(store->broker().push(std::vector{task("c")}, 10)).front() == PushOutcome::accepted);
  const auto other = must(try_open(path_of(folder)));
  BOOST_TEST(must(other->broker().find("c")).has_value());
}

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_work_and_the_store_goes_on_when_there_is_room) {
  const FullDisk disk;
  const TempDir folder;
  const auto store = with_session(folder, Durability::full);
  int refused = 0;
  for (int k = 0; k < 25; ++k) {
    std::vector<NewTask> tasks;
    for (int i = 0; i < 40; ++i) {
      tasks.push_back(task("t" + std::to_string(k) + "." + std::to_string(i)));
      tasks.back().args = "[\"" + std::string(500, 'x') + "\"]";
    }
    writes_left = k;
    const auto pushed = store->broker().push(tasks, 10'000);
    writes_left = -1;
    if (!pushed) {
      ++refused;
      BOOST_TEST(pushed.error().code == Code::unreachable);
      BOOST_TEST(!must(store->broker().find(tasks.front().id)).has_value());
    }
    const auto again = must(store->broker().push(tasks, 10'000));
    BOOST_TEST((again.front() == (pushed ? PushOutcome::exists : PushOutcome::accepted)));
    BOOST_TEST(must(store->broker().find(tasks.back().id)).has_value());
  }
  BOOST_TEST(refused > 3);
  std::int64_t pending = 0;
  for (const auto& entry : must(store->broker().counts())) pending += entry.count;
  BOOST_TEST(pending == 25 * 40);
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_full_at_any_step_of_opening_leaves_no_half_made_store) {
  for (int k = 0; k < 30; ++k) {
    const TempDir folder;
    {
      const FullDisk disk;
      writes_left = k;
      const auto first = try_open(path_of(folder));
      if (!first) BOOST_TEST(first.error().code == Code::unreachable);
    }
    const auto store = must(try_open(path_of(folder)));
    must(store->broker().push(std::vector{task("a")}, 10));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
