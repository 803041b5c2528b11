#pragma once

// The coroutine type of io tasks.

#include <coroutine>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace flowrra::inline sdk {

template <class T = void>
class Co;

namespace detail {

class Scope;

// What a piece of work ended with: a value or an exception.
template <class T>
class Outcome {
 public:
  template <class U>
  void set_value(U&& value) {
    state_.template emplace<1>(std::forward<U>(value));
  }
  void set_error(std::exception_ptr error) noexcept { state_.template emplace<2>(std::move(error)); }
  [[nodiscard]] bool ready() const noexcept { return state_.index() != 0; }

  // The value, or throws the exception. Once, when ready.
  T take() {
    if (state_.index() == 2) std::rethrow_exception(std::get<2>(std::exchange(state_, {})));
    return std::move(std::get<1>(state_));
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> state_;
};

template <>
class Outcome<void> {
 public:
  void set_value() noexcept { ready_ = true; }
  void set_error(std::exception_ptr error) noexcept {
    error_ = std::move(error);
    ready_ = true;
  }
  [[nodiscard]] bool ready() const noexcept { return ready_; }

  void take() {
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  std::exception_ptr error_;
  bool ready_ = false;
};

// What the promises of every Co share: who waits for the end, and in which scope it runs.
struct PromiseBase {
  // Goes straight on with the waiting coroutine, without growing the stack (where the compiler makes the tail call: g++
  // does from -O2 on).
  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().waiting;
    }
    void await_resume() const noexcept {}
  };

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }

  std::coroutine_handle<> waiting;
  Scope* scope = nullptr;  // of the coroutine that awaits this one; null: of none of the SDK's
};

// The scope of a coroutine that waits; null where its type is another library's.
template <class Promise>
Scope* scope_of(std::coroutine_handle<Promise> waiting) noexcept {
  if constexpr (requires { waiting.promise().scope; }) {
    return waiting.promise().scope;
  } else {
    return nullptr;
  }
}

template <class T>
struct Promise : PromiseBase {
  Co<T> get_return_object() noexcept;
  template <class U = T>
  requires std::is_convertible_v<U&&, T>
  void return_value(U&& value) { outcome.set_value(std::forward<U>(value)); }
  void unhandled_exception() noexcept { outcome.set_error(std::current_exception()); }

  Outcome<T> outcome;
};

template <>
struct Promise<void> : PromiseBase {
  Co<void> get_return_object() noexcept;
  void return_void() noexcept { outcome.set_value(); }
  void unhandled_exception() noexcept { outcome.set_error(std::current_exception()); }

  Outcome<void> outcome;
};

}  // namespace detail

// A coroutine that gives a T. It begins when it is awaited, once, with `co_await fetch(ctx, url)`; destroying it before
// its end destroys everything in it.
//
// Give a coroutine its inputs by value: a reference is good only while what it names lives. Never make a coroutine of a
// lambda with captures: the captures live in the lambda, which may be gone before the coroutine ends. Registration
// refuses such lambdas.
template <class T>
class [[nodiscard]] Co {
 public:
  static_assert(!std::is_reference_v<T>, "flowrra: a coroutine gives a value, not a reference");
  using promise_type = detail::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Co(Handle handle) noexcept : handle_(handle) {}
  Co(Co&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Co& operator=(Co&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Co(const Co&) = delete;
  Co& operator=(const Co&) = delete;
  ~Co() {
    if (handle_) handle_.destroy();
  }

  struct Awaiter {
    Handle child;
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Waiting>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Waiting> waiting) const noexcept {
      child.promise().waiting = waiting;
      child.promise().scope = detail::scope_of(waiting);
      return child;
    }
    T await_resume() const { return child.promise().outcome.take(); }
  };
  // Of a coroutine kept in a variable: `co_await std::move(co)`.
  Awaiter operator co_await() && noexcept { return {handle_}; }

 private:
  Handle handle_;
};

namespace detail {

template <class T>
Co<T> Promise<T>::get_return_object() noexcept {
  return Co<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Co<void> Promise<void>::get_return_object() noexcept {
  return Co<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

template <class T>
inline constexpr bool kIsCo = false;
template <class T>
inline constexpr bool kIsCo<Co<T>> = true;

// Whether a function that returns R is a coroutine of some library.
template <class R>
concept CoroutineResult = requires {
  typename std::coroutine_traits<R>::promise_type;
};

}  // namespace detail
}  // namespace flowrra::inline sdk
