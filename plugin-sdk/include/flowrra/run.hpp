#pragma once

// How a task's function is called, and how its end is told to the host. No exception leaves this file's functions.

#include <exception>
#include <string>
#include <tuple>
#include <utility>

#include "flowrra/function.hpp"

namespace flowrra::inline sdk::detail {

inline void tell_failure(const flowrra_host& host, flowrra_call* call, std::uint32_t kind, std::string_view message,
                         std::int64_t retry_after_ms = -1) noexcept {
  const flowrra_failure failure{sizeof(flowrra_failure), kind, bytes(message), retry_after_ms};
  host.fail(call, &failure);
}

// Ends the call with what the exception means.
inline void tell_exception(const flowrra_host& host, flowrra_call* call, const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const Permanent& e) {
    tell_failure(host, call, FLOWRRA_FAIL_PERMANENT, e.what());
  } catch (const RetryAfter& e) {
    tell_failure(host, call, FLOWRRA_FAIL_RETRY, e.what(), e.delay().count());
  } catch (const Cancelled& e) {
    tell_failure(host, call, FLOWRRA_FAIL_CANCELLED, e.what());
  } catch (const std::bad_alloc&) {
    tell_failure(host, call, FLOWRRA_FAIL_RETRY, "out of memory");
  } catch (const std::exception& e) {
    tell_failure(host, call, FLOWRRA_FAIL_RETRY, e.what());
  } catch (...) {
    tell_failure(host, call, FLOWRRA_FAIL_RETRY, "an exception that is not a std::exception");
  }
}

// The guard: `body` returns the result's JSON or throws; the call ends either way, when everything of body's is gone.
template <class Body>
void end_call_with(const flowrra_host& host, flowrra_call* call, Body&& body) noexcept {
  std::string json;
  std::exception_ptr error;
  try {
    json = body();
  } catch (...) {
    error = std::current_exception();
  }
  if (error) return tell_exception(host, call, error);
  host.succeed(call, bytes(json));
}

// Calls `function` with its context, where it wants one, and the arguments' values.
template <class Parts, class Function, class Given>
decltype(auto) call_function(Function* function, Given& context, typename Parts::Values& values) {
  return std::apply(
      [&](auto&... value) -> decltype(auto) {
        if constexpr (std::is_void_v<typename Parts::ContextParameter>) {
          return function(std::move(value)...);
        } else {
          return function(context, std::move(value)...);
        }
      },
      values);
}

// One attempt of an ordinary function.
template <class Parts, class Given, class Function>
void run_function(const flowrra_host& host, Function* function, const Names& names, flowrra_call* call,
                  flowrra_bytes args) noexcept {
  end_call_with(host, call, [&]() -> std::string {
    auto values = decode_arguments<typename Parts::Values>(args, names);
    Given context(host, call);
    if constexpr (std::is_void_v<typename Parts::Result>) {
      call_function<Parts>(function, context, values);
      return {};
    } else {
      return to_result<Plain<typename Parts::Result>>(call_function<Parts>(function, context, values));
    }
  });
}

// The outermost coroutine of an attempt: begins at once, and is gone when it ends. Its scope is the task's.
struct Root {
  struct promise_type {
    template <class Function, class Values>
    promise_type(const flowrra_host& host, const flowrra_async& async, Function*, flowrra_call* call, Values&)
        : task(host, async, call), scope(&task) {}

    Scope task;
    Scope* scope;
    [[nodiscard]] Root get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

// g++ warns of a coroutine in a header whose frame holds a type of an unnamed namespace; each plugin has its own.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"
#endif
template <class Parts, class Function>
Root drive(const flowrra_host& host, [[maybe_unused]] const flowrra_async& async, Function* function,
           flowrra_call* call, typename Parts::Values given) {
  std::string json;
  std::exception_ptr error;
  try {
    Scope& scope = co_await OwnScope();
    typename Parts::Values values = std::move(given);
    IoContext context(scope);
    if constexpr (std::is_same_v<typename Parts::Result, Co<void>>) {
      co_await call_function<Parts>(function, context, values);
    } else {
      json = to_result(co_await call_function<Parts>(function, context, values));
    }
  } catch (...) {
    error = std::current_exception();
  }
  if (error) {
    tell_exception(host, call, error);
  } else {
    host.succeed(call, bytes(json));
  }
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

// One attempt of a coroutine: returns when it first waits.
template <class Parts, class Function>
void run_coroutine(const flowrra_host& host, Function* function, const Names& names, flowrra_call* call,
                   flowrra_bytes args) noexcept {
  try {
    const auto* async = static_cast<const flowrra_async*>(host.extension(FLOWRRA_EXT_ASYNC));
    if (async == nullptr) throw Permanent("this host runs no io tasks");
    drive<Parts>(host, *async, function, call, decode_arguments<typename Parts::Values>(args, names));
  } catch (...) {
    tell_exception(host, call, std::current_exception());
  }
}

}  // namespace flowrra::inline sdk::detail
