#include "host/sleepers.hpp"

#include <flowrra/plugin.h>

#include <algorithm>
#include <vector>

namespace flowrra {
namespace {

constexpr std::int64_t kLongestMs = std::int64_t{366} * 24 * 3600 * 1000;

void call_done(const Sleep& sleep) noexcept { sleep.done(sleep.data, sleep.status); }

}  // namespace

Sleepers::Sleepers(uv_loop_t* loop, LoopMarks& marks) : marks_(marks) {
  uv_timer_init(loop, &timer_);
  timer_.data = this;
}

void Sleepers::add(IoCall& call, std::int64_t ms, void (*done)(void*, std::int32_t), void* data) {
  Sleep sleep{&call, done, data, FLOWRRA_STATUS_OK, {}, nullptr, nullptr};
  if (call.cancelled) sleep.status = FLOWRRA_STATUS_CANCELLED;
  const auto wait = std::chrono::milliseconds(call.cancelled ? 0 : std::clamp<std::int64_t>(ms, 0, kLongestMs));
  insert(sleep, system_clock().boot() + wait);
  if (running_until_ == BootTime::min()) arm();
}

void Sleepers::wake(IoCall& call) {
  std::vector<Sleep> woken;
  while (Sleep* sleep = call.sleeps.first()) {
    call.sleeps.remove(*sleep);
    woken.push_back(*sleep);
    sleeps_.erase(woken.back().place);
  }
  const BootTime now = system_clock().boot();
  for (Sleep& sleep : woken) {
    sleep.status = FLOWRRA_STATUS_CANCELLED;
    insert(sleep, now);
  }
  if (running_until_ == BootTime::min()) arm();
}

void Sleepers::wake(IoCall& call, const void* data) {
  Sleep* sleeping = call.sleeps.first();
  while (sleeping != nullptr && sleeping->data != data) sleeping = sleeping->next;
  if (sleeping == nullptr) return;
  call.sleeps.remove(*sleeping);
  Sleep woken = *sleeping;
  sleeps_.erase(woken.place);
  woken.status = FLOWRRA_STATUS_CANCELLED;
  insert(woken, system_clock().boot());
  if (running_until_ == BootTime::min()) arm();
}

void Sleepers::forget(IoCall& call) {
  while (Sleep* sleeping = call.sleeps.first()) {
    call.sleeps.remove(*sleeping);
    sleeping->call = nullptr;
  }
}

void Sleepers::close() { uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr); }

void Sleepers::insert(Sleep sleep, BootTime due) {
  if (running_until_ != BootTime::min()) due = std::max(due, running_until_ + Micros(1));
  const auto place = sleeps_.emplace(due, sleep);
  place->second.place = place;
  place->second.call->sleeps.add(place->second);
}

void Sleepers::run() {
  running_until_ = system_clock().boot();
  while (!sleeps_.empty() && sleeps_.begin()->first <= running_until_) {
    Sleep& first = sleeps_.begin()->second;
    if (first.call != nullptr) first.call->sleeps.remove(first);
    const Sleep sleep = first;
    sleeps_.erase(sleeps_.begin());
    const Dispatch dispatch(marks_, sleep.call != nullptr ? sleep.call->number : 0);
    call_done(sleep);
  }
  running_until_ = BootTime::min();
  armed_for_ = BootTime::max();
  arm();
}

void Sleepers::arm() {
  if (sleeps_.empty() || sleeps_.begin()->first >= armed_for_) return;
  armed_for_ = sleeps_.begin()->first;
  const Micros left = std::max(Micros(0), armed_for_ - system_clock().boot());
  uv_update_time(timer_.loop);
  uv_timer_start(
      &timer_, [](uv_timer_t* timer) { static_cast<Sleepers*>(timer->data)->run(); },
      static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count()), 0);
}

}  // namespace flowrra
