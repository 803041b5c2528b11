#include "store/memory/memory_store.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <map>

#include "store/memory/memory_backend.hpp"
#include "store/memory/memory_broker.hpp"
#include "store/memory/memory_directory.hpp"

namespace flowrra {
namespace {

using namespace memory;

// The state behind a name, made by the first who asks.
std::shared_ptr<memory::Shared> shared_state(const std::string& url) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<memory::Shared>> states;
  const std::scoped_lock lock(mutex);
  std::erase_if(states, [](const auto& entry) { return entry.second.expired(); });
  auto state = states[url].lock();
  if (!state) states[url] = state = std::make_shared<memory::Shared>();
  return state;
}

class MemoryStore final : public Store {
 public:
  MemoryStore(std::shared_ptr<memory::Shared> state, const Clock& clock, Bells bells)
      : state_(std::move(state)),
        bells_(std::move(bells)),
        broker_(state_, clock, bells_),
        directory_(state_, clock),
        backend_(state_, clock, bells_) {
    const std::scoped_lock lock(state_->mutex);
    state_->open.push_back(&bells_);
  }
  ~MemoryStore() override {
    const std::scoped_lock lock(state_->mutex);
    std::erase(state_->open, &bells_);
  }
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  Broker& broker() override { return broker_; }
  Directory& directory() override { return directory_; }
  Backend& backend() override { return backend_; }

 private:
  std::shared_ptr<memory::Shared> state_;
  Bells bells_;
  MemoryBroker broker_;
  MemoryDirectory directory_;
  MemoryBackend backend_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_memory_store(const StoreOptions& options) {
  Bells bells{UniqueFd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), UniqueFd(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))};
  if (!bells.broker || !bells.backend) {
    return Error{Code::unreachable, "cannot make an eventfd: " + errno_text(errno), "Raise the limit of open files."};
  }
  const Clock& clock = options.clock != nullptr ? *options.clock : system_clock();
  return std::unique_ptr<Store>(std::make_unique<MemoryStore>(shared_state(options.url), clock, std::move(bells)));
}

}  // namespace flowrra
