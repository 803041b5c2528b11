#include "node/reaper.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace flowrra {
namespace {

constexpr Micros kMost = std::chrono::seconds(1);

}  // namespace

Reaper::Reaper(Loop& loop, const Clock& clock, Courier& courier, Micros lease)
    : courier_(courier), lease_(lease), pulse_(clock), timer_(loop, [this] { reap(); }) {}

void Reaper::stop() {
  stopped_ = true;
  timer_.stop();
}

void Reaper::reap() {
  courier_.post([](Store& store) { return store.broker().recover(); },
                [this](const Result<int>& found) {
                  if (!found) {
                    if (!pulse_.failing()) log::warning("recovery of lost tasks fails: " + found.error().message);
                    pulse_.bad(found.error().message);
                  } else {
                    pulse_.good();
                    if (*found > 0) log::warning(std::to_string(*found) + " tasks of dead nodes wait to be run again");
                  }
                  if (!stopped_) timer_.start(std::min(kMost, lease_ / 4));
                });
}

}  // namespace flowrra
