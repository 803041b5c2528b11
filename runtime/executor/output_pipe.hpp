#pragma once

#include <functional>
#include <memory>

#include "base/fd.hpp"
#include "executor/loop.hpp"
#include "executor/output_lines.hpp"
#include "host/page.hpp"

namespace flowrra {

// Reads what a host prints, a bounded amount a turn, so that a flood costs the flooder, not the node, and tells the
// host through the page how far it has read. All on the loop thread.
class OutputPipe {
 public:
  // Owns the pipe's reading end, which it makes non-blocking; borrows the page.
  OutputPipe(Loop& loop, UniqueFd pipe, SharedPage::Output& page, std::function<void(const OutputLine&)> line);

  // Reads up to the call's mark, which is in the pipe.
  void read_to_mark(std::uint64_t call);

  // The host is dead: reads what is left, without waiting for more.
  void drain();

 private:
  bool read_once();  // false when there is nothing more to learn now
  void deliver(const std::vector<OutputLine>& lines) const;

  UniqueFd pipe_;
  SharedPage::Output& page_;
  std::function<void(const OutputLine&)> line_;
  OutputLines lines_;
  std::uint64_t before_ = 0;  // the call begun last when read_ was 0
  std::size_t read_ = 0;      // bytes since the pipe was last known to be empty
  std::unique_ptr<Poll> poll_;
};

}  // namespace flowrra
