#pragma once

// What can be cancelled as a whole: a task, or the branches of all(), any() and with_timeout().

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>

#include "flowrra/plugin.h"

namespace flowrra::inline sdk::detail {

class Scope;

// Something that a coroutine waits for, as its scope knows it. Leaves the scope when it is destroyed. [loop]
class Waiter {
 public:
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

 protected:
  ~Waiter() { leave(); }
  void leave() noexcept;

 private:
  friend class Scope;
  // Sees to it that the wait ends soon. Resumes nothing before it returns, and may be called again.
  virtual void cancel() noexcept = 0;

  Scope* scope_ = nullptr;
  Waiter* next_ = nullptr;
  Waiter* before_ = nullptr;
};

// A tree: cancelling a scope cancels those within it. What waits in a scope ends with Cancelled from then on. The
// outermost one is the task's; it listens to the host while something waits in it that the host does not know.
//
// Waits of the host's tables (sleep, blocking, ready) in the outermost scope need no place in it: the host ends them
// with the task. [loop; cancelled() any]
class Scope final : private Waiter {
 public:
  // The outermost scope of a call.
  Scope(const flowrra_host& host, const flowrra_async& async, flowrra_call* call) noexcept
      : host_(host), async_(async), call_(call) {}
  // One within another.
  explicit Scope(Scope& outer) noexcept : host_(outer.host_), async_(outer.async_), call_(outer.call_), outer_(&outer) {
    outer.add(*this);
  }
  ~Scope() = default;

  [[nodiscard]] bool cancelled() const noexcept {
    return cancelled_ || (outermost() && host_.is_cancelled(call_) != 0);
  }
  [[nodiscard]] const std::atomic<bool>& flag() const noexcept { return cancelled_; }
  [[nodiscard]] bool outermost() const noexcept { return outer_ == nullptr; }
  [[nodiscard]] const flowrra_host& host() const noexcept { return host_; }
  [[nodiscard]] const flowrra_async& async() const noexcept { return async_; }
  [[nodiscard]] flowrra_call* call() const noexcept { return call_; }

  void add(Waiter& waiter) noexcept {
    if (waiter.scope_ != nullptr) return;
    waiter.scope_ = this;
    waiter.next_ = first_;
    waiter.before_ = nullptr;
    const bool listens = first_ != nullptr;
    if (first_ != nullptr) first_->before_ = &waiter;
    first_ = &waiter;
    if (outermost() && !listens) {
      async_.on_cancel(
          call_, [](void* self) { static_cast<Scope*>(self)->stop(); }, this);
    } else if (cancelled()) {
      waiter.cancel();
    }
  }

  // Resumes nothing before it returns.
  void stop() noexcept {
    cancelled_ = true;
    for (Waiter* waiter = first_; waiter != nullptr; waiter = waiter->next_) waiter->cancel();
  }

 private:
  friend class Waiter;
  void cancel() noexcept override { stop(); }
  void remove(Waiter& waiter) noexcept {
    (waiter.before_ != nullptr ? waiter.before_->next_ : first_) = waiter.next_;
    if (waiter.next_ != nullptr) waiter.next_->before_ = waiter.before_;
    waiter.scope_ = nullptr;
    if (outermost() && first_ == nullptr) async_.on_cancel(call_, nullptr, nullptr);
  }

  const flowrra_host& host_;
  const flowrra_async& async_;
  flowrra_call* const call_;
  Scope* const outer_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  Waiter* first_ = nullptr;
};

inline void Waiter::leave() noexcept {
  if (scope_ != nullptr) scope_->remove(*this);
}

// Resumes a coroutine from the loop, with its task marked, never before resume() returns. Stays where it is until then.
// [loop]
class Wake {
 public:
  void resume(const flowrra_async& async, flowrra_call* call, std::coroutine_handle<> waiting) noexcept {
    waiting_ = waiting;
    async.sleep(
        call, 0, [](void* data, std::int32_t) { static_cast<Wake*>(data)->waiting_.resume(); }, this);
  }

 private:
  std::coroutine_handle<> waiting_;
};

// What a coroutine says of itself: `co_await OwnScope()` gives the scope that it runs in.
struct OwnScope {
  Scope* scope = nullptr;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    scope = self.promise().scope;
    return false;
  }
  [[nodiscard]] Scope& await_resume() const noexcept { return *scope; }
};

// Whether the host's table ends with `field` or later: a host may be older than the header.
template <class Table, class Field>
bool offers(const Table& table, const Field& field) noexcept {
  const auto end = reinterpret_cast<const char*>(&field + 1) - reinterpret_cast<const char*>(&table);
  return table.struct_size >= static_cast<std::size_t>(end) && field != nullptr;
}

}  // namespace flowrra::inline sdk::detail
