#include "host/shared_stream.hpp"

#include <linux/futex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace flowrra {
namespace {

constexpr std::size_t kSize = SharedStream::kSize;

// By hand: what libc has for it ends the process when the memory was written over, and this may be the node. Whatever
// goes wrong, whoever waited looks again.
void futex(std::atomic<std::uint32_t>& word, int operation, int value) {
  static_assert(sizeof word == sizeof(std::uint32_t));
  syscall(SYS_futex, &word, operation, value, nullptr, nullptr, 0);
}

class Locked {
 public:
  // The last owner may have died: its frame is then cut off, and the node says so.
  explicit Locked(pthread_mutex_t& mutex) : mutex_(mutex) {
    if (pthread_mutex_lock(&mutex_) == EOWNERDEAD) pthread_mutex_consistent(&mutex_);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  ~Locked() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t& mutex_;
};

}  // namespace

void prepare(SharedStream& stream) {
  pthread_mutexattr_t shared;
  pthread_mutexattr_init(&shared);
  pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&shared, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&stream.lock, &shared);
  pthread_mutexattr_destroy(&shared);
}

bool StreamWriter::write(std::string_view bytes) {
  const Locked locked(stream_.lock);
  while (!bytes.empty()) {
    const std::size_t room = wait_for_room();
    if (room == 0) return false;
    const std::uint64_t written = stream_.written;
    const std::size_t at = written % kSize;
    const std::size_t part = std::min({bytes.size(), room, kSize - at});
    std::memcpy(stream_.bytes.data() + at, bytes.data(), part);
    bytes.remove_prefix(part);
    stream_.written = written + part;
    if (!ring()) return false;
  }
  return true;
}

// 0: the memory was overwritten.
std::size_t StreamWriter::wait_for_room() {
  for (;;) {
    std::uint64_t used = stream_.written - stream_.read;
    if (used == kSize) {
      stream_.waits = 1;
      used = stream_.written - stream_.read;  // the node may have read just before it could see that somebody waits
      if (used == kSize) futex(stream_.waits, FUTEX_WAIT, 1);
      continue;
    }
    return used > kSize ? 0 : kSize - used;
  }
}

bool StreamWriter::ring() {
  if (stream_.rung.exchange(1) == 1) return true;  // any other value than 0 was written over it
  while (::send(bell_, "", 1, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

bool StreamReader::read(FrameReader& out) {
  stream_.rung.exchange(0);  // first: what is written after the look below is told anew
  const std::uint64_t size = stream_.written - read_;
  if (size > kSize) return false;
  const std::size_t at = read_ % kSize;
  const std::size_t part = std::min<std::size_t>(size, kSize - at);
  out.feed({stream_.bytes.data() + at, part});
  out.feed({stream_.bytes.data(), size - part});
  read_ += size;
  stream_.read = read_;
  if (stream_.waits.exchange(0) != 0) futex(stream_.waits, FUTEX_WAKE, INT_MAX);
  return true;
}

}  // namespace flowrra
