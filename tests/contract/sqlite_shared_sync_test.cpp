// How the writers of one SQLite store share the syncs of its WAL.

#ifdef FLOWRRA_WITH_SQLITE

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <barrier>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "store/sqlite/shared_sync.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::test {
namespace {

constexpr int kFailure = 7;

// One that writes to the store whose lock file this is.
class Writer {
 public:
  explicit Writer(const TempDir& folder, int flags = O_RDWR | O_CREAT)
      : file_(::open((folder / "lock").c_str(), flags | O_CLOEXEC, 0600)), shared_(file_.get()) {}

  void commits(std::uint64_t database = 1) { shared_.committed(database); }
  void fails_elsewhere() { shared_.failed(); }
  // Whether it took a sync of its own, which ends with `result`.
  bool syncs(int result = 0) {
    bool own = false;
    const int told = shared_.run([&] {
      own = true;
      return result;
    });
    BOOST_TEST(told == (own ? result : 0));
    return own;
  }
  void syncs_and(const std::function<void()>& what) {
    shared_.run([&] {
      what();
      return 0;
    });
  }
  [[nodiscard]] int file() const { return file_.get(); }

 private:
  UniqueFd file_;
  sqlite::SharedSync shared_;
};

// Numbers of the last commit, and of the last that is synced.
void write_page(const TempDir& folder, std::array<std::uint64_t, 2> numbers) {
  const UniqueFd file(::open((folder / "lock").c_str(), O_WRONLY | O_CLOEXEC));
  BOOST_REQUIRE_EQUAL(::pwrite(file.get(), numbers.data(), sizeof numbers, 0), sizeof numbers);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_shared_sync)

BOOST_AUTO_TEST_CASE(a_sync_is_shared_by_those_that_committed_before_it) {
  const TempDir folder;
  Writer a(folder), b(folder), c(folder);
  a.commits();
  b.commits();
  BOOST_TEST(b.syncs());
  BOOST_TEST(!a.syncs());
  a.commits();
  c.commits();
  BOOST_TEST(a.syncs());
  BOOST_TEST(!c.syncs());
  BOOST_TEST(!b.syncs());  // nothing new
}

BOOST_AUTO_TEST_CASE(who_commits_while_another_syncs_is_not_covered) {
  const TempDir folder;
  const UniqueFd file(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  sqlite::SharedSync a(file.get());
  Writer b(folder);
  a.committed(1);
  a.run([&] {
    b.commits();
    return 0;
  });
  BOOST_TEST(b.syncs());
}

BOOST_AUTO_TEST_CASE(after_a_failure_each_asks_for_itself) {
  const TempDir folder;
  Writer a(folder), b(folder), c(folder);
  a.commits();
  b.commits();
  BOOST_TEST(b.syncs(kFailure));
  c.commits();
  BOOST_TEST(c.syncs());
  BOOST_TEST(a.syncs());  // its frames may be those that were dropped
  a.commits();
  c.commits();
  BOOST_TEST(c.syncs());
  BOOST_TEST(!a.syncs());
}

// One that is opened after somebody was told of a failure is told of none.
BOOST_AUTO_TEST_CASE(who_was_there_at_a_failure_does_not_rely_on_who_came_later) {
  const TempDir folder;
  Writer a(folder), b(folder);
  a.commits();
  b.fails_elsewhere();  // in a checkpoint
  Writer later(folder);
  later.commits();
  BOOST_TEST(later.syncs());
  BOOST_TEST(a.syncs(kFailure));
  later.commits();
  a.commits();
  BOOST_TEST(later.syncs());
  BOOST_TEST(a.syncs());  // it was told, and has not asked again
}

BOOST_AUTO_TEST_CASE(who_died_in_its_turn_may_have_been_told_of_a_failure) {
  const TempDir folder;
  Writer a(folder), b(folder);
  const pid_t dies = ::fork();
  if (dies == 0) {
    Writer child(folder);
    child.commits();
    child.syncs_and([] { ::_exit(0); });
  }
  BOOST_REQUIRE_EQUAL(::waitpid(dies, nullptr, 0), dies);
  a.commits();
  b.commits();
  BOOST_TEST(b.syncs());
  BOOST_TEST(a.syncs());
  a.commits();
  b.commits();
  BOOST_TEST(a.syncs());
  BOOST_TEST(!b.syncs());
}

// The lock file stays where the others are removed, and somebody still has them.
BOOST_AUTO_TEST_CASE(writers_of_two_databases_do_not_rely_on_each_other) {
  const TempDir folder;
  Writer old(folder), a(folder), b(folder);
  old.commits(1);
  BOOST_TEST(old.syncs());
  for (int i = 0; i < 3; ++i) {
    a.commits(2);
    old.commits(1);
    BOOST_TEST(old.syncs());
    BOOST_TEST(a.syncs());
    old.commits(1);
    a.commits(2);
    BOOST_TEST(old.syncs());
    BOOST_TEST(a.syncs());
  }
  b.commits(2);
  BOOST_TEST(b.syncs());  // it was there before
  a.commits(2);
  b.commits(2);
  BOOST_TEST(a.syncs());
  BOOST_TEST(!b.syncs());
}

// As after a loss of power, in a copy that was made meanwhile, and in a file that somebody has written to.
BOOST_AUTO_TEST_CASE(what_the_page_says_never_takes_the_place_of_a_sync) {
  for (const auto& numbers : std::vector<std::array<std::uint64_t, 2>>{
           {0, 0}, {5, 5}, {5, 1000}, {1000, 5}, {UINT64_MAX - 1, UINT64_MAX}, {UINT64_MAX, UINT64_MAX}}) {
    const TempDir folder;
    Writer a(folder), b(folder);
    a.commits();
    write_page(folder, numbers);
    for (int i = 0; i < 3; ++i) {
      a.commits();
      b.commits();
      BOOST_TEST(b.syncs());
      BOOST_TEST(!a.syncs());
    }
  }
}

BOOST_AUTO_TEST_CASE(one_that_is_stopped_with_its_turn_does_not_hold_up_others) {
  const TempDir folder;
  Writer a(folder), stopped(folder);
  struct flock turn {};
  turn.l_type = F_WRLCK;
  turn.l_whence = SEEK_SET;
  turn.l_start = turn.l_len = 1;
  BOOST_REQUIRE_EQUAL(::fcntl(stopped.file(), F_OFD_SETLK, &turn), 0);
  a.commits();
  BOOST_TEST(a.syncs());
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 100; ++i) {  // they wait for it once
    a.commits();
    BOOST_TEST(a.syncs());
  }
  BOOST_TEST((std::chrono::steady_clock::now() - begun < std::chrono::seconds(10)));
  turn.l_type = F_UNLCK;
  BOOST_REQUIRE_EQUAL(::fcntl(stopped.file(), F_OFD_SETLK, &turn), 0);
  Writer b(folder);
  a.commits();
  b.commits();
  BOOST_TEST(b.syncs());
  BOOST_TEST(!a.syncs());
}

// Who touches what is no longer of a file would be ended.
BOOST_AUTO_TEST_CASE(a_file_that_was_cut_short_is_done_without) {
  const TempDir folder;
  Writer a(folder);
  a.commits();
  BOOST_TEST(a.syncs());
  std::filesystem::resize_file(folder / "lock", 0);
  a.commits();
  BOOST_TEST(a.syncs());
}

BOOST_AUTO_TEST_CASE(without_a_page_each_syncs_for_itself) {
  const TempDir folder;
  Writer makes_the_file(folder);
  Writer a(folder, O_RDONLY), b(folder, O_RDONLY);  // cannot map it
  a.commits();
  b.commits();
  BOOST_TEST(a.syncs());
  BOOST_TEST(b.syncs());
}

// Writers in threads, each of which commits and syncs so many times. `together`: all commit before one syncs.
struct Crowd {
  static constexpr int kThreads = 8;
  static constexpr int kCommits = 200;

