#pragma once

#include <memory>
#include <vector>

#include "store/sqlite/records.hpp"

namespace flowrra::sqlite {

// Reads the best pending tasks of several lanes: each lane's are in order in their index, and the heads are merged by
// priority, then arrival. Each lane has a cursor of its own; the cursors are kept for the next time.
class Heads {
 public:
  Heads(Connection& connection, Lanes& lanes) : connection_(connection), lanes_(lanes) {}

  // Appends at most `limit` tasks to `out`.
  void best(const std::vector<LaneId>& from, int limit, std::vector<Record>& out);

 private:
  Connection& connection_;
  Lanes& lanes_;
  std::vector<std::unique_ptr<Statement>> cursors_;
};

}  // namespace flowrra::sqlite
