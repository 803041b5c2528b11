#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace flowrra {

// Writes lines to a descriptor whose reader may have stopped reading (a pager, a stopped terminal, a log collector that
// hangs): it waits for such a reader a moment, once, and from then on drops what does not fit, counts it, and says how
// much was dropped when there is room again. Borrows the descriptor and leaves its flags alone: others may share it.
// [one thread at a time]
class LineWriter {
 public:
  explicit LineWriter(int fd);

  // `line` ends with a line feed. What cannot be written is lost; errors are, too: there is nobody to tell.
  void write(std::string_view line);

 private:
  bool put(std::string_view text);
  [[nodiscard]] bool wait_for_room() const;

  int fd_;
  bool socket_;
  bool stalled_ = false;    // the reader did not come back within a moment
  bool cut_short_ = false;  // the last line that was begun has no end
  std::uint64_t dropped_ = 0;
};

}  // namespace flowrra
