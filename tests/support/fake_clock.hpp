#pragma once

#include <atomic>

#include "base/clock.hpp"

namespace flowrra::test {

// A clock that moves only when told. [any thread]
class FakeClock final : public Clock {
 public:
  explicit FakeClock(BootTime boot = BootTime(std::chrono::seconds(5000))) : boot_(boot.time_since_epoch().count()) {}
  [[nodiscard]] WallTime wall() const override { return wall_from_micros(wall_.load()); }
  [[nodiscard]] BootTime boot() const override { return BootTime(Micros(boot_.load())); }
  void advance(Micros step) {
    wall_ += step.count();
    boot_ += step.count();
  }
  void jump_wall(Micros step) { wall_ += step.count(); }

 private:
  std::atomic<std::int64_t> wall_{1'800'000'000'000'000};
  std::atomic<std::int64_t> boot_;
};

}  // namespace flowrra::test
