#include "node/janitor.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr int kAtATime = 1000;
constexpr Micros kMost = std::chrono::seconds(60);
constexpr Micros kLeast = std::chrono::seconds(1);

}  // namespace

Janitor::Janitor(Loop& loop, const Clock& clock, Courier& courier, Micros ttl)
    : courier_(courier), ttl_(ttl), pulse_(clock), timer_(loop, [this] { sweep(); }) {}

PartHealth Janitor::health() const { return pulse_.health("janitor", 5 * kMost); }

void Janitor::stop() {
  stopped_ = true;
  timer_.stop();
}

void Janitor::sweep() {
  courier_.post([ttl = ttl_](Store& store) { return store.backend().remove_older(ttl, kAtATime); },
                [this](const Result<int>& removed) {
                  removed ? pulse_.good() : pulse_.bad(removed.error().message);
                  if (!removed) log::warning("old results cannot be removed: " + removed.error().message);
                  if (stopped_) return;
                  const bool more = removed && *removed >= kAtATime;
                  timer_.start(more ? Micros(10'000) : std::clamp(ttl_ / 4, kLeast, kMost));
                });
}

}  // namespace flowrra
