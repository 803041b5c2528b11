#pragma once

// What an io task can wait for. Everything here runs on the loop thread of an io host, save the work of blocking().
//
//   flowrra::Co<Report> build(flowrra::IoContext& ctx, std::string path) {
//     auto text = co_await ctx.blocking([&] { return read_file(path); });
//     co_await ctx.sleep(100ms);
//     co_return co_await summarise(ctx, std::move(text));
//   }
//
// Cancellation: when the task is cancelled, what it awaits ends with the exception Cancelled (work that a thread has
// already begun is waited for), and so does every later await. Objects on the way are destroyed as with any exception.
//
// A trap of g++ before 13: in an expression with co_await it destroys twice what a temporary aggregate, a ?: or a
// lambda holds. Give such a thing a name first:
//   Args args{.path = path};  co_await work(ctx, args);        // not co_await work(ctx, {.path = path})

#include <algorithm>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>

#include "flowrra/co.hpp"
#include "flowrra/context.hpp"
#include "flowrra/errors.hpp"
#include "flowrra/plugin.h"

namespace flowrra::inline sdk {

class IoContext;

namespace detail {

// Awaits a delay. [loop]
class Sleep {
 public:
  Sleep(IoContext& context, std::int64_t ms) : context_(context), ms_(ms) {}
  [[nodiscard]] bool await_ready() const;
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const {
    if (status_ != FLOWRRA_STATUS_OK) throw Cancelled();
  }

 private:
  static void done(void* data, std::int32_t status) {
    auto* self = static_cast<Sleep*>(data);
    self->status_ = status;
    self->waiting_.resume();
  }

  IoContext& context_;
  std::int64_t ms_;
  std::int32_t status_ = FLOWRRA_STATUS_OK;
  std::coroutine_handle<> waiting_;
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
class Blocking {
 public:
  using Result = std::decay_t<decltype(run_work(std::declval<std::remove_reference_t<Work>&>(),
                                                std::declval<BlockingContext&>()))>;

  Blocking(IoContext& context, Work&& work) : context_(context), work_(std::forward<Work>(work)) {}
  [[nodiscard]] bool await_ready() const;               // [loop]
  void await_suspend(std::coroutine_handle<> waiting);  // [loop]
  Result await_resume() {                               // [loop]
    if (status_ != FLOWRRA_STATUS_OK) throw Cancelled();
    return outcome_.take();
  }

 private:
  static void work(void* data) noexcept;  // [pool thread]
  static void done(void* data, std::int32_t status) {
    auto* self = static_cast<Blocking*>(data);
    self->status_ = status;
    self->waiting_.resume();
  }

  IoContext& context_;
  Work work_;
  Outcome<Result> outcome_;
  std::int32_t status_ = FLOWRRA_STATUS_OK;
  std::coroutine_handle<> waiting_;
};

}  // namespace detail

// Of an io task. Keep it on the loop thread; work on other threads has a BlockingContext of its own.
class IoContext : public Context {
 public:
  IoContext(const flowrra_host& host, const flowrra_async& async, flowrra_call* call)
      : Context(host, call), async_(async) {}

  // co_await ctx.sleep(2s); rounded up to milliseconds, at most some 290 years. Throws Cancelled.
  template <class Rep, class Period>
  [[nodiscard]] detail::Sleep sleep(std::chrono::duration<Rep, Period> duration) {
    using std::chrono::milliseconds;
    const auto wanted = std::chrono::duration<double, std::milli>(duration).count();
    const bool exact = wanted < 9e15;
    const auto ms = exact ? std::chrono::ceil<milliseconds>(duration).count() : std::int64_t{9'000'000'000'000'000};
    return {*this, std::max<std::int64_t>(0, ms)};
  }

  // co_await ctx.blocking([&] { return read_file(path); }); runs `work` on a thread of the host's pool and gives its
  // result or its exception. `work` may take a BlockingContext&. Capturing by reference is safe here: the coroutine
  // waits until the work has ended, whatever happens. A `work` with a name is not copied and has to live as long.
  template <class Work>
  [[nodiscard]] detail::Blocking<Work> blocking(Work&& work) {
    static_assert(!detail::CoroutineResult<typename detail::Blocking<Work>::Result>,
                  "flowrra: blocking() takes an ordinary function, not a coroutine");
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
    static_assert(std::is_lvalue_reference_v<Work> || std::is_trivially_destructible_v<Work>,
                  "flowrra: this compiler destroys twice what a lambda holds that is made in a co_await expression: "
                  "capture by reference, blocking([&] { ... }), which is safe here, or give the lambda a name first");
#endif
    return {*this, std::forward<Work>(work)};
  }

  // The host's tables, for awaitables over libraries of your own: see Completion.
  [[nodiscard]] const flowrra_host& host() const { return host_; }
  [[nodiscard]] const flowrra_async& async() const { return async_; }
  [[nodiscard]] flowrra_call* call() const { return call_; }

 private:
  const flowrra_async& async_;
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
// the Completion gone. Only the first of them counts. It must outlive its await and stay where it is; one Completion of
// a task can be awaited at a time. [loop]
template <class T = void>
class Completion {
 public:
  explicit Completion(IoContext& context) : context_(context) {}
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

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

  [[nodiscard]] bool await_ready() const {
    if (outcome_.ready()) return true;
    context_.throw_if_cancelled();
    return false;
  }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    context_.async().on_cancel(context_.call(), &Completion::cancelled, this);
  }
  T await_resume() { return outcome_.take(); }

 private:
  static void cancelled(void* data) {
    auto* self = static_cast<Completion*>(data);
    if (self->outcome_.ready()) return;
    self->outcome_.set_error(std::make_exception_ptr(Cancelled()));
    std::exchange(self->waiting_, nullptr).resume();  // the host has marked the task
  }

  void resume_marked() {
    if (!waiting_) return;  // not awaited yet
    context_.async().on_cancel(context_.call(), nullptr, nullptr);
    const Mark mark(context_);
    std::exchange(waiting_, nullptr).resume();
  }

  IoContext& context_;
  std::coroutine_handle<> waiting_;
  detail::Outcome<T> outcome_;
};

namespace detail {

inline bool Sleep::await_ready() const {
  context_.throw_if_cancelled();
  return false;
}
inline void Sleep::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  context_.async().sleep(context_.call(), ms_, &Sleep::done, this);
}

template <class Work>
bool Blocking<Work>::await_ready() const {
  context_.throw_if_cancelled();
  return false;
}
template <class Work>
void Blocking<Work>::await_suspend(std::coroutine_handle<> waiting) {
  waiting_ = waiting;
  context_.async().blocking(context_.call(), &Blocking::work, &Blocking::done, this);
}
template <class Work>
void Blocking<Work>::work(void* data) noexcept {
  auto* self = static_cast<Blocking*>(data);
  try {
    BlockingContext context(self->context_.host(), self->context_.call());
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

}  // namespace detail
}  // namespace flowrra::inline sdk
