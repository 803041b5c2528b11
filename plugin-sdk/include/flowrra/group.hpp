#pragma once

// Several coroutines at once: all(), any(), with_timeout(). None of them leaves anything behind: before one of these
// ends, each branch has ended, those that are not wanted any more by cancellation.

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "flowrra/branch.hpp"
#include "flowrra/co.hpp"
#include "flowrra/errors.hpp"
#include "flowrra/io_context.hpp"
#include "flowrra/scope.hpp"
#include "flowrra/waits.hpp"

namespace flowrra::inline sdk {

namespace detail {

// Runs branches in a scope of their own until all have ended. `co_await group.run(branches)`. [loop]
class Group {
 public:
  // When the rest is cancelled: at the first failure; at the first success; at the first end; at a failure or the
  // first branch's end.
  enum class Rule : std::uint8_t { all, any, first, leader };

  Group(Scope& outer, Rule rule) : rule_(rule), scope_(outer) {}
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  class Run {
   public:
    Run(Group& group, Branch* branches, std::size_t count) : group_(group), branches_(branches), count_(count) {}
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) { return group_.begin(branches_, count_, waiting); }
    void await_resume() const noexcept {}

   private:
    Group& group_;
    Branch* branches_;
    std::size_t count_;
  };
  template <class Branches>
  [[nodiscard]] Run run(Branches& branches) {
    return {*this, branches.data(), branches.size()};
  }

  // The branch whose end decided; kNone where all ended without, or never began because the task is cancelled.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  [[nodiscard]] std::size_t decided() const noexcept { return decided_; }
  // What the branch that decided threw, if it did; where none decided, what the first that failed threw, or Cancelled
  // where one never began.
  [[nodiscard]] std::exception_ptr error() const { return error_; }

 private:
  friend struct Branch::promise_type::End;

  bool begin(Branch* branches, std::size_t count, std::coroutine_handle<> waiting) {
    pending_ = count + 1;  // one for this function: no branch that ends at once goes on with the waiting coroutine
    for (std::size_t i = 0; i < count; ++i) {
      if (scope_.cancelled()) {
        if (!error_) error_ = std::make_exception_ptr(Cancelled());
        --pending_;
      } else {
        branches[i].begin(*this, scope_, i);
      }
    }
    waiting_ = waiting;
    return --pending_ > 0;
  }

  // Which coroutine goes on when a branch has ended.
  std::coroutine_handle<> ended(const Branch::promise_type& branch) noexcept {
    const bool failed = branch.error != nullptr;
    if (decided_ == kNone && decides(branch.index, failed)) {
      decided_ = branch.index;
      error_ = branch.error;
      scope_.stop();
    } else if (decided_ == kNone && !error_) {
      error_ = branch.error;
    }
    return --pending_ == 0 ? waiting_ : std::noop_coroutine();
  }

  [[nodiscard]] bool decides(std::size_t index, bool failed) const noexcept {
    if (rule_ == Rule::first) return true;
    if (rule_ == Rule::any) return !failed;
    return failed || (rule_ == Rule::leader && index == 0);
  }

  Rule rule_;
  Scope scope_;
  std::size_t pending_ = 0;
  std::size_t decided_ = kNone;
  std::exception_ptr error_;
  std::coroutine_handle<> waiting_;
};

inline std::coroutine_handle<> Branch::promise_type::End::await_suspend(
    std::coroutine_handle<promise_type> ended) const noexcept {
  return ended.promise().group->ended(ended.promise());
}

// Coroutines of several types and what they end with.
template <class... T>
struct Branches {
  explicit Branches(Co<T>&&... works)
      : each(std::apply([&](auto&... into) { return std::array{branch(std::move(works), into)...}; }, outcomes)) {}

  std::tuple<Outcome<T>...> outcomes;
  std::array<Branch, sizeof...(T)> each;
};

// Coroutines of one type, likewise.
template <class T>
struct BranchList {
  explicit BranchList(std::vector<Co<T>>&& works) : outcomes(works.size()) {
    each.reserve(works.size());
    for (std::size_t i = 0; i < works.size(); ++i) each.push_back(branch(std::move(works[i]), outcomes[i]));
  }

  std::vector<Outcome<T>> outcomes;
  std::vector<Branch> each;
};

template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

template <class T>
ValueOf<T> value_of(Outcome<T>& outcome) {
  if constexpr (std::is_void_v<T>) {
    outcome.take();
    return {};
  } else {
    return outcome.take();
  }
}

// The value of the branch `index`, as that alternative.
template <class... T, std::size_t... I>
std::variant<ValueOf<T>...> value_at(std::tuple<Outcome<T>...>& outcomes, std::size_t index,
                                     std::index_sequence<I...>) {
  std::optional<std::variant<ValueOf<T>...>> value;
  static_cast<void>(
      ((I == index && (value.emplace(std::in_place_index<I>, value_of(std::get<I>(outcomes))), true)) || ...));
  return *std::move(value);
}

// The awaiting coroutine's scope is the only thing that a delay needs here.
inline Co<void> pause(Scope& scope, std::int64_t ms) { co_await Sleep(scope, ms); }

}  // namespace detail

