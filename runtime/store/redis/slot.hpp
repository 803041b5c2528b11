#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"
#include "store/redis/endpoint.hpp"

namespace flowrra::redis {

// One of the connections that this process may have to one server (max_connections), held until its end. [any thread]
class Slot {
 public:
  // Errors: unreachable (all are taken).
  static Result<Slot> take(const Endpoint& endpoint);

  ~Slot();
  Slot(Slot&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  Slot& operator=(Slot&&) = delete;

 private:
  explicit Slot(std::string name) : name_(std::move(name)) {}
  std::string name_;  // empty: nothing is held
};

}  // namespace flowrra::redis
