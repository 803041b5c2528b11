#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace flowrra::cli {

// The lines of a file, a pipe or a terminal, as they come: whoever reads learns when the input pauses.
class LineReader {
 public:
  static constexpr std::size_t kMaxLine = std::size_t{1024} * 1024;  // bytes

  enum class Next : std::uint8_t {
    line,         // text() is one
    pause,        // the input has no whole line yet; only where it was not to be waited for
    end,          // of the input
    interrupted,  // the interrupt's descriptor is readable
  };

  // Borrows both descriptors. `name` is the input's in messages.
  LineReader(int fd, std::string name, int interrupt_fd)
      : fd_(fd), interrupt_fd_(interrupt_fd), name_(std::move(name)) {}

  // Code::internal when the input cannot be read, or no further.
  Result<Next> next(bool wait);

  // The line without its line feed, until the next call; empty when it is too long.
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool too_long() const { return too_long_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }  // 1: the first
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }    // up to the end of this line

 private:
  bool cut();
  void emit(std::size_t size, std::size_t feed);
  Result<Next> fill(bool wait);

  int fd_;
  int interrupt_fd_;
  std::string name_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not given out yet
  std::size_t seen_ = 0;   // up to here there is no line feed
  bool over_ = false;
  bool skipping_ = false;  // within a line that is too long
  std::string_view text_;
  bool too_long_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace flowrra::cli
