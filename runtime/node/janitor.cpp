#include "node/janitor.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr int kAtATime = 1000;
constexpr Micros kMost = std::chrono::seconds(60);
constexpr Micros kLeast = std::chrono::seconds(1);

}  // namespace

Janitor::Janitor(Loop& loop, Courier& courier, Micros ttl)
    : courier_(courier), ttl_(ttl), timer_(loop, [this] { sweep(); }) {}

void Janitor::stop() {
  stopped_ = true;
  timer_.stop();
}

void Janitor::sweep() {
  courier_.post([ttl = ttl_](Store& store) { return store.backend().remove_older(ttl, kAtATime); },
                [this](const Result<int>& removed) {
                  if (!removed) log::warning("old results cannot be removed: " + removed.error().message);
                  if (stopped_) return;
                  const bool more = removed && *removed >= kAtATime;
                  timer_.start(more ? Micros(10'000) : std::clamp(ttl_ / 4, kLeast, kMost));
                });
}

}  // namespace flowrra
