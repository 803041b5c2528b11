#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "task/checked_spec.hpp"

namespace flowrra {

// Definitions of tasks that the store was asked for within the last second: who submits one after another asks for each
// once a second. A definition that has changed meanwhile does no harm: a node looks at the arguments again. [any
// thread]
class SpecCache {
 public:
  static constexpr Micros kFresh = std::chrono::seconds(1);

  explicit SpecCache(const Clock& clock = system_clock()) : clock_(clock) {}

  // Null: it was not asked for lately.
  [[nodiscard]] SharedSpec find(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = specs_.find(name);
    if (found == specs_.end() || clock_.boot() - found->second.at >= kFresh) return nullptr;
    return found->second.spec;
  }
  SharedSpec keep(TaskSpec given) {
    auto spec = std::make_shared<const CheckedSpec>(std::move(given));
    const std::scoped_lock lock(mutex_);
    specs_[spec->spec.name] = {spec, clock_.boot()};
    return spec;
  }

 private:
  struct Kept {
    SharedSpec spec;
    BootTime at;
  };
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> specs_;  // guarded by mutex_; one for each task that was ever submitted
};

}  // namespace flowrra
