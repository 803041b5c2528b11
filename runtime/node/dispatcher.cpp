#include "node/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "task/crash_report.hpp"
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
      broker_(broker),
      outbox_(outbox),
      hosts_(hosts),
      events_(std::move(events)),
      journal_(loop, clock, outbox.separate_backend(), [this] { pump(); }),
      pulse_(clock),
      random_(std::random_device{}()),
      promoter_(loop, clock, [this] { wake(); }),
      pump_soon_(loop, [this] { pump(); }),
      again_(loop, [this] { pump(); }) {
  learn();
}

void Dispatcher::learn() {
  way_of_.clear();
  base_options_.clear();
  for (const TaskSpec& spec : options_.specs) {
    const Way way = spec.kind == Kind::cpu ? kCpu : spec.blocking ? kPool : kLoop;
    way_of_[spec.name] = way;
    TaskOptions base = merged(spec.options, options_.defaults);
    if (const auto found = options_.overrides.find(spec.name); found != options_.overrides.end()) {
      base = merged(found->second, base);
    }
    base_options_[spec.name] = base;
  }
  choose_names();
}

void Dispatcher::choose_names() {
  for (auto& names : names_) names.clear();
  Generation& hosts = hosts_.current();
  for (const TaskSpec& spec : options_.specs) {
    const Way way = way_of_.at(spec.name);
    const Executor& executor = way == kCpu ? static_cast<const Executor&>(hosts.cpu()) : hosts.io();
    if (executor.runs(spec.name)) names_[way].push_back(spec.name);
  }
  wake();
}

void Dispatcher::claim_for(SessionId session) {
  session_ = std::move(session);
  wake();
}

void Dispatcher::stop_claiming() {
  session_.clear();
  promoter_.next_due(std::nullopt);
  pump_soon_.request();
}

void Dispatcher::wake() {
  maybe_.fill(true);
  look_ = true;
  pump_soon_.request();
}

std::array<int, Dispatcher::kWays> Dispatcher::room() {
  Generation& hosts = hosts_.current();
  std::array<int, kWays> room{hosts.io().capacity(), hosts.io().blocking_capacity(), hosts.cpu().capacity()};
  for (std::size_t way = 0; way < kWays; ++way) {
    if (!maybe_[way] || names_[way].empty()) room[way] = 0;
  }
  return room;
}

void Dispatcher::pump() {
  if (exchanging_ || again_.active()) return;
  ExchangeRequest request;
  request.keep_results = !outbox_.separate_backend();
  request.settlements = outbox_.batch(kMostSettlements);
  request.progress = journal_.batch();
  std::array<int, kWays> asked{};
  if (!session_.empty() && outbox_.size() < kMostUnsettled) asked = room();
  const bool look = std::exchange(look_, false) && !session_.empty();
  if (look || asked != std::array<int, kWays>{}) {  // names without room count too: the broker says when they are due
    request.take = take_request(asked);
    if (std::exchange(unsure_, false)) request.take->holds = held(request.settlements);
  }
  if (!request.take && request.settlements.empty() && request.progress.empty()) {
    check_quiet();
    return;
  }
  post(std::move(request), asked);
}

TakeRequest Dispatcher::take_request(const std::array<int, kWays>& asked) {
  TakeRequest take{session_, options_.name, options_.queues, {}, options_.weights};
  for (std::size_t way = 0; way < kWays; ++way) take.wants.push_back({asked[way], names_[way], credits_[way]});
  return take;
}

// Everything that the session has taken and the broker was not told the end of, `settlements` being on their way.
// Nothing when the executors do not name all that they have: better no comparison than a task that runs twice.
std::optional<std::vector<TaskId>> Dispatcher::held(const std::vector<Settlement>& settlements) const {
  std::vector<TaskId> out;
  hosts_.add_held(out);
  if (std::ssize(out) != in_flight()) {
    log::error("the executors have " + std::to_string(in_flight()) + " tasks and name " + std::to_string(out.size()));
    return std::nullopt;
  }
  outbox_.add_held(out);
  for (const Settlement& each : settlements) out.push_back(each.lease.task);
  return out;
}

void Dispatcher::post(ExchangeRequest request, std::array<int, kWays> asked) {
  exchanging_ = true;
  asked_ = clock_.boot();
  auto shared = std::make_shared<ExchangeRequest>(std::move(request));
  broker_.post([shared](Store& store) { return store.broker().exchange(*shared); },
               [this, shared, asked](Result<ExchangeAnswer> answer) {
                 exchanging_ = false;
                 if (answer) {
                   on_answer(*std::move(answer), *shared, asked);
                 } else {
                   on_failure(answer.error(), std::move(*shared));
                 }
                 pump();
               });
}

