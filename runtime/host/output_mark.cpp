#include "host/output_mark.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>

namespace flowrra {
namespace {

// C++ streams have buffers of their own once a plugin has called sync_with_stdio(false).
void flush_all() {
  for (std::ostream* stream : {&std::cout, &std::clog}) {
    if (std::streambuf* buffer = stream->rdbuf()) buffer->pubsync();
  }
  std::fflush(stdout);
  std::fflush(stderr);
}

}  // namespace

std::string output_mark(std::uint64_t call) {
  std::string out(kMarkBegin);
  for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(call >> shift & 0xFFU);
  return out;
}

std::uint64_t call_of_mark(std::string_view mark) {
  std::uint64_t call = 0;
  for (std::size_t i = kMarkSize; i-- > kMarkBegin.size();) call = call << 8U | static_cast<unsigned char>(mark[i]);
  return call;
}

OutputMarks::OutputMarks(SharedPage& page)
    : page_(page.output), pipe_(page.output.marked != 0 ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : -1) {}

void OutputMarks::begin(std::uint64_t call) { page_.begun = call; }

bool OutputMarks::end(std::uint64_t call) {
  flush_all();
  if (!pipe_) return false;
  const auto total = written();
  if (total && total == marked_until_) return false;
  write_mark(call);
  marked_until_ = total ? std::optional(*total + kMarkSize) : std::nullopt;
  return true;
}

// The node makes `reading` odd before it reads and even after it has added to `consumed`: if it is even and the same
// before and after the look, no read has fallen between.
std::optional<std::uint64_t> OutputMarks::written() const {
  const std::uint64_t reading = page_.reading;
  const std::uint64_t consumed = page_.consumed;
  int waiting = 0;
  if (reading % 2 != 0 || ioctl(pipe_.get(), FIONREAD, &waiting) != 0) return std::nullopt;
  if (page_.reading != reading) return std::nullopt;
  return consumed + static_cast<std::uint64_t>(waiting);
}

// In one piece: it is shorter than PIPE_BUF. A task may have made the pipe non-blocking.
void OutputMarks::write_mark(std::uint64_t call) const {
  const std::string mark = output_mark(call);
  while (write(pipe_.get(), mark.data(), mark.size()) < 0) {
    if (errno == EAGAIN) {
      pollfd room{pipe_.get(), POLLOUT, 0};
      poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return;  // the node is gone
    }
  }
}

}  // namespace flowrra
