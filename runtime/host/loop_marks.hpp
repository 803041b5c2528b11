#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.hpp"

namespace flowrra {

inline constexpr Micros kSlowCallback = std::chrono::milliseconds(100);

// Which call the loop thread works for. Callbacks nest (a task's callback may resume another task), so the marks are a
// stack; the top is in the shared page. Times each of them. [loop thread]
class LoopMarks {
 public:
  // Told of a callback that kept the loop for longer than kSlowCallback.
  using Slow = std::function<void(std::uint64_t call, Micros took)>;
  explicit LoopMarks(Slow slow) : slow_(std::move(slow)) {}

  void enter(std::uint64_t call);
  void leave();  // without a matching enter it does nothing
  // The call ends now: tells of it what leave() would, while somebody still knows it.
  void ends(std::uint64_t call);

  [[nodiscard]] std::size_t depth() const { return stack_.size(); }
  // Leaves what a plugin entered and did not leave.
  void leave_down_to(std::size_t depth);

 private:
  struct Mark {
    std::uint64_t call;
    BootTime since;
    bool ended = false;
  };
  void judge(const Mark& mark, BootTime now);
  std::vector<Mark> stack_;
  Slow slow_;
};

// A call into a plugin for one of its calls.
class Dispatch {
 public:
  Dispatch(LoopMarks& marks, std::uint64_t call) : marks_(marks), depth_(marks.depth()) { marks_.enter(call); }
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;
  ~Dispatch() { marks_.leave_down_to(depth_); }

 private:
  LoopMarks& marks_;
  std::size_t depth_;
};

}  // namespace flowrra
