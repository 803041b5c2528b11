#include "store/sqlite/turn.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "base/log.hpp"
#include "store/refusals.hpp"

namespace flowrra::sqlite {
namespace {

// More are left to the next turn, so that a great many that are due at once do not hold the lock for long. Nothing is
// claimed while there may be more that have expired.
constexpr int kMaxPromoted = 4000;
constexpr int kReserved = 1000;  // of what a claim may give, so that records are not moved as it grows

}  // namespace

Result<ExchangeAnswer> Turn::run() {
  if (tells()) {
    TaskWrite transaction(engine_);
    return write(transaction);
  }
  ReadTransaction moment(*engine_.connection);
  const auto session = request_.take ? session_of(request_.take->session) : std::nullopt;
  if (request_.take && !session) {
    if (auto ended = moment.end(); !ended) return ended.error();
    return session_over();
  }
  if (sees_work(session)) {
    TaskWrite transaction(engine_, moment);
    return write(transaction);
  }
  look_ahead(session);
  if (auto ended = moment.end(); !ended) return ended.error();
  return std::move(answer_);
}

bool Turn::tells() const { return !request_.settlements.empty() || !request_.progress.empty(); }

const TaskRows::Ahead& Turn::ahead() {
  if (!ahead_) ahead_ = engine_.rows.ahead();
  return *ahead_;
}

bool Turn::has_come(const std::optional<WallTime>& time) const {
  return time && until_due(*time, engine_.clock()) <= Micros(0);
}

bool Turn::sees_work(const std::optional<Sessions::Alive>& session) {
  if (has_come(ahead().due) || has_come(ahead().expiry)) return true;
  if (!session) return false;
  const auto empty = [](const auto& list) { return list.empty(); };
  lanes_ = lanes_of_wants();
  if (!std::ranges::all_of(*lanes_, [&](const auto& groups) { return std::ranges::all_of(groups, empty); }))
    return true;
  return request_.take->holds && !strays(session->key, *request_.take->holds).empty();
}

Result<ExchangeAnswer> Turn::write(TaskWrite& transaction) {
  if (!transaction.begun()) return transaction.begun().error();
  if (!transaction.same_moment()) {
    sessions_.clear();
    seen_no_more();
  }
  std::optional<Sessions::Alive> session;
  if (request_.take) {
    session = session_of(request_.take->session);
    if (!session && engine_.connection->failed()) return engine_.connection->take_status().error();
    if (!session) return session_over();
  }
  for (const ProgressUpdate& update : request_.progress) note(update);
  answer_.settled.reserve(request_.settlements.size());
  for (const Settlement& settlement : request_.settlements) answer_.settled.push_back(settle_one(settlement));
  engine_.stale.add(stale_);
  if (session && request_.take->holds) hand_back(session->key, *request_.take->holds);
  if (session || !tells()) look_and_take(session);  // who only tells leaves the rest to the next turn
  if (auto committed = transaction.commit(effects_); !committed) return committed.error();
  return std::move(answer_);
}

// What was seen of the tasks may have changed.
void Turn::seen_no_more() {
  ahead_.reset();
  lanes_.reset();
}

void Turn::look_and_take(const std::optional<Sessions::Alive>& session) {
  const bool more_expire = !make_due();
  if (session && !more_expire) take(session->key);
  engine_.lanes.flush();
  look_ahead(session);
  if (more_expire) answer_.next_due = Micros(0);
}

// Ends what has expired, and makes pending what is due. False: there may be more that has expired.
bool Turn::make_due() {
  const bool expires = has_come(ahead().expiry);
  const bool due = has_come(ahead().due);
  if (expires || due) seen_no_more();
  const int expired = expires ? engine_.tasks.expire_due(engine_.clock().wall(), kMaxPromoted) : 0;
  effects_.outcomes |= expired > 0;
  if (due) engine_.tasks.promote_due(engine_.clock().wall(), kMaxPromoted);
  return expired < kMaxPromoted;
}

const std::optional<Sessions::Alive>& Turn::session_of(const SessionId& id) {
  const auto [entry, is_new] = sessions_.try_emplace(id);
  if (is_new) entry->second = engine_.sessions.alive(id);
  return entry->second;
}

// The row, if this lease is the current one and its session is alive.
std::optional<TaskRow> Turn::held(const Lease& lease) {
  const auto& session = session_of(lease.session);
  if (!session) return std::nullopt;
  const auto place = from_lease_row(lease.row);
  auto row = place ? engine_.rows.find(place->seq) : engine_.rows.find(lease.task);
  if (!row || row->id != lease.task || row->standing.state != State::running) return std::nullopt;
  if (row->session != session->key || row->standing.counter != lease.counter) return std::nullopt;
  return row;
}

void Turn::note(const ProgressUpdate& update) {
  const auto row = held(update.lease);
  if (!row) ++stale_.progress;
  if (row && !update.progress.empty()) engine_.tasks.set_progress(*row, update.progress);
  if (row && !update.log.empty()) engine_.logs.append(row->seq, update.log);
}

// Most of them, by the shortest way: false where it is not that plain.
bool Turn::settle_success(const Settlement& settlement) {
  const auto place = from_lease_row(settlement.lease.row);
  if (!place || !request_.keep_results) return false;
  const auto& session = session_of(settlement.lease.session);
  if (!session || !engine_.tasks.succeed(*place, session->key, settlement, engine_.clock().wall())) return false;
  effects_.durable = effects_.outcomes = true;
  return true;
}

bool Turn::settle_one(const Settlement& settlement) {
  if (settle_success(settlement)) return true;
  auto row = held(settlement.lease);
  if (!row) ++stale_.settlements;
  if (!row || !engine_.tasks.settle(*row, settlement, request_.keep_results, engine_.clock().wall())) return false;
  effects_.durable = true;
  (is_final(row->standing.state) ? effects_.outcomes : effects_.work) = true;
  return true;
}

// What the session is said to run, but does not hold.
std::vector<std::int64_t> Turn::strays(std::int64_t session, const std::vector<TaskId>& holds) {
  const std::unordered_set<std::string_view> known(holds.begin(), holds.end());
  auto rows = engine_.rows.running_of(session);
  std::erase_if(rows, [&](std::int64_t seq) {
    const auto row = engine_.rows.find(seq);
    return row && known.contains(row->id);
  });
  return rows;
}

// Such tasks come from an exchange whose answer never reached the node.
void Turn::hand_back(std::int64_t session, const std::vector<TaskId>& holds) {
  seen_no_more();
  Settlement back;
  back.to = State::pending;
  back.refund_attempt = true;
  for (const auto seq : strays(session, holds)) {
    auto row = engine_.rows.find(seq);
    if (!row || !engine_.tasks.settle(*row, back, request_.keep_results, engine_.clock().wall())) continue;
    log::warning("task " + row->id + " is leased to this node, which does not know of it: it is handed back");
    (is_final(row->standing.state) ? effects_.outcomes : effects_.work) = true;
  }
}

// The lanes that have something for each want.
Turn::LanesOfWants Turn::lanes_of_wants() {
  const TakeRequest& take = *request_.take;
  const bool shared = is_shared(take.weights, take.queues.size());
  LanesOfWants out(take.wants.size());
  for (auto& groups : out) groups.resize(shared ? take.queues.size() : 1);
  const auto is_wanted = [](const auto& want) { return want.limit > 0 && !want.names.empty(); };
  if (std::ranges::none_of(take.wants, is_wanted)) return out;
  for (const LaneId id : engine_.lanes.with_pending()) {
    const Lanes::Lane& lane = engine_.lanes.at(id);
    const auto want = std::ranges::find_if(
        take.wants, [&](const auto& each) { return each.limit > 0 && each.names.contains(lane.name); });
    const auto queue = std::ranges::find(take.queues, lane.queue);
    if (want == take.wants.end() || queue == take.queues.end()) continue;
    out[static_cast<std::size_t>(want - take.wants.begin())]
       [shared ? static_cast<std::size_t>(queue - take.queues.begin()) : 0]
           .push_back(id);
  }
  return out;
}

void Turn::take(std::int64_t session) {
  const LanesOfWants lanes = lanes_ ? *std::move(lanes_) : lanes_of_wants();
  const TakeRequest& asked = *request_.take;
  std::vector<Record> best;
  int most = 0;
  for (const auto& want : asked.wants) most += std::max(want.limit, 0);
  best.reserve(static_cast<std::size_t>(std::min(most, kReserved)));
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    std::optional<FairShare> share;
    if (is_shared(asked.weights, asked.queues.size())) share.emplace(asked.weights, asked.wants[i].credits);
    heads_.best(lanes[i], asked.wants[i].limit, share ? &*share : nullptr, best);
    if (share) answer_.credits.push_back(share->credits());
  }
  answer_.taken.reserve(best.size());
  for (Record& record : best) take_one(record, session);
  if (!best.empty() && ahead().expiry) seen_no_more();
}

