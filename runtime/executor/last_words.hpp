#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace flowrra {

// The last lines that a host printed for the call it runs, for a crash report. An io host's are nobody's: call 0.
class LastWords {
 public:
  static constexpr std::size_t kLines = 20;
  static constexpr std::size_t kBytes = 300;  // of each

  void add(std::uint64_t call, std::string_view line) {
    if (call != call_) lines_.clear();
    call_ = call;
    if (lines_.size() == kLines) lines_.pop_front();
    lines_.emplace_back(line.substr(0, kBytes));
  }

  // What the call has printed; the next host begins anew.
  std::vector<std::string> take(std::uint64_t call) {
    std::vector<std::string> out;
    if (call == call_) out.assign(lines_.begin(), lines_.end());
    lines_.clear();
    return out;
  }

 private:
  std::uint64_t call_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace flowrra
