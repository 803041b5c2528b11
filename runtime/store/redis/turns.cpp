#include "store/redis/turns.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/id.hpp"
#include "base/log.hpp"
#include "store/fair_share.hpp"
#include "store/redis/turn_words.hpp"
#include "store/refusals.hpp"

namespace flowrra::redis {
namespace {

constexpr Micros kTimeIsGood = std::chrono::seconds(60);  // clocks are set, and none runs as another does

SessionId session_of(const ExchangeRequest& request) {
  if (request.take) return request.take->session;
  if (!request.settlements.empty()) return request.settlements.front().lease.session;
  return request.progress.empty() ? SessionId() : request.progress.front().lease.session;
}

void set_lane(TaskRecord& task, std::string_view lane) {
  const auto colon = lane.find(':');
  task.queue = lane.substr(0, colon);
  task.name = lane.substr(colon + 1);
}

bool is_of(const Stored& stored, const Lease& lease) {
  return stored.damage.empty() && stored.task.state == State::running && stored.session == lease.session &&
         stored.counter == lease.counter;
}

}  // namespace

Turns::Turns(Engine& engine) : engine_(engine), writer_(new_ulid(system_clock()).substr(10)) {}

void Turns::begin(const ExchangeRequest& request) {
  Open open;
  open.request = &request;
  if (request.take && std::exchange(session_, request.take->session) != request.take->session) held_.clear();
  open.begun = fetch_unknown(request);
  if (open.begun) {
    open.words = arguments(request, session_of(request), open.sent);
    open.turn = turn_;
    open.begun = engine_.send(engine_.scripts.exchange, open.words);
  }
  open_.push_back(std::move(open));
}

Result<ExchangeAnswer> Turns::end(const Broker::NextExchange& next) {
  bool taken = false;
  const auto reply = receive_first(next, taken);
  const Open done = std::move(open_.front());
  open_.pop_front();
  if (!reply) return reply.error();
  const ReplyView view = reply->view();
  if (view[kWord].text() == "stale") {
    held_.clear();
    return session_over();
  }
  if (view[kWord].text() != "ok") {
    return Error{Code::unreachable, "a later turn of this node overtook this one", "It is repeated by itself."};
  }
  if (const auto shown = time_of(view)) server_time_ = {*shown, engine_.boot()};
  arrived(*done.request);
  const bool another_follows = view[kSettled].text().find('2') != std::string_view::npos;
  if (!taken && !another_follows) {
    if (const ExchangeRequest* const following = next.take()) begin(*following);
  }
  return read(view, done);
}

// Sends the next turn while the answer of the first is awaited, if there is one by then. `taken`: it was asked for.
Result<Reply> Turns::receive_first(const Broker::NextExchange& next, bool& taken) {
  const bool ahead = open_.size() == 1 && engine_.connection().goes_ahead(engine_.scripts.exchange);
  auto reply = receive(open_.front(), ahead ? next.ripe : -1);
  if (reply || reply.error().code != Code::interrupted) return reply;
  taken = true;
  if (const ExchangeRequest* const following = next.take()) begin(*following);
  return receive(open_.front());
}

Result<Reply> Turns::receive(Open& open, int bell) {
  if (open.answer) return *std::move(open.answer);
  if (!open.begun) return open.begun.error();
  auto reply = engine_.receive(engine_.scripts.exchange, open.words, bell);
  const bool lost = !reply && reply.error().code != Code::interrupted && engine_.connection().outcome_unknown();
  if (lost) keep_told(*open.request, open.turn);
  return reply;
}

// Before anything else is asked of the server.
void Turns::await_open() {
  for (Open& open : open_) {
    if (!open.answer) open.answer = receive(open);
  }
}

Result<ExchangeAnswer> Turns::read(ReplyView view, const Open& done) {
  const ExchangeRequest& request = *done.request;
  ExchangeAnswer answer;
  answer.settled.resize(request.settlements.size());
  std::vector<std::size_t> unwanted;
  for (std::size_t digit = 0; digit < done.sent.size(); ++digit) {
    const char how = settled_digit(view, digit);
    answer.settled[done.sent[digit]] = how == '1';
    if (how == '2') unwanted.push_back(done.sent[digit]);
  }
  read_plain(view, request, answer);
  if (auto settled = settle_unwanted(request, unwanted, answer); !settled) {
    keep_told(request, done.turn);
    for (const std::size_t i : unwanted) outcomes_.erase(request.settlements[i].lease.task);
    return settled.error();
  }
  forget(request);
  if (!request.take) return answer;
  const auto unreadable = keep_taken(view, request.take->session, answer.taken);
  if (unreadable.empty()) return answer;
  ExchangeRequest burial;
  burial.settlements = unreadable;
  if (auto buried = run_between(burial); !buried) log::warning("cannot keep it as failed: " + buried.error().message);
  look_again();
  return answer;
}

// A turn of its own, whose answer is read before that of the one that may be under way.
Result<ExchangeAnswer> Turns::run_between(const ExchangeRequest& request) {
  await_open();
  std::deque<Open> waits = std::exchange(open_, {});
  auto answer = run(request);
  open_ = std::move(waits);
  return answer;
}

// What this broker has not leased itself may have been leased by another of the same session.
Status Turns::fetch_unknown(const ExchangeRequest& request) {
  std::vector<const Lease*> unknown;
  for (const Settlement& each : request.settlements) {
    if (held_line(each.lease).empty()) unknown.push_back(&each.lease);
  }
  for (const ProgressUpdate& each : request.progress) {
    if (held_line(each.lease).empty()) unknown.push_back(&each.lease);
  }
  if (unknown.empty()) return {};
  await_open();
  Arguments words = engine_.arguments();
  words.add(false);
  for (const Lease* lease : unknown) words.add(lease->task);
  auto reply = engine_.run(engine_.scripts.read, words);
  if (!reply) return reply.error();
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const Lease& lease = *unknown[i];
    const std::string_view line = reply->view()[0][i].text();
    if (!is_of(read_stored(lease.task, line, {}), lease)) continue;
    held_[lease.task] = {lease.session, lease.counter, std::string(line), {}, true};
  }
  return {};
}

