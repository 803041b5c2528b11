#pragma once

#include <memory>
#include <vector>

#include "store/fair_share.hpp"
#include "store/sqlite/records.hpp"

namespace flowrra::sqlite {

// Reads the best pending tasks of several lanes: each lane's are in order in their index, and the heads are merged by
// priority, then arrival. Each lane has a cursor of its own; the cursors are kept for the next time.
class Heads {
 public:
  Heads(Connection& connection, Lanes& lanes) : connection_(connection), lanes_(lanes) {}

  // Appends at most `limit` tasks to `out`: the best of all lanes, or, with a share, of the group whose turn it is.
  void best(const std::vector<std::vector<LaneId>>& groups, int limit, FairShare* share, std::vector<Record>& out);

 private:
  Connection& connection_;
  Lanes& lanes_;
  std::vector<std::unique_ptr<Statement>> cursors_;
};

}  // namespace flowrra::sqlite