void Dispatcher::on_answer(ExchangeAnswer answer, const ExchangeRequest& request, const std::array<int, kWays>& asked) {
  if (backoff_ > Micros(0)) log::warning("the broker works again");
  backoff_ = Micros(0);
  pulse_.good();
  outbox_.settled();
  for (std::size_t i = 0; i < answer.settled.size(); ++i) {
    if (answer.settled[i]) continue;
    log::warning("the outcome of task " + request.settlements[i].lease.task +
                 " was refused: its lease is no longer the current one");
  }
  if (!request.take) return;
  if (answer.credits.size() == kWays) std::ranges::move(answer.credits, credits_.begin());
  std::array<int, kWays> taken{};
  for (const LeasedTask& leased : answer.taken) {
    if (const auto way = way_of_.find(leased.task.name); way != way_of_.end()) ++taken[way->second];
  }
  for (std::size_t way = 0; way < kWays; ++way) {
    // A wake-up while the exchange was under way may be for what it has not seen.
    if (asked[way] > 0) maybe_[way] = look_ || taken[way] >= asked[way];
  }
  cancel(answer.cancel);
  if (answer.reload > 0) events_.reload_asked(answer.reload);
  last_claim_ = !answer.taken.empty() ? Claim::some : answer.next_due ? Claim::later : Claim::nothing;
  std::optional<Micros> next = answer.next_due;
  if (answer.next_expiry && (!next || *answer.next_expiry < *next)) next = answer.next_expiry;
  if (!session_.empty()) promoter_.next_due(next);
  for (LeasedTask& leased : answer.taken) start(std::move(leased));
}

void Dispatcher::on_failure(const Error& error, ExchangeRequest request) {
  const bool took = request.take.has_value();
  outbox_.put_back(std::move(request.settlements));
  journal_.put_back(std::move(request.progress));
  if (error.code == Code::stale) {
    session_.clear();
    events_.session_lost();
    return;
  }
  if (took) look_ = unsure_ = true;
  pulse_.bad(error.message);
  if (backoff_ == Micros(0)) log::error("the broker fails, work waits: " + error.message);
  const Micros longest = error.code == Code::unreachable ? kLongestAway : kLongestBackoff;
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, longest);
  maybe_.fill(true);
  again_.start(backoff_);
}

TaskOptions Dispatcher::options_for(const TaskRecord& task) const {
  const auto base = base_options_.find(task.name);
  return base == base_options_.end() ? task.options : merged(task.options, base->second);
}

void Dispatcher::start(LeasedTask leased) {
  const auto way = way_of_.find(leased.task.name);
  Job job{std::move(leased), {}, false};
  job.options = options_for(job.leased.task);
  if (way == way_of_.end() || session_.empty()) {  // a drain began, or the session died, while it was claimed
    refuse(job, AttemptEnd::released, std::nullopt);
    return;
  }
  if (const Status checked = check_json(job.leased.task.args, kMaxArgsBytes, "arguments"); !checked) {
    refuse(job, AttemptEnd::permanent, TaskError{std::string(name(checked.error().code)), checked.error().message, {}});
    return;
  }
  job.blocking = way->second == kPool;
  job.leased.task.kind = way->second == kCpu ? Kind::cpu : Kind::io;
  if (way->second == kCpu) {
    hosts_.current().cpu().start(std::move(job));
  } else {
    hosts_.current().io().start(std::move(job));
  }
}

void Dispatcher::refuse(const Job& job, AttemptEnd end, std::optional<TaskError> error) {
  AttemptReport report;
  report.lease = job.leased.lease;
  report.end = end;
  report.error = std::move(error);
  on_finished(job, std::move(report));
}

void Dispatcher::cancel(const std::vector<TaskId>& tasks) {
  for (const TaskId& task : tasks) hosts_.cancel(task);
}

void Dispatcher::on_finished(const Job& job, AttemptReport report) {
  const TaskRecord& task = job.leased.task;
  const RetryRule rule = retry_rule(job.options);
  const AttemptEnd end = report.end;
  const std::optional<TaskError> error = report.error;
  Settlement settlement = after_attempt(job.leased, rule, std::move(report), random());
  if (error) {
    const TaskError& told = settlement.error ? *settlement.error : *error;  // what was handed back keeps no error
    std::string what = told.code + ": " + told.message;
    if (const auto next = what_follows(job.leased, rule, end, settlement); !next.empty()) what += "; " + next;
    log::info(task.name + " " + task.id + " attempt " + std::to_string(task.attempt) + ": " + what);
    journal_.logged(job.leased.lease, {clock_.wall(), task.attempt, "error", what});
    if (!error->crash.empty()) log_crash(job, error->crash);
  }
  Journal::LastWords last = journal_.end(task.id);
  settlement.progress = std::move(last.progress);
  settlement.log = std::move(last.log);
  outbox_.add(job.leased, std::move(settlement));
  pump_soon_.request();
}

// What a cpu task printed stands in its log already.
void Dispatcher::log_crash(const Job& job, const std::string& crash) {
  auto report = crash_report_from_json(crash);
  if (!report) return;
  if (job.leased.task.kind == Kind::cpu) report->output.clear();
  for (std::string& line : crash_lines(*report)) {
    journal_.logged(job.leased.lease, {clock_.wall(), job.leased.task.attempt, "error", std::move(line)});
  }
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
  const Micros waited = exchanging_ ? clock_.boot() - asked_ : Micros(0);
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
