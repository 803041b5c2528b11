#include "library/runner.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <flowrra/library/submission.hpp>
#include <utility>

#include "base/log.hpp"
#include "library/json_arguments.hpp"
#include "library/raise.hpp"

namespace flowrra::library {
namespace {

constexpr Micros kStartPatience = std::chrono::seconds(30);

// Names of queues have no colon.
std::string suffix_of(std::string_view given) {
  std::string suffix(given);
  std::ranges::replace(suffix, ':', '.');
  if (suffix.empty() || valid_name(suffix)) return suffix;
  throw ConfigError("invalid", "'" + log::escaped(given.substr(0, 128)) + "' cannot be the suffix of a queue",
                    "Use letters, digits, ':', '.', '_' and '-'.");
}

ExecutorNotRunningError not_running() { return {"not_running", "the executor does not run", "Call start() before."}; }

UnknownIdError unknown_id(const std::string& id) {
  return {"not_found", "no task has the id '" + log::escaped(id.substr(0, 128)) + "'"};
}

std::optional<Micros> micros(std::optional<std::chrono::milliseconds> time) {
  return time ? std::optional<Micros>(*time) : std::nullopt;
}

}  // namespace

Runner::Runner(flowrra::Config config, RegisteredTasks tasks, Role role)
    : config_(std::move(config)),
      tasks_(tasks && !tasks->plugin.tasks().empty() ? std::move(tasks) : nullptr),
      role_(std::move(role)),
      clients_(tasks_ && tasks_->sealed ? as_own_host(config_, *tasks_) : config_),
      stopped_(eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)) {
  role_.queue_suffix = suffix_of(role_.queue_suffix);
  if (config_.origins.contains("log.level")) log::set_level(config_.log_level);
  learn(tasks_ ? specs_of(*tasks_) : std::vector<TaskSpec>{});
  clients_.lend();  // the store is there, and stays: memory:// lives as long as somebody has it open
}

Runner::~Runner() { stop(false, {}); }

Runner::Known Runner::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

void Runner::learn(const std::vector<TaskSpec>& specs) {
  auto known = std::make_shared<const KnownTasks>(known_tasks(specs));
  const std::scoped_lock lock(mutex_);
  known_ = std::move(known);
}

std::unique_ptr<Engine> Runner::make_engine() {
  const flowrra::Config config = tasks_ ? as_own_host(config_, *tasks_) : config_;
  const PluginSet plugins = tasks_ || !config.plugins.paths.empty() ? ask_hosts(config, tasks_.get()) : PluginSet{};
  learn(plugins.specs());
  NodeOptions options = value_or_raise(node_options(config, plugins));
  if (role_.only) std::erase_if(options.specs, [this](const TaskSpec& spec) { return spec.kind != *role_.only; });
  for (std::string& queue : options.queues) queue += role_.queue_suffix;
  return value_or_raise(Engine::start(std::move(options), value_or_raise(open_node_stores(config)), kStartPatience));
}

void Runner::start() {
  refuse_in_host();
  const std::scoped_lock lock(life_);
  if (running_) return;
  engine_.reset();  // one that was told to stop: waits for its end
  engine_ = make_engine();
  std::uint64_t count = 0;
  static_cast<void>(read(stopped_.get(), &count, sizeof count));
  running_ = true;
}

void Runner::stop(bool wait, std::optional<std::chrono::milliseconds> timeout) {
  std::shared_ptr<Engine> engine;
  {
    const std::scoped_lock lock(life_);
    engine = engine_;
    if (!engine) return;
    if (running_.exchange(false)) eventfd_write(stopped_.get(), 1);
  }
  if (wait) {
    engine->drain(micros(timeout));
  } else {
    engine->release();
  }
  const std::scoped_lock lock(life_);
  if (engine_ == engine) engine_.reset();
}

SharedSpec Runner::spec(std::string_view name) {
  const Known tasks = known();
  if (const auto found = tasks->find(name); found != tasks->end()) return found->second;
  if (role_.only) raise_as<TaskNotFoundError>(not_registered(name, *tasks));
  if (auto lately = published_.find(name)) return lately;
  auto published = clients_.lend()->spec(std::string(name));
  if (published) return published_.keep(*std::move(published));
  if (published.error().code == Code::not_found) raise_as<TaskNotFoundError>(published.error());
  raise(published.error());
}

std::string Runner::submit(std::string_view name, const Json& args, const Json& kwargs, int priority) {
  if (role_.only && !running()) throw not_running();
  const SharedSpec found = spec(name);
  NewTask task;
  task.queue.clear();
  task.priority = priority;
  task.args = join_arguments(found->spec, args, kwargs);
  return push(std::move(task), *found);
}

std::string Runner::submit(std::string_view name, std::string json, const Submission& how) {
  if (role_.only && !running()) throw not_running();
  NewTask task;
  task.id = how.id;
  task.queue = how.queue;
  task.priority = how.priority;
  task.args = std::move(json);
  task.options.timeout = micros(how.timeout);
  task.options.max_retries = how.max_retries;
  task.options.retry_delay = micros(how.retry_delay);
  if (how.backoff) task.options.backoff = *how.backoff == Submission::fixed ? Backoff::fixed : Backoff::exponential;
  task.delay = micros(how.delay);
  task.expires = micros(how.expires);
  task.tags = how.tags;
  return push(std::move(task), *spec(name));
}

std::string Runner::push(NewTask task, const CheckedSpec& version) {
  const TaskSpec& spec = version.spec;
  if (role_.only && spec.kind != *role_.only) {
    throw TypeError("invalid", "task " + spec.name + " is of kind " + std::string(flowrra::name(spec.kind)) +
                                   ", and this executor runs " + std::string(flowrra::name(*role_.only)) + " tasks");
  }
  task.name = spec.name;
  if (task.queue.empty()) task.queue = config_.queue_names().front();
  task.queue += role_.queue_suffix;
  Clients::Lent client = clients_.lend();
  auto id = client->submit(std::move(task), &version);
  if (id) return *std::move(id);
  if (id.error().code == Code::unreachable) client.drop();
  raise(id.error());
}

TaskResult Runner::wait(const std::string& id, std::optional<std::chrono::milliseconds> timeout) {
  Clients::Lent client = clients_.lend();
  auto record = client->wait(id, micros(timeout), role_.only ? stopped_.get() : -1);
  if (record) return result_of(*std::move(record));
  switch (record.error().code) {
    case Code::interrupted:
      throw not_running();
    case Code::not_found:
    case Code::usage:  // the beginning of several ids
      throw unknown_id(id);
    case Code::unreachable:
      client.drop();
      break;
    default:
      break;
  }
  raise(record.error());
}

std::optional<TaskResult> Runner::get(const std::string& id) {
  auto record = clients_.lend()->get(id);
  if (!record) raise(record.error());
  if (!*record) return std::nullopt;
  return result_of(std::move(**record));
}

bool Runner::cancel(const std::string& id) {
  const auto outcome = value_or_raise(clients_.lend()->cancel({&id, 1})).front();
  if (outcome == CancelOutcome::unknown) throw unknown_id(id);
  return outcome != CancelOutcome::over;
}

void Runner::retry(const std::string& id) {
  Clients::Lent client = clients_.lend();
  const auto record = value_or_raise(client->get(id));
  if (!record) throw unknown_id(id);
  check(client->retry(*record));
}

}  // namespace flowrra::library
