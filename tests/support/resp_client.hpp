#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.hpp"
#include "support/process.hpp"

namespace flowrra::test {

// The tests' own way to a Redis server, through its unix socket, so that a test does not look at a store through the
// code that it tests. Every call has a deadline. Belongs to one thread.
class RespClient {
 public:
  // Throws std::runtime_error when the server does not listen there.
  explicit RespClient(const std::filesystem::path& socket, std::chrono::milliseconds deadline = kPatience);

  // Sends one command; its answer as text: a number in digits, nil as "", the parts of an array one a line, whole
  // arrays within it as if their parts stood there. Throws with the server's words when they are an error, and when
  // the connection ends or the deadline passes.
  std::string call(const std::vector<std::string>& words);

  // After SUBSCRIBE: waits for the next message, as text. Throws as call().
  std::string hear();

 private:
  std::string answer();
  std::string line();
  std::string bytes(std::size_t count);
  void more();
  [[nodiscard]] int time_left() const;

  UniqueFd fd_;
  std::chrono::milliseconds deadline_;
  std::chrono::steady_clock::time_point until_;
  std::string read_;  // received, not yet taken
};

}  // namespace flowrra::test
