#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace flowrra::test {

// Nanoseconds of CLOCK_MONOTONIC, as the traced tasks write them.
std::int64_t monotonic_now();

// The runs of one task, in the order of their begin.
struct Runs {
  struct Begin {
    std::int64_t at = 0;
    pid_t node = 0;
  };
  std::vector<Begin> begins;
  std::vector<std::int64_t> ends;
};

// What the tasks of tests/plugins/traced.cpp say of their runs, read while they write it.
class Trace {
 public:
  explicit Trace(std::string path);
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  ~Trace();

  [[nodiscard]] const std::string& path() const { return path_; }

  // How many tasks have come to their end at least once. [any thread]
  [[nodiscard]] std::size_t finished() const;
  // Waits until there are so many; false when the stop comes first. [any thread]
  bool wait_for_finished(std::size_t tasks, const std::stop_token& stop);

  // All runs up to now. Call it when nothing writes any more.
  [[nodiscard]] std::map<std::string, Runs> runs() const;

 private:
  void follow(const std::stop_token& stop);
  void read_on();

  std::string path_;
  std::int64_t position_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::set<std::string> finished_;  // guarded by mutex_
  std::jthread reader_;
};

}  // namespace flowrra::test
