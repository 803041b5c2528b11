#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "host/frame.hpp"

namespace flowrra {

// What waits to be written to the node. Any thread adds, one thread writes.
class Unsent {
 public:
  enum class Written { all, partly, broken };

  void add(std::string_view frames);       // [any thread]
  void add(const FinishedFrame& outcome);  // [any thread]
  // For what may be lost: refused, and counted, when more than kTooMuch waits. [any thread]
  void add_news(std::string_view frame);

  // Writes as much as the socket takes without waiting. [writer thread]
  Written write(int socket);
  // Writes all, waiting for the node to read. [writer thread]
  Written write_all(int socket);

  static constexpr std::size_t kTooMuch = 4 * 1024 * 1024;

 private:
  Written write_some(int socket, int flags);

  std::mutex lock_;
  std::string waiting_;
  std::size_t dropped_ = 0;
  std::string writing_;  // writer thread only
  std::size_t written_ = 0;
};

}  // namespace flowrra