  explicit Crowd(bool together) {
    const TempDir folder;
    std::barrier all_committed(kThreads);
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        const UniqueFd file(::open((folder / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        sqlite::SharedSync shared(file.get());
        for (int n = 0; n < kCommits; ++n) {
          const int committed = commit(shared);
          if (together) all_committed.arrive_and_wait();
          shared.run([this] { return sync(); });
          if (last < committed) ++uncovered;
        }
      });
    }
    for (std::thread& each : threads) each.join();
  }

  int commit(sqlite::SharedSync& shared) {
    const std::scoped_lock lock(store);
    const int now = ++time;
    shared.committed(1);
    return now;
  }

  int sync() {
    const int begun = ++time;
    ++syncs;
    std::this_thread::yield();
    int before = last;
    while (before < begun && !last.compare_exchange_weak(before, begun)) {
    }
    return 0;
  }

  std::mutex store;
  std::atomic<int> time{0};
  std::atomic<int> last{0};  // when the latest sync that has ended began
  std::atomic<int> syncs{0};
  std::atomic<int> uncovered{0};  // commits whose writer went on before a sync had ended that began after them
};

BOOST_AUTO_TEST_CASE(of_many_at_once_each_is_covered) {
  const Crowd crowd(false);
  BOOST_TEST(crowd.uncovered == 0);
}

BOOST_AUTO_TEST_CASE(those_that_commit_together_share_one_sync) {
  const Crowd crowd(true);
  BOOST_TEST(crowd.uncovered == 0);
  BOOST_TEST(crowd.syncs == Crowd::kCommits);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
