#include "store/sqlite/shared_sync.hpp"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <climits>

namespace flowrra::sqlite {
namespace {

constexpr std::size_t kPageSize = 4096;
constexpr std::uint64_t kMostCommits = std::uint64_t{1} << 62U;  // a greater number is none that was given
constexpr std::chrono::milliseconds kPatience(200);              // with one that syncs, and may be stopped
constexpr timespec kLookAgain{0, 5'000'000};                     // it may be dead: its turn is free then

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

}  // namespace

struct SharedSync::Page {
  std::atomic<std::uint64_t> committed;  // number of the last commit
  std::atomic<std::uint64_t> synced;     // all up to this one are
  std::atomic<std::uint32_t> turns;      // changes when a sync has ended
  std::atomic<std::uint32_t> failures;   // of syncs
};

void SharedSync::Unmap::operator()(Page* page) const { ::munmap(page, kPageSize); }

void SharedSync::map() {
  struct stat about {};
  if (page_ != nullptr || ::fstat(file_, &about) != 0) return;
  if (about.st_size < static_cast<off_t>(kPageSize)) {
    const std::array<char, kPageSize> nothing{};  // written: who touches a hole in a file on a full disk is ended
    if (::pwrite(file_, nothing.data(), kPageSize, 0) != static_cast<ssize_t>(kPageSize)) return;
  }
  void* const page = ::mmap(nullptr, kPageSize, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  if (page != MAP_FAILED) page_.reset(static_cast<Page*>(page));
}

void SharedSync::committed() {
  map();
  if (page_ == nullptr) return;
  std::uint64_t last = page_->committed;
  if (last > kMostCommits) last = 0;
  if (page_->synced > last) page_->synced = last;
  failures_ = page_->failures;
  number_ = last + 1;
  page_->committed = number_;
}

// After a failed sync the system may show frames to some that it has dropped, and tells each file of it once: then each
// asks for itself.
bool SharedSync::is_covered() const { return page_->synced >= number_ && page_->failures == failures_; }

int SharedSync::run(const std::function<int()>& sync) {
  if (page_ == nullptr) return sync();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool has_turn = false;
  for (;;) {
    const std::uint32_t turns = page_->turns;
    if (is_covered()) return 0;
    has_turn = lock_turn(file_, F_WRLCK);
    if (has_turn || std::chrono::steady_clock::now() >= deadline) break;
    wait_while(page_->turns, turns);
  }
  const int result = is_covered() ? 0 : sync_and_tell(sync);
  if (has_turn) {
    lock_turn(file_, F_UNLCK);
    ++page_->turns;
    wake_all(page_->turns);
  }
  return result;
}

int SharedSync::sync_and_tell(const std::function<int()>& sync) {
  const std::uint64_t covers = page_->committed;
  const int result = sync();
  if (result != 0) {
    ++page_->failures;
    return result;
  }
  std::uint64_t synced = page_->synced;
  while (synced < covers && !page_->synced.compare_exchange_weak(synced, covers)) {
  }
  return 0;
}

}  // namespace flowrra::sqlite