void Turn::take_one(Record& record, std::int64_t session) {
  const WallTime now = engine_.clock().wall();
  TaskRow row;
  row.seq = record.seq;
  row.lane = record.lane;
  row.standing.state = record.task.state;
  row.standing.attempt = record.task.attempt;
  row.standing.crashes = record.task.crashes;
  row.standing.counter = record.lease;
  row.standing.attempts_before = record.task.attempts_before;
  if (!engine_.tasks.lease(row, session, request_.take->node, now)) return;
  if (!record.damage.empty()) {
    log::error("task " + record.task.id + " cannot be read (" + record.damage + "): kept as failed");
    const TaskError error{"undecodable", "its stored " + record.damage + " cannot be read", {}};
    if (engine_.tasks.fail(row, error, now)) effects_.outcomes = true;
    return;
  }
  LeasedTask& leased = answer_.taken.emplace_back();
  leased.lease = {record.task.id, request_.take->session, row.standing.counter,
                  to_lease_row({record.seq, record.lane})};
  leased.refunds = record.refunds;
  leased.suspect = record.suspect;
  leased.task = std::move(record.task);
  leased.task.state = row.standing.state;
  leased.task.attempt = row.standing.attempt;
  leased.task.started_at = now;
  leased.task.node = request_.take->node;
  leased.task.progress.clear();
  // A separate backend gets the log of all attempts with the outcome.
  if (!request_.keep_results && row.standing.counter > 1) leased.task.log = engine_.logs.read(row.seq);
}

// True for a lane that the take names.
bool Turn::named(LaneId id) {
  const Lanes::Lane& lane = engine_.lanes.at(id);
  const auto has_queue = std::ranges::find(request_.take->queues, lane.queue) != request_.take->queues.end();
  return has_queue &&
         std::ranges::any_of(request_.take->wants, [&](const auto& want) { return want.names.contains(lane.name); });
}

// What the node must know of the time to come.
void Turn::look_ahead(const std::optional<Sessions::Alive>& session) {
  const auto until = [this](WallTime time) { return std::max(Micros(0), until_due(time, engine_.clock())); };
  const TaskRows::Ahead& next = ahead();
  if (next.due && waits_for_its_time()) answer_.next_due = until(*next.due);
  if (next.expiry) answer_.next_expiry = until(*next.expiry);
  if (!session) return;
  if (next.cancel) answer_.cancel = engine_.rows.to_cancel(session->key);
  answer_.reload = session->reload_asked;
}

// Whether there is a lane that the take names with tasks that are due later.
bool Turn::waits_for_its_time() {
  return !request_.take || std::ranges::any_of(engine_.lanes.with_due(), [this](LaneId id) { return named(id); });
}

}  // namespace flowrra::sqlite
