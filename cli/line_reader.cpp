#include "line_reader.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/fd.hpp"
#include "base/log.hpp"

namespace flowrra::cli {
namespace {

constexpr std::size_t kRead = std::size_t{64} * 1024;

}  // namespace

Result<LineReader::Next> LineReader::next(bool wait) {
  while (!cut()) {
    if (over_) {
      if (begin_ == buffer_.size() && !skipping_) return Next::end;
      emit(buffer_.size() - begin_, 0);
      return Next::line;
    }
    auto filled = fill(wait);
    if (!filled || *filled != Next::line) return filled;
  }
  return Next::line;
}

// True when the buffer had a whole line. Of one that is too long nothing is kept.
bool LineReader::cut() {
  if (const std::size_t feed = buffer_.find('\n', seen_); feed != std::string::npos) {
    emit(feed - begin_, 1);
    return true;
  }
  seen_ = buffer_.size();
  if (buffer_.size() - begin_ > kMaxLine) {
    skipping_ = true;
    skipped_ += buffer_.size() - begin_;
    buffer_.clear();
    begin_ = seen_ = 0;
  }
  return false;
}

void LineReader::emit(std::size_t size, std::size_t feed) {
  too_long_ = skipping_ || size > kMaxLine;
  text_ = too_long_ ? std::string_view() : std::string_view(buffer_).substr(begin_, size);
  ++number_;
  bytes_ += skipped_ + size + feed;
  begin_ += size + feed;
  seen_ = begin_;
  skipping_ = false;
  skipped_ = 0;
}

// Next::line when there is more in the buffer, or the input is over.
Result<LineReader::Next> LineReader::fill(bool wait) {
  buffer_.erase(0, begin_);
  seen_ -= begin_;
  begin_ = 0;
  for (;;) {
    pollfd inputs[] = {{fd_, POLLIN, 0}, {interrupt_fd_, POLLIN, 0}};
    const int ready = ::poll(inputs, 2, wait ? -1 : 0);
    if (ready < 0 && errno == EINTR) continue;
    if (inputs[1].revents != 0) return Next::interrupted;
    if (ready == 0) return Next::pause;
    const std::size_t have = buffer_.size();
    buffer_.resize(have + kRead);
    const ssize_t got = ::read(fd_, buffer_.data() + have, kRead);
    const int error = errno;
    buffer_.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && (error == EINTR || error == EAGAIN)) continue;
    if (got < 0) return Error{Code::internal, "cannot read " + log::escaped(name_) + ": " + errno_text(error), {}};
    over_ = got == 0;
    return Next::line;
  }
}

}  // namespace flowrra::cli
