#include "host/loop_marks.hpp"

#include "host/fault.hpp"

namespace flowrra {

void LoopMarks::enter(std::uint64_t call) {
  stack_.push_back({call, system_clock().boot()});
  mark_since(stack_.back().since);
  mark(call);
}

void LoopMarks::leave() {
  if (stack_.empty()) return;
  const Mark top = stack_.back();
  stack_.pop_back();
  mark(stack_.empty() ? 0 : stack_.back().call);
  if (stack_.empty() && top.ended) return;  // nobody is left to be judged
  const BootTime now = system_clock().boot();
  if (!stack_.empty()) mark_since(now);
  judge(top, now);
}

void LoopMarks::ends(std::uint64_t call) {
  if (stack_.empty() || stack_.back().call != call) return;
  judge(Mark(stack_.back()), system_clock().boot());
  stack_.back().ended = true;
}

// Those around it were kept waiting; the blame is told once.
void LoopMarks::judge(const Mark& mark, BootTime now) {
  if (now - mark.since < kSlowCallback || mark.call == 0) return;
  for (Mark& each : stack_) each.since = now;
  slow_(mark.call, now - mark.since);
}

void LoopMarks::leave_down_to(std::size_t depth) {
  while (stack_.size() > depth) leave();
}

}  // namespace flowrra
