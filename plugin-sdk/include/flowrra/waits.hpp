#pragma once

// The awaitables that the host's tables give: a delay, work on a thread of the pool, a descriptor.

#include <coroutine>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "flowrra/co.hpp"
#include "flowrra/context.hpp"
#include "flowrra/errors.hpp"
#include "flowrra/plugin.h"
#include "flowrra/scope.hpp"

namespace flowrra::inline sdk::detail {

// A wait that the host ends with the task, and with a scope within the task through its cancel(). [loop]
class HostWait : protected Waiter {
 protected:
  // Borrows the task's scope, which counts where the awaiting coroutine has none.
  explicit HostWait(Scope& task) : scope_(&task) {}
  ~HostWait() = default;

  // False when there is nothing to begin: the scope is cancelled.
  template <class Promise>
  bool begin(std::coroutine_handle<Promise> waiting) {
    if (Scope* own = scope_of(waiting)) scope_ = own;
    waiting_ = waiting;
    if (scope_->cancelled()) {
      status_ = FLOWRRA_STATUS_CANCELLED;
      return false;
    }
    if (!scope_->outermost()) scope_->add(*this);
    return true;
  }
  static void done(void* data, std::int32_t status) {
    auto* self = static_cast<HostWait*>(data);
    self->status_ = status;
    self->leave();
    self->waiting_.resume();
  }
  [[nodiscard]] void* data() { return this; }
  void throw_if_cancelled() const {
    if (status_ == FLOWRRA_STATUS_CANCELLED) throw Cancelled();
  }

  Scope* scope_;
  std::int32_t status_ = FLOWRRA_STATUS_OK;

 private:
  void cancel() noexcept override {
    if (offers(scope_->async(), scope_->async().cancel)) scope_->async().cancel(scope_->call(), data());
  }

  std::coroutine_handle<> waiting_;
};

// Awaits a delay. [loop]
class Sleep final : HostWait {
 public:
  Sleep(Scope& task, std::int64_t ms) : HostWait(task), ms_(ms) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    if (!begin(waiting)) return false;
    scope_->async().sleep(scope_->call(), ms_, &HostWait::done, data());
    return true;
  }
  void await_resume() const { throw_if_cancelled(); }

 private:
  std::int64_t ms_;
};

// Awaits a descriptor. [loop]
class Ready final : HostWait {
 public:
  Ready(Scope& task, int fd, std::uint32_t events) : HostWait(task), fd_(fd), events_(events) {
    if (!offers(task.async(), task.async().ready))
      throw Permanent("this host is older than the plugin's SDK: it cannot wait for descriptors and programs");
  }
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    if (!begin(waiting) && (events_ & FLOWRRA_FD_TO_THE_END) == 0) return false;
    scope_->async().ready(scope_->call(), fd_, events_, &HostWait::done, data());
    return true;
  }
  void await_resume() const {
    throw_if_cancelled();
    if (status_ == FLOWRRA_STATUS_FAILED)
      throw std::runtime_error("this descriptor cannot be waited for: it is a file, or is waited for already");
  }

 private:
  int fd_;
  std::uint32_t events_;
};

template <class Work>
decltype(auto) run_work(Work& work, BlockingContext& context) {
  if constexpr (std::is_invocable_v<Work&, BlockingContext&>) {
    return std::invoke(work, context);
  } else {
    return std::invoke(work);
  }
}

// Awaits work on a thread of the pool.
template <class Work>
class Blocking final : HostWait {
 public:
  using Result = std::decay_t<decltype(run_work(std::declval<std::remove_reference_t<Work>&>(),
                                                std::declval<BlockingContext&>()))>;

  Blocking(Scope& task, Work&& work) : HostWait(task), work_(std::forward<Work>(work)) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {  // [loop]
    if (!begin(waiting)) return false;
    scope_->async().blocking(scope_->call(), &Blocking::work, &HostWait::done, data());
    return true;
  }
  Result await_resume() {  // [loop]
    throw_if_cancelled();
    return outcome_.take();
  }

 private:
  static void work(void* data) noexcept {  // [pool thread]
    auto* self = static_cast<Blocking*>(static_cast<HostWait*>(data));
    try {
      BlockingContext context(self->scope_->host(), self->scope_->call(), &self->scope_->flag());
      if constexpr (std::is_void_v<Result>) {
        run_work(self->work_, context);
        self->outcome_.set_value();
      } else {
        self->outcome_.set_value(run_work(self->work_, context));
      }
    } catch (...) {
      self->outcome_.set_error(std::current_exception());
    }
  }

  Work work_;
  Outcome<Result> outcome_;
};

}  // namespace flowrra::inline sdk::detail
