#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "executor/loop.hpp"

namespace flowrra {

// What a host prints, cut into lines of at most kMaxLine bytes. Reads a bounded amount a turn, so that a flood costs
// the flooder, not the node. All on the loop thread.
class OutputPipe {
 public:
  static constexpr std::size_t kMaxLine = 4096;

  // Owns the pipe's reading end, which it makes non-blocking.
  OutputPipe(Loop& loop, UniqueFd pipe, std::function<void(std::string_view)> line);

  // Reads what is left, without waiting for more.
  void drain();

 private:
  bool read_once();  // false when there is nothing more now
  void cut_lines();

  UniqueFd pipe_;
  std::function<void(std::string_view)> line_;
  std::string unfinished_;
  std::unique_ptr<Poll> poll_;
};

}  // namespace flowrra
