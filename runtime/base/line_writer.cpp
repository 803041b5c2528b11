#include "base/line_writer.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace flowrra {
namespace {

constexpr int kMomentMs = 100;

bool is_socket(int fd) {
  struct stat about {};
  return fstat(fd, &about) == 0 && S_ISSOCK(about.st_mode);
}

}  // namespace

LineWriter::LineWriter(int fd) : fd_(fd), socket_(is_socket(fd)) {}

void LineWriter::write(std::string_view line) {
  if (dropped_ > 0) {
    const std::string note = std::string(cut_short_ ? "\n" : "") + "... " + std::to_string(dropped_) +
                             " lines were dropped: nobody read them\n";
    if (!put(note)) {
      ++dropped_;
      return;
    }
    dropped_ = 0;
    cut_short_ = false;
  }
  if (!put(line)) ++dropped_;
}

// In pieces that a pipe with any room at all takes at once.
bool LineWriter::put(std::string_view text) {
  bool begun = false;
  while (!text.empty()) {
    const bool room = wait_for_room();
    const std::string_view piece = text.substr(0, PIPE_BUF);
    const ssize_t done = !room     ? -1
                         : socket_ ? ::send(fd_, piece.data(), piece.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                                   : ::write(fd_, piece.data(), piece.size());
    if (room && done < 0 && errno == EINTR) continue;
    if (room && done < 0 && errno != EAGAIN) return true;  // nobody will ever read: nothing is counted
    stalled_ = done < 0;
    if (stalled_) {
      cut_short_ = cut_short_ || begun;
      return false;
    }
    begun = true;
    text.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

bool LineWriter::wait_for_room() const {
  pollfd room{fd_, POLLOUT, 0};
  int ready = -1;
  do {
    ready = ::poll(&room, 1, stalled_ ? 0 : kMomentMs);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

}  // namespace flowrra
