#pragma once

// A branch of a group of coroutines: what group.hpp runs several of.

#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include "flowrra/co.hpp"
#include "flowrra/scope.hpp"

namespace flowrra::inline sdk::detail {

class Group;

// A coroutine that awaits one of a group's and keeps what it ended with.
class Branch {
 public:
  struct promise_type : PromiseBase {
    struct End {
      [[nodiscard]] bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> ended) const noexcept;
      void await_resume() const noexcept {}
    };
    [[nodiscard]] Branch get_return_object() noexcept {
      return Branch(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    [[nodiscard]] End final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() noexcept { error = std::current_exception(); }

    Group* group = nullptr;
    std::size_t index = 0;
    std::exception_ptr error;
  };

  explicit Branch(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  Branch(Branch&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Branch& operator=(Branch&&) = delete;
  ~Branch() {
    if (handle_) handle_.destroy();
  }
  void begin(Group& group, Scope& scope, std::size_t index) {
    handle_.promise().group = &group;
    handle_.promise().scope = &scope;
    handle_.promise().index = index;
    handle_.resume();
  }

 private:
  std::coroutine_handle<promise_type> handle_;
};

template <class T>
Branch branch(Co<T> work, Outcome<T>& into) {
  Co<T> running = std::move(work);  // gone, with all that it holds, before the group hears of the end
  if constexpr (std::is_void_v<T>) {
    co_await std::move(running);
    into.set_value();
  } else {
    into.set_value(co_await std::move(running));
  }
}

}  // namespace flowrra::inline sdk::detail
