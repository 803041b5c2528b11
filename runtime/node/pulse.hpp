#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "task/health.hpp"

namespace flowrra {

// When a part of the node last got something done, and since when and why it does not. All on the loop thread.
class Pulse {
 public:
  explicit Pulse(const Clock& clock) : clock_(clock) {}

  void good() {
    last_ = clock_.boot();
    failing_.reset();
  }
  void bad(const std::string& why) {
    if (!failing_) failing_ = clock_.boot();
    why_ = why;
  }

  [[nodiscard]] bool failing() const { return failing_.has_value(); }

  // With a limit it counts as stuck, too, when it got nothing done for so long.
  [[nodiscard]] PartHealth health(std::string name, std::optional<Micros> limit = {}) const {
    PartHealth out;
    out.name = std::move(name);
    const BootTime now = clock_.boot();
    if (last_) out.age = now - *last_;
    if (failing_) {
      out.stuck = "fails for " + to_text(now - *failing_) + ": " + why_;
    } else if (limit && out.age && *out.age > *limit) {
      out.stuck = "nothing done for " + to_text(*out.age);
    }
    return out;
  }

 private:
  const Clock& clock_;
  std::optional<BootTime> last_;
  std::optional<BootTime> failing_;
  std::string why_;
};

}  // namespace flowrra
