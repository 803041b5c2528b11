#include "node/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "task/schema.hpp"

namespace flowrra {
namespace {

constexpr std::size_t kMostSettlements = 1000;  // of one exchange
constexpr std::size_t kMostUnsettled = 4000;    // beyond which nothing is claimed
constexpr Micros kFirstBackoff = std::chrono::milliseconds(50);
constexpr Micros kLongestBackoff = std::chrono::seconds(2);
constexpr Micros kLongestAway = std::chrono::milliseconds(500);  // where there is nobody to spare

}  // namespace

Dispatcher::Dispatcher(Loop& loop, const Clock& clock, const NodeOptions& options, Courier& broker, Outbox& outbox,
                       Generations& hosts, Events events)
    : options_(options),
      clock_(clock),
      outbox_(outbox),
      hosts_(hosts),
      events_(std::move(events)),
      misfits_(broker, [this](const Job& job, AttemptReport report) { finish(job, std::move(report)); }),
      journal_(loop, clock, outbox.separate_backend(), [this] { pump(); }),
      exchanges_(
          clock, broker,
          {.answered = [this](Result<ExchangeAnswer> answer,
                              Exchanges::Exchange exchange) { answered(std::move(answer), std::move(exchange)); },
           .woken = [this] { wake(); }}),
      pulse_(clock),
      random_(std::random_device{}()),
      promoter_(loop, clock, [this] { wake(); }),
      pump_soon_(loop, [this] { pump(); }),
      again_(loop, [this] { pump(); }) {
  learn();
}

void Dispatcher::learn() {
  known_.clear();
  for (const TaskSpec& spec : options_.specs) {
    Known& known = known_[spec.name];
    known.spec = &spec;
    known.way = spec.kind == Kind::cpu ? kCpu : spec.blocking ? kPool : kLoop;
    known.options = merged(spec.options, options_.defaults);
    if (const auto found = options_.overrides.find(spec.name); found != options_.overrides.end()) {
      known.options = merged(found->second, known.options);
    }
  }
  choose_names();
}

void Dispatcher::choose_names() {
  std::array<TaskNames::Set, kWays> names;
  Generation& hosts = hosts_.current();
  for (const TaskSpec& spec : options_.specs) {
    const Way way = known_.at(spec.name).way;
    const Executor& executor = way == kCpu ? static_cast<const Executor&>(hosts.cpu()) : hosts.io();
    if (!executor.runs(spec.name)) continue;
    names[way].insert(spec.name);
    names[way].insert(version_of(spec));
  }
  for (std::size_t way = 0; way < kWays; ++way) names_[way] = TaskNames(std::move(names[way]));
  wake();
}

void Dispatcher::claim_for(SessionId session) {
  session_ = std::move(session);
  wake();
}

void Dispatcher::stop_claiming() {
  session_.clear();
  exchanges_.stand_down();
  promoter_.next_due(std::nullopt);
  pump_soon_.request();
}

void Dispatcher::wake() {
  maybe_.fill(true);
  look_ = true;
  ++wake_ups_;
  pump_soon_.request();
}

Dispatcher::Room Dispatcher::room() {
  Generation& hosts = hosts_.current();
  Room room{hosts.io().capacity(), hosts.io().blocking_capacity(), hosts.cpu().capacity()};
  for (std::size_t way = 0; way < kWays; ++way) room[way] = maybe_[way] ? open_places(way, room[way]) : 0;
  return room;
}

// Of the places that the executors have, those that a claim can fill.
int Dispatcher::open_places(std::size_t way, int places) const {
  return names_[way].empty() ? 0 : std::max(0, places - arriving_[way]);
}

void Dispatcher::pump() {
  if (!send()) rest();
}

// Sends what there is, or lets it be gathered. False when nothing is under way then, and nothing waits to be.
//
// Where queues share by weights a claim begins with what the last one left to each, and a comparison counts what is
// held when nothing is on its way: neither is prepared ahead.
bool Dispatcher::send() {
  if (again_.active()) return true;
  const bool alone = unsure_ || !options_.weights.empty();
  if (alone && !exchanges_.stand_down()) return true;
  const bool sent =
      exchanges_.add([this](Exchanges::Exchange& next, const Room& asked) { return prepare(next, asked); });
  return sent || exchanges_.under_way();
}

void Dispatcher::rest() {
  if (!exchanges_.stand_down()) return;  // what stood by has begun meanwhile
  check_quiet();
  stand_by();
}

// The claim that begins when the broker is woken, for the slots that are free by now: who knows when that will be.
void Dispatcher::stand_by() {
  if (session_.empty() || unsure_ || look_ || !options_.weights.empty()) return;
  Exchanges::Exchange next;
  next.request.keep_results = !outbox_.separate_backend();
  next.wake_ups = wake_ups_;
  Generation& hosts = hosts_.current();
  const Room free{hosts.io().free_slots(), hosts.io().free_blocking_slots(), hosts.cpu().free_slots()};
  for (std::size_t way = 0; way < kWays; ++way) next.asked[way] = open_places(way, free[way]);
  if (next.asked == Room{} || outbox_.size() >= kMostUnsettled) return;
  next.request.take = take_request(next.asked);
  exchanges_.stand_by(std::move(next));
}

// Adds what there is to the exchange that goes next; false when that is nothing. `under_way`: asked for already.
bool Dispatcher::prepare(Exchanges::Exchange& next, const Room& under_way) {
  ExchangeRequest& request = next.request;
  request.keep_results = !outbox_.separate_backend();
  outbox_.batch(kMostSettlements, request.settlements);
  if (request.progress.empty()) journal_.batch(request.progress);
  next.wake_ups = wake_ups_;
  if (session_.empty()) {
    request.take.reset();
    next.asked = {};
  } else {
    const Room room = outbox_.size() < kMostUnsettled ? this->room() : Room{};
    for (std::size_t way = 0; way < kWays; ++way) {
      next.asked[way] = std::max(next.asked[way], room[way] - under_way[way]);
    }
    // Names without room count too: the broker says when they are due.
    const bool look = std::exchange(look_, false) || request.take || next.asked != Room{};
    if (look) request.take = take_request(next.asked);
    if (look && std::exchange(unsure_, false)) request.take->holds = held(request.settlements);
  }
  return request.take || !request.settlements.empty() || !request.progress.empty();
}

TakeRequest Dispatcher::take_request(const Room& asked) {
  TakeRequest take{session_, options_.name, options_.queues, {}, options_.weights};
  take.wants.reserve(kWays);
  for (std::size_t way = 0; way < kWays; ++way) take.wants.push_back({asked[way], names_[way], credits_[way]});
  return take;
}

// Everything that the session has taken and the broker was not told the end of, `settlements` being on their way.
// Nothing when the executors do not name all that they have: better no comparison than a task that runs twice.
std::optional<std::vector<TaskId>> Dispatcher::held(const std::vector<Settlement>& settlements) const {
  std::vector<TaskId> out;
  hosts_.add_held(out);
  misfits_.add_held(out);
  for (const LeasedTask& each : arrived_) out.push_back(each.lease.task);
  if (std::ssize(out) != in_flight()) {
    log::error("the executors have " + std::to_string(in_flight()) + " tasks and name " + std::to_string(out.size()));
    return std::nullopt;
  }
  outbox_.add_held(out);
  for (const Settlement& each : settlements) out.push_back(each.lease.task);
  return out;
}

void Dispatcher::answered(Result<ExchangeAnswer> answer, Exchanges::Exchange exchange) {
  if (answer) {
    on_answer(*std::move(answer), exchange);
  } else {
    on_failure(answer.error(), std::move(exchange));
  }
  const bool quiet = !send();  // first, so that the broker works while the tasks are started
  start_arrived();
  if (quiet) rest();
}

void Dispatcher::on_answer(ExchangeAnswer answer, const Exchanges::Exchange& exchange) {
  const ExchangeRequest& request = exchange.request;
  if (backoff_ > Micros(0)) log::warning("the broker works again");
  backoff_ = Micros(0);
  pulse_.good();
  outbox_.settled();
  for (std::size_t i = 0; i < answer.settled.size(); ++i) {
    if (answer.settled[i]) continue;
    log::warning("the outcome of task " + request.settlements[i].lease.task +
                 " was refused: its lease is no longer the current one");
  }
  // What waits for another attempt is not seen by a claim that found nothing before.
  if (std::ranges::any_of(request.settlements, [](const auto& each) { return !is_final(each.to); }))
    last_claim_ = Claim::some;
  if (!request.take) return;
  if (answer.credits.size() == kWays) std::ranges::move(answer.credits, credits_.begin());
  arrived_ = std::move(answer.taken);
  for (LeasedTask& leased : arrived_) {
    leased.task.name.resize(without_version(leased.task.name).size());
    if (const auto known = known_.find(leased.task.name); known != known_.end()) ++arriving_[known->second.way];
  }
  for (std::size_t way = 0; way < kWays; ++way) {
    // A wake-up while the exchange was under way may be for what it has not seen.
    const bool woken = exchange.wake_ups != wake_ups_;
    if (exchange.asked[way] > 0) {
      maybe_[way] = woken || arriving_[way] >= exchange.asked[way];
    } else if (exchange.stood_by) {
      maybe_[way] = true;  // it was woken perhaps for this, and had no room for it
    }
  }
  cancel(answer.cancel);
  if (answer.reload > 0) events_.reload_asked(answer.reload);
  last_claim_ = !arrived_.empty() ? Claim::some : answer.next_due ? Claim::later : Claim::nothing;
  std::optional<Micros> next = answer.next_due;
  if (answer.next_expiry && (!next || *answer.next_expiry < *next)) next = answer.next_expiry;
  if (!session_.empty()) promoter_.next_due(next);
}

void Dispatcher::put_back(Exchanges::Exchange exchange) {
  outbox_.put_back(std::move(exchange.request.settlements));
  journal_.put_back(std::move(exchange.request.progress));
  if (exchange.request.take) look_ = unsure_ = true;
}

void Dispatcher::on_failure(const Error& error, Exchanges::Exchange exchange) {
  const bool of_this_session = exchange.request.take && exchange.request.take->session == session_;
  put_back(std::move(exchange));
  put_back(exchanges_.withdraw());
  if (error.code == Code::stale) {
    if (!of_this_session) return;  // prepared before there was a new one
    session_.clear();
    events_.session_lost();
    return;
  }
  pulse_.bad(error.message);
  if (backoff_ == Micros(0)) log::error("the broker fails, work waits: " + error.message);
  const Micros longest = error.code == Code::unreachable ? kLongestAway : kLongestBackoff;
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, longest);
  maybe_.fill(true);
  again_.start(backoff_);
}

