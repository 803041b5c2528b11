#include "executor/output_pipe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace flowrra {
namespace {

constexpr int kReadsPerTurn = 4;
constexpr int kReadsAtMost = 64;  // more than a pipe holds; somebody may go on writing

}  // namespace

OutputPipe::OutputPipe(Loop& loop, UniqueFd pipe, SharedPage::Output& page, std::function<void(const OutputLine&)> line)
    : pipe_(std::move(pipe)), page_(page), line_(std::move(line)) {
  fcntl(pipe_.get(), F_SETFL, O_NONBLOCK);
  poll_ = std::make_unique<Poll>(loop, pipe_.get(), [this](bool, bool) {
    for (int i = 0; i < kReadsPerTurn && read_once(); ++i) {
    }
  });
}

void OutputPipe::read_to_mark(std::uint64_t call) {
  for (int i = 0; i < kReadsAtMost && lines_.last_mark() < call && read_once(); ++i) {
  }
}

void OutputPipe::drain() {
  for (int i = 0; i < kReadsAtMost && read_once(); ++i) {
  }
  deliver(lines_.end(page_.begun));
}

// After a pipe's capacity was read nothing is left of what was in it before: a flood never empties the pipe.
bool OutputPipe::read_once() {
  constexpr std::size_t kCapacity = 65536;
  std::array<char, 16384> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  if (!poll_) return false;
  if (read_ == 0) before_ = page_.begun;
  ++page_.reading;
  const ssize_t count = ::read(pipe_.get(), bytes.data(), bytes.size());
  const std::size_t got = count > 0 ? static_cast<std::size_t>(count) : 0;
  page_.consumed += got;
  ++page_.reading;
  if (count == 0) poll_.reset();
  read_ += got;
  const bool emptied = got < bytes.size();
  const bool all = emptied || read_ >= kCapacity;
  const std::uint64_t after = page_.begun;
  deliver(lines_.feed({bytes.data(), got}, before_, after, all));
  if (all) read_ = 0;
  // A call that began meanwhile is told from the one before it by another look.
  return !emptied || (before_ != after && poll_ != nullptr);
}

void OutputPipe::deliver(const std::vector<OutputLine>& lines) const {
  for (const OutputLine& line : lines) line_(line);
}

}  // namespace flowrra
