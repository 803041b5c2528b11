#include "store/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace flowrra::sqlite {
namespace {

// A lock of the open file, apart from the flock.
struct flock presence(short type) {
  struct flock out {};
  out.l_type = type;
  out.l_whence = SEEK_SET;
  out.l_len = 1;
  return out;
}

}  // namespace

Status FileLock::lock(Micros timeout) {
  // flock knows no deadline, so it is tried again and again; holders keep it for well under a millisecond.
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (Micros pause(20);; pause = std::min(pause * 2, Micros(640))) {
    if (::flock(file_.get(), LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK && errno != EINTR) {
      return Error{Code::unreachable, "cannot lock the store: " + errno_text(errno), ""};
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error{Code::busy, "the store has been locked by another process for too long",
                   "Try again; 'fuser' on the .lock file names the process that holds it."};
    }
    std::this_thread::sleep_for(pause);
  }
}

void FileLock::unlock() { ::flock(file_.get(), LOCK_UN); }

void FileLock::be_present() {
  struct flock shared = presence(F_RDLCK);
  ::fcntl(file_.get(), F_OFD_SETLK, &shared);
}

bool FileLock::alone() const {
  struct flock whole = presence(F_WRLCK);
  return ::fcntl(file_.get(), F_OFD_GETLK, &whole) == 0 && whole.l_type == F_UNLCK;
}

}  // namespace flowrra::sqlite
