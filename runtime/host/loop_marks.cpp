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
  const BootTime now = system_clock().boot();
  if (!stack_.empty()) mark_since(now);
  if (now - top.since < kSlowCallback || top.call == 0) return;
  for (Mark& outer : stack_) outer.since = now;  // they were kept waiting; the blame is told once
  slow_(top.call, now - top.since);
}

void LoopMarks::leave_down_to(std::size_t depth) {
  while (stack_.size() > depth) leave();
}

}  // namespace flowrra