// Runs the coroutines at once and gives their values, in a tuple; std::monostate for those that give nothing.
//   const auto [page, size] = co_await flowrra::all(fetch(ctx, url), measure(ctx, url));
// When one fails the others are cancelled, and when they have ended its exception is thrown.
template <class... T>
Co<std::tuple<detail::ValueOf<T>...>> all(Co<T>... works) {
  detail::Scope& scope = co_await detail::OwnScope();
  detail::Branches<T...> branches(std::move(works)...);
  detail::Group group(scope, detail::Group::Rule::all);
  co_await group.run(branches.each);
  if (group.error()) std::rethrow_exception(group.error());
  co_return std::apply([](auto&... outcome) { return std::tuple<detail::ValueOf<T>...>(detail::value_of(outcome)...); },
                       branches.outcomes);
}

// The same for any number of one type. For coroutines that give nothing: nothing.
//   std::vector<flowrra::Co<Page>> fetches;  …
//   const std::vector<Page> pages = co_await flowrra::all(std::move(fetches));
template <class T>
Co<std::conditional_t<std::is_void_v<T>, void, std::vector<detail::ValueOf<T>>>> all(std::vector<Co<T>> works) {
  detail::Scope& scope = co_await detail::OwnScope();
  detail::BranchList<T> branches(std::move(works));
  detail::Group group(scope, detail::Group::Rule::all);
  co_await group.run(branches.each);
  if (group.error()) std::rethrow_exception(group.error());
  if constexpr (!std::is_void_v<T>) {
    std::vector<T> values;
    values.reserve(branches.outcomes.size());
    for (auto& outcome : branches.outcomes) values.push_back(outcome.take());
    co_return values;
  }
}

// Runs the coroutines at once until the first has succeeded, cancels the others, and gives its value as the alternative
// of its place. When all fail: throws what the first that failed threw.
template <class... T>
requires(sizeof...(T) > 0) Co<std::variant<detail::ValueOf<T>...>> any(Co<T>... works) {
  detail::Scope& scope = co_await detail::OwnScope();
  detail::Branches<T...> branches(std::move(works)...);
  detail::Group group(scope, detail::Group::Rule::any);
  co_await group.run(branches.each);
  if (group.decided() == detail::Group::kNone) std::rethrow_exception(group.error());
  co_return detail::value_at(branches.outcomes, group.decided(), std::index_sequence_for<T...>());
}

// The value that came first, and which coroutine gave it.
template <class T>
struct First {
  std::size_t index = 0;
  T value;
};
template <>
struct First<void> {
  std::size_t index = 0;
};

// The same for any number of one type. Throws std::invalid_argument when there is none.
template <class T>
Co<First<T>> any(std::vector<Co<T>> works) {
  if (works.empty()) throw std::invalid_argument("any() of no coroutines");
  detail::Scope& scope = co_await detail::OwnScope();
  detail::BranchList<T> branches(std::move(works));
  detail::Group group(scope, detail::Group::Rule::any);
  co_await group.run(branches.each);
  if (group.decided() == detail::Group::kNone) std::rethrow_exception(group.error());
  if constexpr (std::is_void_v<T>) {
    co_return First<T>{group.decided()};
  } else {
    First<T> first{group.decided(), branches.outcomes[group.decided()].take()};
    co_return first;
  }
}

// The value of `work`, or TimedOut when it has not ended after `limit`. It is then cancelled and waited for: work on a
// thread that has begun ends in its own time, and sees that it should.
//   const Page page = co_await flowrra::with_timeout(5s, fetch(ctx, url));
template <class Rep, class Period, class T>
Co<T> with_timeout(std::chrono::duration<Rep, Period> limit, Co<T> work) {
  detail::Scope& scope = co_await detail::OwnScope();
  const std::int64_t ms = detail::whole_ms(limit);
  detail::Branches<T, void> branches(std::move(work), detail::pause(scope, ms));
  detail::Group group(scope, detail::Group::Rule::first);
  co_await group.run(branches.each);
  if (group.error()) std::rethrow_exception(group.error());
  if (group.decided() != 0) throw TimedOut("not done after " + std::to_string(ms) + " ms");
  co_return std::get<0>(branches.outcomes).take();
}

}  // namespace flowrra::inline sdk
