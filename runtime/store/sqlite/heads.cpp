#include "store/sqlite/heads.hpp"

#include <algorithm>
#include <list>
#include <queue>

namespace flowrra::sqlite {
namespace {

constexpr const char* kPendingOfLane = "SELECT " FLOWRRA_CLAIM_COLUMNS
                                       " FROM task INDEXED BY task_ready WHERE state = 1 AND lane = ?1"
                                       " ORDER BY priority, seq LIMIT ?2";
constexpr int kSeqColumn = 0;
constexpr int kPriorityColumn = 3;

struct Head {
  std::int64_t priority;
  std::int64_t seq;
  Rows* rows;
  bool operator<(const Head& other) const {
    return std::pair(other.priority, other.seq) < std::pair(priority, seq);  // the queue's top is the largest
  }
};

// The lanes that are merged.
class Merge {
 public:
  void add(Connection& connection, sqlite3_stmt* cursor) { advance(open_.emplace_back(connection, cursor)); }
  [[nodiscard]] bool empty() const { return heads_.empty(); }
  void take(Lanes& lanes, Record& out) {
    Rows& rows = *heads_.top().rows;
    heads_.pop();
    read_claim(rows, lanes, out);
    advance(rows);
  }

 private:
  void advance(Rows& rows) {
    if (rows.next()) heads_.push({rows.integer(kPriorityColumn), rows.integer(kSeqColumn), &rows});
  }
  std::list<Rows> open_;
  std::priority_queue<Head> heads_;
};

}  // namespace

void Heads::best(const std::vector<std::vector<LaneId>>& groups, int limit, FairShare* share,
                 std::vector<Record>& out) {
  std::vector<Merge> merges(share == nullptr ? 1 : groups.size());
  std::size_t used = 0;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const LaneId lane : groups[group]) {
      if (used == cursors_.size()) cursors_.push_back(std::make_unique<Statement>(connection_, kPendingOfLane));
      merges[share == nullptr ? 0 : group].add(connection_, cursors_[used++]->start(lane, limit));
    }
  }
  for (int taken = 0; taken < limit; ++taken) {
    const auto turn = share != nullptr ? share->next([&](std::size_t group) { return !merges[group].empty(); })
                                       : std::optional<std::size_t>(0);
    if (!turn || merges[*turn].empty()) return;
    merges[*turn].take(lanes_, out.emplace_back());
  }
}

}  // namespace flowrra::sqlite