// A running task, if this lease is the one that it was leased with.
const Turns::Held* Turns::held(const Lease& lease) const {
  const auto found = held_.find(lease.task);
  if (found == held_.end()) return nullptr;
  const Held& held = found->second;
  return held.session == lease.session && held.counter == lease.counter ? &held : nullptr;
}

std::string_view Turns::held_line(const Lease& lease) const {
  const Held* const task = held(lease);
  return task != nullptr ? std::string_view(task->line) : std::string_view();
}

Arguments Turns::arguments(const ExchangeRequest& request, const SessionId& session, std::vector<std::size_t>& sent) {
  Arguments out = engine_.arguments();
  out.add(request.keep_results).own(session).add(writer_).add(++turn_);
  const std::optional<WallTime> now = server_time();
  out.add(now ? to_micros(*now) : 0);
  SettlementWords settlements;
  std::unordered_set<std::string_view> settled;
  settled.reserve(request.settlements.size());
  for (std::size_t i = 0; i < request.settlements.size(); ++i) {
    const Settlement& each = request.settlements[i];
    if (!settled.insert(each.lease.task).second) continue;
    settlements.next(i);
    if (!add_settlement(settlements, each, request.keep_results, now)) settled.erase(each.lease.task);
  }
  out.add(may_announce(request));
  sent = std::move(settlements).add_to(out);
  out.add(request.progress.size());
  for (const ProgressUpdate& each : request.progress) add_progress(out, each);
  if (request.take) {
    add_take(out, *request.take);
  } else {
    out.add(false);
  }
  return out;
}

// One success with nothing else to tell is published with its result, so that who waits for it need not look; all that
// wait hear it, so it is a short one.
bool Turns::may_announce(const ExchangeRequest& request) const {
  constexpr std::size_t kShort = 2048;  // bytes of its line and all texts
  if (request.settlements.size() != 1 || !request.progress.empty() || !request.keep_results) return false;
  const Settlement& only = request.settlements.front();
  const Held* const task = held(only.lease);
  return only.to == State::success && task != nullptr && !task->told &&
         task->line.size() + only.result.size() <= kShort;
}

// Nothing when it is not known well enough.
std::optional<WallTime> Turns::server_time() const {
  if (!server_time_) return std::nullopt;
  const Micros since = engine_.boot() - server_time_->heard;
  return since <= kTimeIsGood ? std::optional(server_time_->shown + since) : std::nullopt;
}

// False when the state table forbids what is asked: then nothing is added.
bool Turns::add_settlement(SettlementWords& out, const Settlement& asked, bool keep_results,
                           std::optional<WallTime> now) const {
  const Held* const task = held(asked.lease);
  const Told* const told = told_of(outcomes_, asked.lease);
  const bool says_nothing_else = !asked.error && asked.progress.empty() && asked.log.empty();
  const bool never_failed = asked.lease.counter == 1;  // an older error would have to go
  const bool plain = is_final(asked.to) && says_nothing_else && never_failed && told == nullptr && now;
  if (plain && task != nullptr && task->lane.empty()) return add_end(out, asked, task->line, keep_results, *now);
  const std::string_view line = task != nullptr ? std::string_view(task->line) : std::string_view();
  Stored stored = read_stored(asked.lease.task, line, {});
  if (task != nullptr && !task->lane.empty()) set_lane(stored.task, task->lane);
  std::string lane = lane_of(stored.task.queue, stored.task.name);
  if (!line.empty()) {
    if (!stored.damage.empty())
      stored.task.state = State::running;  // it was leased, whatever else cannot be read of it
    Standing standing = standing_of(stored);
    if (!settle(standing, asked, WallTime())) return false;
    set_standing(stored, standing);
    stored.session.clear();
    if (standing.state == State::pending) {
      stored.task.node.clear();
      if (!asked.version.empty()) stored.task.name = asked.version;
    } else {
      stored.task.resources = asked.resources;
    }
    stored.tombstone = is_final(standing.state) && !keep_results;
  }
  Arguments& words = out.add_change(asked, line, stored);
  add_since(words, told);
  add_told(words, told_of(progress_, asked.lease), asked.log);
  words.own(std::move(lane));
  return true;
}

