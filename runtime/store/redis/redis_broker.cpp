#include "store/redis/redis_broker.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/id.hpp"
#include "base/machine.hpp"
#include "store/redis/counts.hpp"
#include "store/redis/listing.hpp"
#include "store/redis/sessions.hpp"
#include "store/refusals.hpp"
#include "store/standing.hpp"
#include "task/attempt.hpp"

namespace flowrra::redis {
namespace {

constexpr int kPurgeStep = 500;

// One digit of an answer for each of `count` things, as `Outcome`.
template <typename Outcome>
std::vector<Outcome> outcomes(ReplyView reply, std::size_t count) {
  std::vector<Outcome> out;
  out.reserve(count);
  const std::string_view digits = reply.text();
  for (std::size_t i = 0; i < count; ++i) out.push_back(static_cast<Outcome>(i < digits.size() ? digits[i] - '0' : 0));
  return out;
}

// A task as push.lua takes it: what may be alike for many, and the rest.
struct Pushed {
  const NewTask* task;
  std::string lane;
  std::string extra;
};

bool alike(const Pushed& a, const Pushed& b) {
  const auto common = [](const Pushed& of) {
    return std::tie(of.lane, of.task->kind, of.task->priority, of.task->delay, of.task->at, of.task->expires);
  };
  return common(a) == common(b) && a.extra.empty() == b.extra.empty();
}

void add_args(Arguments& out, std::string_view args) {
  args.find('\n') == std::string_view::npos ? out.add(args) : out.own(on_one_line(args));
}

void add_run(Arguments& out, std::span<Pushed> run) {
  Pushed& first = run.front();
  const NewTask& task = *first.task;
  const bool with_extra = !first.extra.empty();
  out.own(std::move(first.lane)).add(task.kind ? static_cast<int>(*task.kind) : 0).add(task.priority);
  task.delay ? out.add(std::clamp(*task.delay, Micros(0), kLongestDelay)) : out.add("");
  task.at ? out.add(to_micros(*task.at)) : out.add("");
  task.expires ? out.add(std::clamp(*task.expires, Micros(0), kLongestDelay)) : out.add("");
  out.add(with_extra).add(run.size());
  for (Pushed& each : run) {
    add_args(out.add(each.task->id), each.task->args);
    if (with_extra) out.own(std::move(each.extra));
  }
}

// The first of each id, in runs that are alike.
void add_tasks(Arguments& out, std::span<const NewTask> tasks) {
  std::unordered_set<std::string_view> ids;
  ids.reserve(tasks.size());
  std::vector<Pushed> pushed;
  pushed.reserve(tasks.size());
  for (const NewTask& task : tasks) {
    if (!ids.insert(task.id).second) continue;
    pushed.push_back({&task, lane_of(task.queue, task.name), extra_text(task.options, task.tags)});
  }
  out.add(pushed.size());
  for (auto begin = pushed.begin(); begin != pushed.end();) {
    const auto end = std::find_if(begin, pushed.end(), [&](const Pushed& each) { return !alike(*begin, each); });
    add_run(out, {begin, end});
    begin = end;
  }
}

// One outcome for each task from those for each id: who comes second knows of the first.
std::vector<PushOutcome> with_doubles(std::span<const NewTask> tasks, const std::vector<PushOutcome>& of_ids) {
  std::unordered_map<std::string_view, PushOutcome> known;
  known.reserve(tasks.size());
  std::vector<PushOutcome> out;
  out.reserve(tasks.size());
  auto next = of_ids.begin();
  for (const NewTask& task : tasks) {
    const auto found = known.find(task.id);
    if (found != known.end()) {
      out.push_back(found->second == PushOutcome::accepted ? PushOutcome::exists : found->second);
    } else {
      out.push_back(known[task.id] = *next++);
    }
  }
  return out;
}

}  // namespace

RedisBroker::RedisBroker(Engine& engine)
    : engine_(engine),
      bell_(engine.connection().endpoint(), engine.key("wake")),
      turns_(engine),
      machine_(this_machine()) {}

bool RedisBroker::woken() {
  const Listener::Heard heard = bell_.hear();
  return heard.missed || !heard.messages.empty();
}

Result<std::vector<PushOutcome>> RedisBroker::push(std::span<const NewTask> tasks, std::int64_t max_queue_size) {
  if (auto fits = pushable(tasks); !fits) return fits.error();
  if (tasks.empty()) return std::vector<PushOutcome>();
  constexpr std::size_t kTimeDigits = 10;  // of a ULID: the rest is random
  Arguments words = engine_.arguments();
  words.add(max_queue_size).own(new_ulid(system_clock()).substr(kTimeDigits));
  add_tasks(words, tasks);
  auto reply = engine_.run(engine_.scripts.push, words);
  if (!reply) return reply.error();
  return with_doubles(tasks, outcomes<PushOutcome>(reply->view(), tasks.size()));
}

Result<int> RedisBroker::recover() {
  const auto expired = recover_from({});
  if (!expired) return expired.error();
  if (expired->gone.empty()) return expired->tasks;
  const auto orphaned = recover_from(expired->gone);
  if (!orphaned) return orphaned.error();
  return expired->tasks + orphaned->tasks;
}

// From sessions that are over, and from these.
Result<RedisBroker::Recovered> RedisBroker::recover_from(std::span<const SessionId> gone) {
  Arguments words = engine_.arguments();
  words.add(kMaxRefunds).add(kLostWords).add(machine_).add(gone.size());
  for (const SessionId& id : gone) words.add(id);
  auto reply = engine_.run(engine_.scripts.recover, words);
  if (!reply) return reply.error();
  Recovered out{static_cast<int>(reply->view()[0].number()), {}};
  const ReplyView here = reply->view()[1];
  for (std::size_t i = 0; i + 2 < here.size(); i += 3) {
    const int pid = static_cast<int>(here[i + 1].number());
    if (pid > 0 && process_gone(pid, here[i + 2].number())) out.gone.emplace_back(here[i].text());
  }
  return out;
}

Result<std::vector<CancelOutcome>> RedisBroker::cancel(std::span<const TaskId> ids) {
  Arguments words = engine_.arguments();
  for (const TaskId& id : ids) words.add(id);
  auto reply = engine_.run_once(engine_.scripts.cancel, words);
  if (!reply) return reply.error();
  std::vector<CancelOutcome> out;
  for (const char digit : reply->view().text()) {
    constexpr std::array kOutcomes{CancelOutcome::unknown, CancelOutcome::over, CancelOutcome::cancelled,
                                   CancelOutcome::requested};
    out.push_back(kOutcomes.at(static_cast<std::size_t>(std::clamp(digit - '0', 0, 3))));
  }
  out.resize(ids.size(), CancelOutcome::unknown);
  return out;
}

Result<std::vector<ReplayOutcome>> RedisBroker::replay(std::span<const TaskRecord> records) {
  Arguments words = engine_.arguments();
  for (const TaskRecord& record : records) {
    add_args(words.add(record.id), record.args);
    words.own(extra_text(record.options, record.tags)).add(record.log);
  }
  auto reply = engine_.run_once(engine_.scripts.replay, words);
  if (!reply) return reply.error();
  return outcomes<ReplayOutcome>(reply->view(), records.size());
}

// In steps, so that the server is not held up by a long queue.
Result<std::int64_t> RedisBroker::purge(const std::string& queue) {
  std::int64_t total = 0;
  for (;;) {
    Arguments words = engine_.arguments();
    words.add(queue).add(kPurgeStep);
    auto reply = engine_.run_once(engine_.scripts.purge, words);
    if (!reply) return reply.error();
    const std::int64_t removed = reply->view().number();
    total += removed;
    if (removed < kPurgeStep) return total;
  }
}

Result<std::optional<TaskRecord>> RedisBroker::find(const TaskId& id) { return Listing(engine_, Shown::all).find(id); }

Result<std::vector<TaskRecord>> RedisBroker::list(const ListQuery& query) {
  return Listing(engine_, Shown::all).list(query);
}

Result<std::vector<StateCount>> RedisBroker::counts() { return stored_counts(engine_); }

Result<StaleCounts> RedisBroker::stale_counts() {
  auto reply = engine_.read("HMGET", "stale", {"settlements", "progress", "heartbeats"});
  if (!reply) return reply.error();
  const ReplyView counts = reply->view();
  return StaleCounts{counts[0].number(), counts[1].number(), counts[2].number()};
}

Result<std::int64_t> RedisBroker::ahead_of(const TaskId& id, const std::vector<std::string>& names) {
  Arguments words = engine_.arguments();
  words.add(id);
  for (const std::string& name : names) words.add(name);
  auto reply = engine_.run(engine_.scripts.ahead, words);
  if (!reply) return reply.error();
  return reply->view().number();
}

}  // namespace flowrra::redis
