#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace flowrra {

// How the delay before the next attempt grows: the same each time, or doubled each time with full jitter.
enum class Backoff : std::uint8_t { exponential, fixed };

std::string_view name(Backoff backoff);
std::optional<Backoff> parse_backoff(std::string_view text);

// How one task is run. What is unset is decided by the next source: the submitter's options, then the operator's
// [tasks."name"], then what the plugin declared, then [executor].
struct TaskOptions {
  std::optional<Micros> timeout;      // of one attempt, from its start; zero: none
  std::optional<int> max_retries;     // attempts after the first
  std::optional<Micros> retry_delay;  // before the first retry
  std::optional<Backoff> backoff;
  std::optional<int> max_crashes;  // crashes before the task is failed as poison
  // What a cpu host may have while it runs the task: see task/limits.hpp.
  std::optional<std::uint64_t> memory;
  std::optional<Micros> cpu_time;
  std::optional<std::uint64_t> open_files;
  std::optional<std::uint64_t> file_size;
  std::optional<std::uint64_t> processes;

  bool operator==(const TaskOptions&) const = default;
};

// `first` where it is set, else `second`.
TaskOptions merged(const TaskOptions& first, const TaskOptions& second);

// The stored form: a JSON object with the keys that are set (timeout_us, max_retries, retry_delay_us, backoff,
// max_crashes, memory, cpu_time_us, open_files, file_size, processes); empty text when none is.
std::string to_json(const TaskOptions& options);

// Reads the stored form; Code::corrupt when it is not one. Unknown keys are ignored: a newer submitter may know more.
Result<TaskOptions> options_from_json(std::string_view text);

}  // namespace flowrra
