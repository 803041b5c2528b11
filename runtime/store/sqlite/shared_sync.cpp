#include "store/sqlite/shared_sync.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>

namespace flowrra::sqlite {
namespace {

using Clock = std::chrono::steady_clock;

constexpr off_t kMapped = 4096;
constexpr std::uint64_t kMostCommits = std::uint64_t{1} << 62U;  // a greater number is none that was given
constexpr std::chrono::milliseconds kPatience(200);              // with one sync
constexpr timespec kLookAgain{0, 5'000'000};                     // who had the turn may be dead: it is free then

// Whose turn it is to sync has this byte of the file locked. The one before it tells who is there: file_lock.hpp.
bool lock_turn(int file, short type) {
  struct flock byte {};
  byte.l_type = type;
  byte.l_whence = SEEK_SET;
  byte.l_start = 1;
  byte.l_len = 1;
  return ::fcntl(file, F_OFD_SETLK, &byte) == 0;
}

void wait_while(std::atomic<std::uint32_t>& word, std::uint32_t value) {
  ::syscall(SYS_futex, &word, FUTEX_WAIT, value, &kLookAgain, nullptr, 0);
}

void wake_all(std::atomic<std::uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

// Who touches the page of a file that is shorter is ended.
bool has_page(int file) {
  struct stat about {};
  return ::fstat(file, &about) == 0 && about.st_size >= kMapped;
}

}  // namespace

struct SharedSync::Page {
  std::atomic<std::uint64_t> committed;  // number of the last commit
  std::atomic<std::uint64_t> synced;     // all up to this one are
  std::atomic<std::uint64_t> database;   // whose commits they are: its inode, 0 before the first
  std::atomic<std::uint32_t> turns;      // that have ended
  std::atomic<std::uint32_t> stuck;      // one more than `turns` while the turn takes too long
  std::atomic<std::uint32_t> in_turn;    // 1 from its begin to its end
  std::atomic<std::uint32_t> failures;   // of syncs, and what counts as one
};

void SharedSync::Unmap::operator()(Page* page) const { ::munmap(page, kMapped); }

// fallocate() changes nothing of a page that is there, and leaves no hole that a full disk could not fill.
SharedSync::SharedSync(int lock_file) : file_(lock_file) {
  if (file_ < 0) return;
  if (!has_page(file_) && ::fallocate(file_, 0, 0, kMapped) != 0) return;
  void* const page = ::mmap(nullptr, kMapped, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (page == MAP_FAILED) return;
  page_.reset(static_cast<Page*>(page));
  failures_ = page_->failures;
}

void SharedSync::failed() {
  if (page_ != nullptr) ++page_->failures;
}

// Where the database was replaced and somebody still has the old one, neither may rely on the other's syncs.
void SharedSync::set_database(std::uint64_t database) {
  database_ = database;
  const std::uint64_t before = page_->database;
  if (before == database) return;
  page_->database = database;
  if (before == 0) return;
  std::uint32_t known = failures_;
  if (page_->failures.compare_exchange_strong(known, known + 1)) {
    ++failures_;
  } else {
    failed();
  }
}

void SharedSync::committed(std::uint64_t database) {
  if (page_ != nullptr && !has_page(file_)) page_.reset();
  if (page_ == nullptr) return;
  set_database(database);
  std::uint64_t last = page_->committed;
  if (last > kMostCommits) last = 0;
  if (page_->synced > last) page_->synced = last;
  number_ = last + 1;
  page_->committed = number_;
}

bool SharedSync::relies_on_others() const { return page_->failures == failures_; }

bool SharedSync::is_covered() const { return relies_on_others() && page_->synced >= number_; }

// False: it is covered, or the turn is another's for too long.
bool SharedSync::wait_for_turn() const {
  std::uint32_t turns = page_->turns;
  auto deadline = Clock::now() + kPatience;
  while (!is_covered()) {
    if (lock_turn(file_, F_WRLCK)) return true;
    const bool is_taken = errno == EAGAIN || errno == EACCES;
    if (!is_taken || page_->stuck == turns + 1) return false;
    if (Clock::now() >= deadline) page_->stuck = turns + 1;
    wait_while(page_->turns, turns);
    const std::uint32_t now = page_->turns;
    if (now != turns) deadline = Clock::now() + kPatience;
    turns = now;
  }
  return false;
}

int SharedSync::run(const std::function<int()>& sync) {
  if (page_ == nullptr) return sync();
  if (!wait_for_turn()) return is_covered() ? 0 : sync_alone(sync);
  if (page_->in_turn.exchange(1) != 0) failed();  // who had it died, and may have been told of a failure
  const int result = is_covered() ? 0 : sync_for_all(sync);
  page_->in_turn = 0;
  lock_turn(file_, F_UNLCK);
  ++page_->turns;
  wake_all(page_->turns);
  return result;
}

int SharedSync::sync_alone(const std::function<int()>& sync) {
  const std::uint32_t failures = page_->failures;
  const int result = sync();
  if (result == 0) failures_ = failures;
  if (result != 0) failed();
  return result;
}

int SharedSync::sync_for_all(const std::function<int()>& sync) {
  const std::uint64_t covers = page_->committed;
  const int result = sync_alone(sync);
  const bool may_tell = result == 0 && relies_on_others() && page_->database == database_;
  if (may_tell && page_->synced < covers) page_->synced = covers;
  return result;
}

}  // namespace flowrra::sqlite
