#pragma once

// A bound on how many do something at once.

#include <coroutine>
#include <cstddef>
#include <utility>

#include "flowrra/errors.hpp"
#include "flowrra/scope.hpp"

namespace flowrra::inline sdk {

// Lets so many coroutines through at once, of one task or, as a static object, of all tasks of the plugin in this host.
//   static flowrra::Semaphore downloads(4);
//   const auto permit = co_await downloads.acquire();  // given back where `permit` goes out of scope
// First come, first served. It has to outlive its permits and those that wait. [loop]
class Semaphore {
 public:
  // The right to be one of them; gives itself back.
  class [[nodiscard]] Permit {
   public:
    explicit Permit(Semaphore& of) noexcept : of_(&of) {}
    Permit(Permit&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(of_, other.of_);
      return *this;
    }
    ~Permit() { release(); }
    void release() noexcept {
      if (Semaphore* of = std::exchange(of_, nullptr)) of->give_back();
    }

   private:
    Semaphore* of_;
  };

  // Awaits a permit. Throws Cancelled.
  class Acquire final : detail::Waiter {
   public:
    explicit Acquire(Semaphore& of) : of_(of) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiting) {
      static_assert(
          requires { waiting.promise().scope; }, "flowrra: a permit is awaited in a flowrra::Co");
      scope_ = waiting.promise().scope;
      waiting_ = waiting;
      if (scope_->cancelled()) return false;
      if (of_.free_ > 0) {
        --of_.free_;
        granted_ = true;
        return false;
      }
      of_.enqueue(*this);
      scope_->add(*this);
      return true;
    }
    Permit await_resume() {
      leave();
      if (!granted_) throw Cancelled();
      return Permit(of_);
    }

   private:
    friend class Semaphore;
    void cancel() noexcept override {
      if (of_.dequeue(*this)) wake();
    }
    void grant() noexcept {
      granted_ = true;
      wake();
    }
    void wake() noexcept { wake_.resume(scope_->async(), scope_->call(), waiting_); }

    Semaphore& of_;
    detail::Scope* scope_ = nullptr;
    std::coroutine_handle<> waiting_;
    detail::Wake wake_;
    Acquire* next_ = nullptr;
    bool granted_ = false;
  };

  explicit Semaphore(std::size_t permits) noexcept : free_(permits) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  [[nodiscard]] Acquire acquire() { return Acquire(*this); }
  // Permits that nobody has.
  [[nodiscard]] std::size_t available() const noexcept { return free_; }

 private:
  void enqueue(Acquire& waiter) noexcept {
    (last_ != nullptr ? last_->next_ : first_) = &waiter;
    last_ = &waiter;
  }
  // Whether it still waited.
  bool dequeue(Acquire& waiter) noexcept {
    Acquire* before = nullptr;
    for (Acquire* at = first_; at != nullptr; before = std::exchange(at, at->next_)) {
      if (at != &waiter) continue;
      (before != nullptr ? before->next_ : first_) = at->next_;
      if (last_ == at) last_ = before;
      return true;
    }
    return false;
  }
  void give_back() noexcept {
    Acquire* next = first_;
    if (next == nullptr) {
      ++free_;
      return;
    }
    first_ = next->next_;
    if (first_ == nullptr) last_ = nullptr;
    next->grant();
  }

  std::size_t free_;
  Acquire* first_ = nullptr;
  Acquire* last_ = nullptr;
};

}  // namespace flowrra::inline sdk
