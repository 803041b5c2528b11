#pragma once

#include "store/broker.hpp"
#include "store/sqlite/statement.hpp"

namespace flowrra::sqlite {

// The counters of what was refused as stale. Called within a transaction.
class Stale {
 public:
  explicit Stale(Connection& connection);

  void add(const StaleCounts& refused);
  StaleCounts read();

 private:
  Statement add_, read_;
};

}  // namespace flowrra::sqlite
