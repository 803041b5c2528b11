#pragma once

// What a coroutine asks of its host: the context of an io task.

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>

#include "flowrra/co.hpp"
#include "flowrra/context.hpp"
#include "flowrra/plugin.h"
#include "flowrra/scope.hpp"
#include "flowrra/waits.hpp"

// g++ before 13 destroys twice what a lambda holds that is made in a co_await expression. Such a lambda is refused.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#define FLOWRRA_CHECK_LAMBDA_(type)                                                                                 \
  static_assert(std::is_lvalue_reference_v<type> || std::is_trivially_destructible_v<type>,                         \
                "flowrra: this compiler destroys twice what a lambda holds that is made in a co_await expression: " \
                "capture by reference, blocking([&] { ... }), which is safe here, or give the lambda a name first")
#else
#define FLOWRRA_CHECK_LAMBDA_(type) static_assert(true, "")
#endif

namespace flowrra::inline sdk {

namespace detail {

// Rounded up to milliseconds and within what the host takes.
template <class Rep, class Period>
std::int64_t whole_ms(std::chrono::duration<Rep, Period> duration) {
  using std::chrono::milliseconds;
  const auto wanted = std::chrono::duration<double, std::milli>(duration).count();
  if (!(wanted < 9e15)) return std::int64_t{9'000'000'000'000'000};
  return std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(duration).count());
}

}  // namespace detail

// Of an io task. Keep it on the loop thread; work on other threads has a BlockingContext of its own.
class IoContext : public Context {
 public:
  // Borrows the task's scope.
  explicit IoContext(detail::Scope& scope) : Context(scope.host(), scope.call()), scope_(scope) {}

  // co_await ctx.sleep(2s); rounded up to milliseconds, at most some 290 years. Throws Cancelled.
  template <class Rep, class Period>
  [[nodiscard]] detail::Sleep sleep(std::chrono::duration<Rep, Period> duration) {
    return {scope_, detail::whole_ms(duration)};
  }

  // co_await ctx.blocking([&] { return read_file(path); }); runs `work` on a thread of the host's pool and gives its
  // result or its exception. `work` may take a BlockingContext&. Capturing by reference is safe here: the coroutine
  // waits until the work has ended, whatever happens. A `work` with a name is not copied and has to live as long.
  template <class Work>
  [[nodiscard]] detail::Blocking<Work> blocking(Work&& work) {
    static_assert(!detail::CoroutineResult<typename detail::Blocking<Work>::Result>,
                  "flowrra: blocking() takes an ordinary function, not a coroutine");
    FLOWRRA_CHECK_LAMBDA_(Work);
    return {scope_, std::forward<Work>(work)};
  }

  // co_await ctx.readable(fd): until a read would not block (data, the end, or an error). It may do so all the same
  // when others read, so the descriptor is set to non-blocking. One wait for a descriptor at a time; files on a disk
  // cannot be waited for, use blocking(). Throws Cancelled.
  [[nodiscard]] detail::Ready readable(int fd) { return {scope_, fd, FLOWRRA_FD_READABLE}; }
  [[nodiscard]] detail::Ready writable(int fd) { return {scope_, fd, FLOWRRA_FD_WRITABLE}; }

  // The host's tables, for awaitables over libraries of your own: see Completion.
  [[nodiscard]] const flowrra_host& host() const { return host_; }
  [[nodiscard]] const flowrra_async& async() const { return scope_.async(); }
  [[nodiscard]] flowrra_call* call() const { return call_; }
  [[nodiscard]] detail::Scope& scope() const { return scope_; }

 private:
  detail::Scope& scope_;
};

// While it lives a crash is charged to this task: for callbacks of a library that work for a task. What a coroutine
// does is marked without it. [loop]
class Mark {
 public:
  explicit Mark(const IoContext& context) : async_(context.async()) { async_.enter(context.call()); }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;
  ~Mark() { async_.leave(); }

 private:
  const flowrra_async& async_;
};

// A coroutine awaits it; a callback on the loop thread completes it: the bridge to any library that reports its end
// through a callback, such as libuv or libcurl.
//
//   flowrra::Completion<CURLcode> ended(ctx);
//   Transfer transfer(url, ended);             // its destructor takes the transfer out of libcurl
//   const CURLcode code = co_await ended;      // Cancelled ends here too; the destructor then aborts the transfer
//
// complete() and fail() resume the waiting coroutine before they return, marked as its task; it may by then be over and
// the Completion gone. Only the first of them counts, and after a cancel none. It must outlive its await and stay where
// it is. [loop]
template <class T = void>
class Completion final : detail::Waiter {
 public:
  explicit Completion(IoContext& context) : context_(context) {}

  template <class... Value>
  void complete(Value&&... value) {
    if (outcome_.ready()) return;
    outcome_.set_value(std::forward<Value>(value)...);
    resume_marked();
  }
  void fail(std::exception_ptr error) {
    if (outcome_.ready()) return;
    outcome_.set_error(std::move(error));
    resume_marked();
  }

  [[nodiscard]] bool await_ready() const { return outcome_.ready(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    detail::Scope* own = detail::scope_of(waiting);
    detail::Scope& scope = own != nullptr ? *own : context_.scope();
    if (scope.cancelled()) {
      outcome_.set_error(std::make_exception_ptr(Cancelled()));
      return false;
    }
    waiting_ = waiting;
    scope.add(*this);
    return true;
  }
  T await_resume() {
    leave();
    return outcome_.take();
  }

 private:
  void cancel() noexcept override {
    if (outcome_.ready()) return;
    outcome_.set_error(std::make_exception_ptr(Cancelled()));
    wake_.resume(context_.async(), context_.call(), std::exchange(waiting_, nullptr));
  }

  void resume_marked() {
    if (!waiting_) return;  // not awaited yet
    const Mark mark(context_);
    std::exchange(waiting_, nullptr).resume();
  }

  IoContext& context_;
  std::coroutine_handle<> waiting_;
  detail::Wake wake_;
  detail::Outcome<T> outcome_;
};

}  // namespace flowrra::inline sdk
