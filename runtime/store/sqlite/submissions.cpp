#include "store/sqlite/submissions.hpp"

#include <algorithm>
#include <string>

namespace flowrra::sqlite {

std::vector<PushOutcome> Submissions::add(std::span<const NewTask> tasks) {
  std::vector<PushOutcome> out;
  out.reserve(tasks.size());
  while (!tasks.empty()) {
    const auto some = tasks.first(std::min(tasks.size(), Tasks::kTogether));
    tasks = tasks.subspan(some.size());
    if (some.size() == Tasks::kTogether && add_together(some.first<Tasks::kTogether>())) {
      out.insert(out.end(), some.size(), PushOutcome::accepted);
    } else {
      for (const NewTask& task : some) out.push_back(add_one(task));
    }
  }
  return out;
}

std::int64_t& Submissions::room(std::string_view queue) {
  const auto [found, is_new] = room_.try_emplace(queue, 0);
  if (is_new) found->second = max_queue_size_ - engine_.lanes.waiting(std::string(queue));
  return found->second;
}

// Where each of them can be added for sure: they are of one queue, which has room for all.
bool Submissions::add_together(std::span<const NewTask, Tasks::kTogether> tasks) {
  constexpr auto kCount = static_cast<std::int64_t>(Tasks::kTogether);
  const std::string& queue = tasks.front().queue;
  if (!std::ranges::all_of(tasks, [&queue](const NewTask& task) { return task.queue == queue; })) return false;
  std::int64_t& left = room(queue);
  if (left < kCount || !engine_.tasks.add_together(tasks, now_)) return false;
  left -= kCount;
  effects_.work = effects_.durable = true;
  return true;
}

PushOutcome Submissions::add_one(const NewTask& task) {
  std::int64_t& left = room(task.queue);
  const bool full = left <= 0;
  const bool added = !full && engine_.tasks.add(task, now_);
  if (added) --left;
  const bool known = !added && (!full || engine_.rows.exists(task.id));
  effects_.work |= added;
  effects_.durable |= added || known;  // whoever was first may not have synced it yet
  return added ? PushOutcome::accepted : known ? PushOutcome::exists : PushOutcome::queue_full;
}

}  // namespace flowrra::sqlite
