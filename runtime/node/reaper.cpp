#include "node/reaper.hpp"

#include "base/log.hpp"

namespace flowrra {

Reaper::Reaper(Loop& loop, Courier& courier, Micros lease)
    : courier_(courier), interval_(lease / 2), timer_(loop, [this] { reap(); }) {}

void Reaper::stop() {
  stopped_ = true;
  timer_.stop();
}

void Reaper::reap() {
  courier_.post([](Store& store) { return store.broker().recover(); },
                [this](const Result<int>& found) {
                  if (!found) {
                    log::warning("recovery of lost tasks failed: " + found.error().message);
                  } else if (*found > 0) {
                    log::warning(std::to_string(*found) + " tasks of dead nodes wait to be run again");
                  }
                  if (!stopped_) timer_.start(interval_);
                });
}

}  // namespace flowrra
