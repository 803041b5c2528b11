#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

#include "base/clock.hpp"

namespace flowrra::redis {

// How long to wait after each failed attempt to connect: 50 ms at first, twice as long each time up to a second, and
// drawn at random between half of that and all of it, so that many clients do not come back as one.
class Pause {
 public:
  Micros next() {
    const Micros whole = std::exchange(whole_, std::min<Micros>(2 * whole_, kLongest));
    return Micros(std::uniform_int_distribution<Micros::rep>(whole.count() / 2, whole.count())(random_));
  }
  void reset() { whole_ = kFirst; }

 private:
  static constexpr Micros kFirst = std::chrono::milliseconds(50);
  static constexpr Micros kLongest = std::chrono::seconds(1);
  Micros whole_ = kFirst;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace flowrra::redis
