#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flowrra {

// A line of a host's output. Call 0: nobody's.
struct OutputLine {
  std::uint64_t call = 0;
  std::string text;

  bool operator==(const OutputLine&) const = default;
};

// Cuts what a host prints into lines and says whose each is. A mark (host/output_mark.hpp) ends what its call has
// printed, an unfinished line included. What follows the last mark is of a call that has not ended: of the one that
// was the latest both before and after all this was read. Pure; holds at most kMaxHeld bytes and one read.
class OutputLines {
 public:
  static constexpr std::size_t kMaxLine = 4096;
  static constexpr std::size_t kMaxHeld = 256 * 1024;

  // `before` and `after`: the call that the host began last, as seen before and after the read. `all`: whatever was in
  // the pipe when `before` was seen has been read by now.
  std::vector<OutputLine> feed(std::string_view bytes, std::uint64_t before, std::uint64_t after, bool all);

  // The host is dead: the rest, which is the call's.
  std::vector<OutputLine> end(std::uint64_t call);

  // The call whose mark was read last.
  [[nodiscard]] std::uint64_t last_mark() const { return last_mark_; }

 private:
  std::string held_;
  std::uint64_t last_mark_ = 0;
};

}  // namespace flowrra
