#pragma once

// What a test chooses for an attempt, and what it sees of it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "flowrra/decode.hpp"

namespace flowrra::inline sdk::testing {

// As a node tells them apart: timeout is a failure that is tried again; cancelled is what somebody asked for.
enum class End : std::uint8_t { success, failure, permanent, cancelled, timeout };
enum class Level : std::uint8_t { debug, info, warning, error };

struct Progress {
  double done = 0;
  double total = 0;
  std::string note;
};
struct Line {
  Level level = Level::info;
  std::string text;
};

// How an attempt ended, and what it said on the way.
struct Outcome {
  End end = End::failure;
  std::string json;                                      // the result of a success; empty for a task that gives nothing
  std::string message;                                   // of a failure
  std::optional<std::chrono::milliseconds> retry_after;  // the delay that the task asked for
  std::vector<Progress> progress;
  std::vector<Line> log;
  std::chrono::milliseconds took{0};  // on the fake clock
  std::vector<Outcome> earlier;       // the attempts before this one, where Bench::max_retries allowed them

  explicit operator bool() const { return end == End::success; }
  // The result as a T. Throws where there is none or it is no T.
  template <class T>
  [[nodiscard]] T value() const {
    if (end != End::success) throw std::logic_error("the task did not succeed: " + message);
    return sdk::detail::decode<T>(sdk::detail::Json::parse(json.empty() ? "null" : json), sdk::detail::Path{});
  }
};

// What the attempt is given. Times are on the fake clock, which begins at zero.
struct Settings {
  std::string id = "test";
  int attempt = 1;
  std::optional<std::chrono::milliseconds> timeout = {};  // it is cancelled when this has passed
  // When it is cancelled: after this time, or as soon as this is true of what it has done so far. The latter is asked
  // whenever the task tells or asks something of its context or waits; from any of its threads, one at a time.
  std::optional<std::chrono::milliseconds> cancel_after = {};
  std::function<bool(const Outcome& so_far)> cancel_when = {};
  // What passes each time that the task looks whether it is cancelled or how much time is left: a clock for tasks that
  // compute and do not wait.
  std::chrono::milliseconds tick{0};
};

}  // namespace flowrra::inline sdk::testing