TaskOptions Dispatcher::options_for(const TaskRecord& task) const {
  const auto known = known_.find(task.name);
  return known == known_.end() ? task.options : merged(task.options, known->second.options);
}

void Dispatcher::start_arrived() {
  arriving_.fill(0);
  for (LeasedTask& leased : std::exchange(arrived_, {})) start(std::move(leased));
}

void Dispatcher::start(LeasedTask&& leased) {
  const auto known = known_.find(leased.task.name);
  Job job{std::move(leased), {}, false};
  job.options = options_for(job.leased.task);
  if (known == known_.end() || session_.empty()) {  // a drain began, or the session died, while it was claimed
    refuse(job, AttemptEnd::released, std::nullopt);
    return;
  }
  if (const Status checked = check_json(job.leased.task.args, kMaxArgsBytes, "arguments"); !checked) {
    refuse(job, AttemptEnd::permanent, TaskError{std::string(name(checked.error().code)), checked.error().message, {}});
    return;
  }
  const Way way = known->second.way;
  job.blocking = way == kPool;
  job.leased.task.kind = way == kCpu ? Kind::cpu : Kind::io;
  if (way == kCpu) {
    hosts_.current().cpu().start(std::move(job));
  } else {
    hosts_.current().io().start(std::move(job));
  }
}

