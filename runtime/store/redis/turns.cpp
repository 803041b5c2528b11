#include "store/redis/turns.hpp"

#include <algorithm>
#include <cmath>

#include "base/id.hpp"
#include "base/log.hpp"
#include "store/fair_share.hpp"
#include "store/refusals.hpp"
#include "store/standing.hpp"

namespace flowrra::redis {
namespace {

template <typename Tolds>
const typename Tolds::mapped_type* told_of(const Tolds& tolds, const Lease& lease) {
  const auto found = tolds.find(lease.task);
  if (found == tolds.end()) return nullptr;
  const Lease& old = found->second.lease;
  return old.session == lease.session && old.counter == lease.counter ? &found->second : nullptr;
}

// The turn that may have told it already, or ''.
void add_since(Arguments& out, const auto* told) { told != nullptr ? out.add(told->turn) : out.add(""); }

// Likewise, and how many bytes of the lines it told.
void add_told(Arguments& out, const auto* told, std::string_view log) {
  add_since(out, told);
  out.add(told != nullptr ? std::min(told->log, log.size()) : std::size_t{0});
}

void add_take(Arguments& out, const TakeRequest& take) {
  const bool shared = is_shared(take.weights, take.queues.size());
  out.add(true).add(take.session).own(word(take.node)).add(shared).add(take.queues.size());
  for (std::size_t i = 0; i < take.queues.size(); ++i) {
    out.add(take.queues[i]);
    if (shared) out.add(take.weights[i]);
  }
  out.add(take.wants.size());
  for (const auto& want : take.wants) {
    out.add(want.limit).add(want.names.size());
    for (const auto& name : want.names) out.add(name);
    out.add(want.credits.size());
    for (const int credit : want.credits) out.add(credit);
  }
  out.add(take.holds ? static_cast<std::int64_t>(take.holds->size()) : std::int64_t{-1});
  if (!take.holds) return;
  for (const auto& id : *take.holds) out.add(id);
}

std::optional<Micros> duration(ReplyView view) {
  if (view.text().empty()) return std::nullopt;
  return Micros(view.number());
}

// The answer's fields: see the head of scripts/settle.lua.
enum : std::size_t { kWord, kSettled, kDue, kExpiry, kReload, kCancel, kCredits, kTaken };
constexpr std::size_t kPerTask = 6;

void read_plain(ReplyView reply, const ExchangeRequest& request, ExchangeAnswer& out) {
  const std::string_view settled = reply[kSettled].text();
  for (std::size_t i = 0; i < request.settlements.size(); ++i) {
    out.settled.push_back(i < settled.size() && settled[i] == '1');
  }
  out.next_due = duration(reply[kDue]);
  out.next_expiry = duration(reply[kExpiry]);
  out.reload = reply[kReload].number();
  for (std::size_t i = 0; i < reply[kCancel].size(); ++i) out.cancel.emplace_back(reply[kCancel][i].text());
  if (!request.take || !is_shared(request.take->weights, request.take->queues.size())) return;
  for (std::size_t i = 0; i < reply[kCredits].size(); ++i) {
    const ReplyView want = reply[kCredits][i];
    auto& credits = out.credits.emplace_back();
    for (std::size_t n = 0; n < want.size(); ++n) credits.push_back(static_cast<int>(want[n].number()));
  }
}

// The taken tasks; those of which something cannot be read end as failed, by the settlements that are returned.
std::vector<Settlement> read_taken(ReplyView reply, const SessionId& session, std::vector<LeasedTask>& out) {
  std::vector<Settlement> unreadable;
  for (std::size_t at = kTaken; at + kPerTask <= reply.size(); at += kPerTask) {
    const Texts texts{.args = reply[at + 2],
                      .extra = reply[at + 3],
                      .result = {},
                      .error = reply[at + 4],
                      .progress = {},
                      .log = reply[at + 5]};
    Stored stored = read_stored(std::string(reply[at].text()), reply[at + 1].text(), texts);
    const Lease lease{stored.task.id, session, stored.counter, stored.seq};
    if (stored.damage.empty()) {
      out.push_back({lease, std::move(stored.task), stored.refunds, stored.suspect});
      continue;
    }
    log::error("task " + lease.task + " cannot be read (" + stored.damage + "): kept as failed");
    Settlement& failed = unreadable.emplace_back();
    failed.lease = lease;
    failed.to = State::failed;
    failed.error = TaskError{"undecodable", "its stored " + stored.damage + " cannot be read", {}};
  }
  return unreadable;
}

}  // namespace

Turns::Turns(Engine& engine) : engine_(engine), writer_(new_ulid(system_clock()).substr(10)) {}

Result<ExchangeAnswer> Turns::run(const ExchangeRequest& request) {
  SessionId session;
  if (request.take) {
    session = request.take->session;
  } else if (!request.settlements.empty()) {
    session = request.settlements.front().lease.session;
  } else if (!request.progress.empty()) {
    session = request.progress.front().lease.session;
  }
  const Arguments words = arguments(request, session);
  auto reply = engine_.run_once(engine_.scripts.exchange, words);
  if (!reply) {
    if (engine_.connection().outcome_unknown()) keep_lost(request);
    return reply.error();
  }
  const ReplyView view = reply->view();
  if (view[kWord].text() == "stale") return session_over();
  if (view[kWord].text() != "ok") {
    return Error{Code::unreachable, "a later turn of this node overtook this one", "It is repeated by itself."};
  }
  outcomes_.clear();
  progress_.clear();
  ExchangeAnswer answer;
  read_plain(view, request, answer);
  if (!request.take) return answer;
  const auto unreadable = read_taken(view, request.take->session, answer.taken);
  if (!unreadable.empty()) {
    ExchangeRequest burial;
    burial.settlements = unreadable;
    if (auto buried = run(burial); !buried) log::warning("cannot keep it: " + buried.error().message);
  }
  return answer;
}

Arguments Turns::arguments(const ExchangeRequest& request, const SessionId& session) {
  Arguments out = engine_.arguments();
  out.add(request.keep_results).add(session).add(writer_).add(++turn_);
  add_settlements(out, request);
  add_progress(out, request);
  if (request.take) {
    add_take(out, *request.take);
  } else {
    out.add(false);
  }
  return out;
}

void Turns::add_settlements(Arguments& out, const ExchangeRequest& request) const {
  constexpr double kMicrosOfSecond = 1e6;
  out.add(request.settlements.size());
  for (const Settlement& each : request.settlements) {
    out.add(each.lease.task).add(each.lease.session).add(each.lease.counter);
    out.add(static_cast<int>(each.to)).add(std::clamp(each.delay, Micros(0), kLongestDelay));
    out.add(each.refund_attempt).add(each.count_refund).add(each.suspect).add(each.crashed);
    add_since(out, told_of(outcomes_, each.lease));
    out.add(each.result).own(error_text(each.error));
    if (each.resources) {
      out.add(std::llround(each.resources->cpu_s * kMicrosOfSecond)).add(each.resources->max_rss);
    } else {
      out.add("-").add("-");
    }
    out.add(each.progress).add(each.log);
    add_told(out, told_of(progress_, each.lease), each.log);
  }
}

void Turns::add_progress(Arguments& out, const ExchangeRequest& request) const {
  out.add(request.progress.size());
  for (const ProgressUpdate& each : request.progress) {
    out.add(each.lease.task).add(each.lease.session).add(each.lease.counter);
    out.add(each.progress).add(each.log);
    add_told(out, told_of(progress_, each.lease), each.log);
  }
}

void Turns::keep_lost(const ExchangeRequest& request) {
  for (const Settlement& each : request.settlements) outcomes_.try_emplace(each.lease.task, each.lease, turn_, 0);
  for (const ProgressUpdate& each : request.progress) {
    progress_.try_emplace(each.lease.task, each.lease, turn_, each.log.size());
  }
}

}  // namespace flowrra::redis
