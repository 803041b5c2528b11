#include "store/sqlite/heads.hpp"

#include <algorithm>
#include <list>
#include <queue>

namespace flowrra::sqlite {
namespace {

constexpr const char* kPendingOfLane = "SELECT " FLOWRRA_RECORD_COLUMNS
                                       " FROM task INDEXED BY task_ready WHERE state = 1 AND lane = ?1"
                                       " ORDER BY priority, seq LIMIT ?2";
constexpr int kSeqColumn = 0;
constexpr int kPriorityColumn = 4;

struct Head {
  std::int64_t priority;
  std::int64_t seq;
  Rows* rows;
  bool operator<(const Head& other) const {
    return std::pair(other.priority, other.seq) < std::pair(priority, seq);  // the queue's top is the largest
  }
};

}  // namespace

void Heads::best(const std::vector<LaneId>& from, int limit, std::vector<Record>& out) {
  while (cursors_.size() < from.size()) cursors_.push_back(std::make_unique<Statement>(connection_, kPendingOfLane));
  std::list<Rows> open;
  std::priority_queue<Head> heads;
  const auto advance = [&heads](Rows& rows) {
    if (rows.next()) heads.push({rows.integer(kPriorityColumn), rows.integer(kSeqColumn), &rows});
  };
  for (std::size_t i = 0; i < from.size(); ++i) {
    open.emplace_back(connection_, cursors_[i]->start(from[i], limit));
    advance(open.back());
  }
  for (int taken = 0; taken < limit && !heads.empty(); ++taken) {
    Rows& rows = *heads.top().rows;
    heads.pop();
    out.push_back(read_record(rows, lanes_));
    advance(rows);
  }
}

}  // namespace flowrra::sqlite
