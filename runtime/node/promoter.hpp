#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "executor/loop.hpp"
#include "node/pulse.hpp"

namespace flowrra {

// Wakes the dispatcher when the earliest scheduled or retrying task is due; the broker then makes it pending as part
// of the claim. All on the loop thread.
class Promoter {
 public:
  Promoter(Loop& loop, const Clock& clock, std::function<void()> due)
      : clock_(clock), pulse_(clock), on_due_(std::move(due)), timer_(loop, [this] {
          due_.reset();
          pulse_.good();
          on_due_();
        }) {}

  // The newest knowledge of the broker: how long until the earliest one, if there is one.
  void next_due(std::optional<Micros> wait) {
    due_.reset();
    if (wait) {
      due_ = clock_.boot() + *wait;
      timer_.start(*wait);
    } else {
      timer_.stop();
    }
  }

  [[nodiscard]] PartHealth health() const {
    PartHealth out = pulse_.health("promoter");
    const Micros late = due_ ? clock_.boot() - *due_ : Micros(0);
    if (late > std::chrono::seconds(5)) out.stuck = "a task was due " + to_text(late) + " ago";
    return out;
  }

 private:
  const Clock& clock_;
  Pulse pulse_;
  std::function<void()> on_due_;
  std::optional<BootTime> due_;
  Timer timer_;
};

}  // namespace flowrra