void Dispatcher::cancel(const std::vector<TaskId>& tasks) {
  for (const TaskId& task : tasks) hosts_.cancel(task);
}

void Dispatcher::check_quiet() {
  if (in_flight() > 0 || outbox_.size() > 0) return;
  if (session_.empty()) {
    events_.settled();
  } else if (last_claim_ == Claim::nothing) {
    events_.empty();
  } else if (last_claim_ == Claim::some && options_.exit_when_empty) {
    wake();  // the last outcomes are settled: look once more
  }
}

void Dispatcher::add_health(NodeHealth& out) const {
  PartHealth self = pulse_.health("dispatcher");
  const auto since = exchanges_.under_way_since();
  const Micros waited = since ? clock_.boot() - *since : Micros(0);
  if (self.stuck.empty() && waited > options_.lease / 2) {
    self.stuck = "has waited for the broker's answer for " + to_text(waited);
  }
  if (pulse_.failing()) self.stuck = "the broker " + self.stuck;
  out.parts.push_back(std::move(self));
  out.parts.push_back(outbox_.health(options_.lease));
  out.parts.push_back(journal_.health());
  out.parts.push_back(promoter_.health());
}

double Dispatcher::random() { return std::uniform_real_distribution<double>(0.0, 1.0)(random_); }

}  // namespace flowrra
