#include "executor/output_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace flowrra {
namespace {

constexpr int kReadsPerTurn = 4;
constexpr int kReadsAtEnd = 64;  // more than a pipe holds; a descendant may go on writing

}  // namespace

OutputPipe::OutputPipe(Loop& loop, UniqueFd pipe, std::function<void(std::string_view)> line)
    : pipe_(std::move(pipe)), line_(std::move(line)) {
  fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  poll_ = std::make_unique<Poll>(loop, pipe_.get(), [this](bool, bool) {
    for (int i = 0; i < kReadsPerTurn && read_once(); ++i) {
    }
  });
}

void OutputPipe::drain() {
  for (int i = 0; i < kReadsAtEnd && poll_ && read_once(); ++i) {
  }
  if (!unfinished_.empty()) line_(unfinished_);
  unfinished_.clear();
}

bool OutputPipe::read_once() {
  std::array<char, 16384> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const ssize_t count = ::read(pipe_.get(), bytes.data(), bytes.size());
  if (count == 0) poll_.reset();
  if (count <= 0) return false;
  unfinished_.append(bytes.data(), static_cast<std::size_t>(count));
  cut_lines();
  return true;
}

void OutputPipe::cut_lines() {
  std::size_t begin = 0;
  while (begin < unfinished_.size()) {
    std::size_t end = unfinished_.find('\n', begin);
    const bool cut = end == std::string::npos || end - begin > kMaxLine;
    if (cut && unfinished_.size() - begin <= kMaxLine) break;
    if (cut) end = begin + kMaxLine;
    line_(std::string_view(unfinished_).substr(begin, end - begin));
    begin = cut ? end : end + 1;
  }
  unfinished_.erase(0, begin);
}

}  // namespace flowrra