// One that only says how its task ended.
bool Turns::add_end(SettlementWords& out, const Settlement& asked, std::string_view line, bool keep_results,
                    WallTime now) {
  const RunningLine runs(line);
  Standing standing = runs.standing();
  if (!settle(standing, asked, now)) return false;
  std::string becomes = runs.with(standing, asked.resources, !keep_results);
  if (keep_results) add_texts(becomes, runs.args(), asked.result);
  out.add_end(asked, line, runs.lane(), std::move(becomes));
  return true;
}

void Turns::add_progress(Arguments& out, const ProgressUpdate& update) {
  if (const auto found = held_.find(update.lease.task); found != held_.end()) found->second.told = true;
  out.add(update.lease.task).add(update.lease.session).own(std::string(beginning_of(held_line(update.lease))));
  out.add(update.progress).add(update.log);
  add_told(out, told_of(progress_, update.lease), update.log);
}

// What of the request happened if that turn did.
void Turns::keep_told(const ExchangeRequest& request, std::int64_t turn) {
  for (const Settlement& each : request.settlements) {
    outcomes_.try_emplace(each.lease.task, Told{each.lease, turn, 0});
  }
  for (const ProgressUpdate& each : request.progress) {
    progress_.try_emplace(each.lease.task, Told{each.lease, turn, each.log.size()});
  }
}

// Tasks that were to wait for another attempt, but shall end.
Status Turns::settle_unwanted(const ExchangeRequest& request, const std::vector<std::size_t>& which,
                              ExchangeAnswer& answer) {
  if (which.empty()) return {};
  ExchangeRequest ends;
  ends.keep_results = request.keep_results;
  for (const std::size_t i : which) {
    Standing shall_end;
    shall_end.cancel = true;
    const Settlement& asked = request.settlements[i];
    ends.settlements.push_back(overruled(shall_end, asked).value_or(asked));
  }
  auto ended = run_between(ends);
  if (!ended) return ended.error();
  for (std::size_t i = 0; i < which.size(); ++i) answer.settled[which[i]] = ended->settled[i];
  return {};
}

// Wakes the nodes: what took a place of the claim and was nothing may not hide what waits behind it.
void Turns::look_again() {
  await_open();
  Arguments words;
  words.add("PUBLISH").own(engine_.key("wake")).add("");
  if (auto told = engine_.connection().call(words.words()); !told) log::warning(told.error().message);
}

// What was told is known to have arrived.
void Turns::arrived(const ExchangeRequest& request) {
  if (outcomes_.empty() && progress_.empty()) return;
  for (const Settlement& each : request.settlements) {
    outcomes_.erase(each.lease.task);
    progress_.erase(each.lease.task);
  }
  for (const ProgressUpdate& each : request.progress) progress_.erase(each.lease.task);
}

// What was settled, refused, or handed back is no longer held.
void Turns::forget(const ExchangeRequest& request) {
  for (const Settlement& each : request.settlements) held_.erase(each.lease.task);
  if (!request.take || !request.take->holds) return;
  const std::unordered_set<std::string_view> holds(request.take->holds->begin(), request.take->holds->end());
  std::erase_if(held_, [&](const auto& entry) { return !holds.contains(entry.first); });
}

// The taken tasks; those of which something cannot be read end as failed, by the settlements that are returned.
std::vector<Settlement> Turns::keep_taken(ReplyView reply, const SessionId& session, std::vector<LeasedTask>& out) {
  std::vector<Settlement> unreadable;
  std::vector<Taken> taken = read_taken(reply);
  out.reserve(taken.size());
  for (Taken& each : taken) {
    Stored stored = read_stored(each.id, each.line, each.texts);
    const Lease lease{stored.task.id, session, stored.counter, stored.seq};
    Held& held = held_[lease.task] = {session, lease.counter, std::move(each.line), {}, false};
    if (stored.damage.empty()) {
      out.push_back({lease, std::move(stored.task), stored.refunds, stored.suspect});
      continue;
    }
    log::error("task " + lease.task + " cannot be read (" + stored.damage + "): kept as failed");
    held.lane = each.lane;
    Settlement& failed = unreadable.emplace_back();
    failed.lease = lease;
    failed.to = State::failed;
    failed.error = TaskError{"undecodable", "its stored " + stored.damage + " cannot be read", {}};
  }
  return unreadable;
}

}  // namespace flowrra::redis
