#include "app/app.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <thread>

#include "app/node_stores.hpp"
#include "app/redact.hpp"
#include "base/fd.hpp"
#include "base/id.hpp"
#include "base/interrupt.hpp"
#include "base/log.hpp"
#include "executor/loop.hpp"
#include "executor/orphans.hpp"
#include "node/node.hpp"
#include "store/open/open.hpp"

namespace flowrra {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

constexpr Micros kForEver = std::chrono::hours(24 * 365 * 100);

int cores() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

bool has_terminal() { return bool(UniqueFd(open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY))); }

// SIGTERM and SIGINT: the first drains, the second releases. SIGHUP: the plugins are loaded anew; but where it says
// that the terminal is gone it is as SIGTERM.
class NodeSignals {
 public:
  NodeSignals(Loop& loop, Node& node)
      : term_(loop, SIGTERM, [this, &node] { stop(node); }),
        interrupt_(loop, SIGINT, [this, &node] { stop(node); }),
        hangup_(loop, SIGHUP, [this, &node] { hang_up(node); }) {}

 private:
  void hang_up(Node& node) {
    if (had_terminal_ && !has_terminal()) return stop(node);
    log::info("loading the plugins anew");
    node.reload();
  }
  void stop(Node& node) {
    if (++count_ == 1) {
      log::info("draining: no new tasks; what runs may finish (once more to release it now)");
      node.drain();
    } else {
      node.release();
    }
  }
  bool had_terminal_ = has_terminal();
  int count_ = 0;
  SignalWatch term_;
  SignalWatch interrupt_;
  SignalWatch hangup_;
};

// What reads the plugins again; with the other settings of the node as they are.
auto rereading(Config config, std::function<Result<Config>()> reread) {
  return [config = std::move(config), reread = std::move(reread)](const std::vector<NodePlugin>& loaded,
                                                                  int abandon_fd) mutable -> Result<PluginOffer> {
    auto now = reread();
    if (!now) return now.error();
    config.plugins = std::move(now->plugins);
    auto plugins = load_plugins(config, abandon_fd);
    if (!plugins) return plugins.error();
    if (auto good = still_good(loaded, *plugins); !good) return good.error();
    sweep_copies(config);
    return PluginOffer{plugins->specs(), plugins->files, plugins->about()};
  };
}

// SIGTERM and SIGINT for a node that runs one task: the first asks for its end, by force after the grace; the second
// does not wait for it.
class InterruptSignals {
 public:
  InterruptSignals(Loop& loop, Broker& broker, TaskId task)
      : loop_(loop),
        broker_(broker),
        task_(std::move(task)),
        term_(loop, SIGTERM, [this] { stop(); }),
        interrupt_(loop, SIGINT, [this] { stop(); }) {}
  [[nodiscard]] bool interrupted() const { return count_ > 0; }

 private:
  void stop() {
    if (++count_ == 1 && broker_.cancel(std::array{task_})) {
      log::info("interrupted: the task is asked to end (once more to kill it)");
    } else {
      loop_.stop();  // what still runs is killed with the node
    }
  }
  Loop& loop_;
  Broker& broker_;
  TaskId task_;
  int count_ = 0;
  SignalWatch term_;
  SignalWatch interrupt_;
};

// What the stores do for what they acknowledge, where that is for their server to decide.
void log_durability(const std::string& role, Store& store) {
  const auto told = store.durability();
  if (!told) return;
  const std::string line = role + " durability: " + told->message;
  if (told->level == StoreCheck::Level::ok) return log::info(line);
  log::warning(line + (told->hint.empty() ? "" : ". " + told->hint));
}

void log_durability(const NodeStores& stores) {
  log_durability("broker", *stores.broker);
  if (stores.backend) log_durability("backend", *stores.backend);
}

// A node that was told to end before it had its stores has nothing to hand back.
Status unless_stopped(const Error& error) {
  if (error.code != Code::interrupted) return error;
  log::info("stopped");
  return {};
}

}  // namespace

Result<NodeOptions> node_options(const Config& config, const PluginSet& plugins) {
  auto program = host_program(config);
  if (!program) return program.error();
  NodeOptions options;
  options.name = host_name();
  options.queues = config.queue_names();
  options.weights = config.queue_weights();
  options.specs = plugins.specs();
  options.overrides = config.tasks;
  options.defaults = config.executor.defaults;
  options.hosts.unwinder = unwind_program(*program);
  options.hosts.program = *std::move(program);
  options.hosts.plugins = plugins.files;
  options.plugins = plugins.about();
  options.hosts.blocking_threads = config.executor.blocking_threads;
  options.hosts.kill_grace = config.executor.kill_grace;
  const ExecutorConfig& executor = config.executor;
  options.hosts.io_limits = {executor.io_memory.value_or(0), 0, executor.io_open_files.value_or(0),
                             executor.io_file_size.value_or(0), executor.io_processes.value_or(0)};
  options.hosts.cpu_wear = {executor.max_tasks_per_host.value_or(0), executor.max_host_memory.value_or(0)};
  options.hosts.io_wear = {executor.io_max_tasks_per_host.value_or(0), executor.io_max_host_memory.value_or(0)};
  options.io_hosts = config.executor.io_hosts;
  options.io_workers = config.executor.io_workers;
  options.cpu_workers = config.executor.cpu_workers > 0 ? config.executor.cpu_workers : cores();
  options.lease = config.executor.lease;
  options.drain_timeout = config.executor.drain_timeout;
  options.ttl = config.backend.ttl;
  return options;
}

Status run_node(const Config& config, bool until_empty, const std::function<Result<Config>()>& reread) {
  Loop loop;
  Orphans orphans(loop);  // from before the first plugin is looked at
  end_orphans_of_dead_nodes();
  auto plugins = load_plugins(config);
  if (!plugins) return plugins.error();
  log_refused(*plugins);
  auto options = node_options(config, *plugins);
  if (!options) return options.error();
  options->hosts.orphans = &orphans;
  options->exit_when_empty = until_empty;
  options->reread = rereading(config, reread);
  sweep_copies(config);
  std::optional<Interrupt> early;  // the signals that end a node, until it handles them itself
  if (has_remote_store(config)) early.emplace();
  auto stores = open_node_stores(config, {config.executor.start_timeout, kForEver, early ? early->fd() : -1});
  if (!stores) return unless_stopped(stores.error());
  log_durability(*stores);
  const std::string about = options->name + " runs " + std::to_string(options->specs.size()) + " tasks of " +
                            std::to_string(plugins->usable.size()) + " plugins from " + redact_url(config.broker.url);
  Node node(loop, system_clock(), *std::move(options), std::move(stores->broker), std::move(stores->backend),
            {.ready = [&about] { log::info("ready: " + about); }, .stopped = [&loop] { loop.stop(); }});
  const NodeSignals signals(loop, node);
  if (early) early->pass_on();
  early.reset();
  node.start();
  loop.run();
  orphans.finish();
  if (node.failure()) return *node.failure();
  log::info("stopped");
  return {};
}

Result<TaskRecord> run_once(const Config& config, const PluginSet& plugins, NewTask task) {
  auto options = node_options(config, plugins);
  if (!options) return options.error();
  std::erase_if(options->specs, [&](const TaskSpec& spec) { return spec.name != task.name; });
  options->exit_when_empty = true;
  options->io_hosts = options->cpu_workers = options->io_workers = 1;
  options->queues = {task.queue};
  options->weights.clear();

  const StoreOptions memory{.url = "memory://" + new_ulid(system_clock())};
  auto client = open_store(memory);
  auto broker = open_store(memory);
  if (!client) return client.error();
  if (!broker) return broker.error();
  task.id = new_ulid(system_clock());
  const TaskId id = task.id;
  const auto pushed = (*client)->broker().push(std::array{std::move(task)}, 1);
  if (!pushed) return pushed.error();

  Loop loop;
  Orphans orphans(loop);
  options->hosts.orphans = &orphans;
  Node node(loop, system_clock(), *std::move(options), *std::move(broker), nullptr,
            {.ready = {}, .stopped = [&loop] { loop.stop(); }});
  const InterruptSignals signals(loop, (*client)->broker(), id);
  node.start();
  loop.run();
  if (signals.interrupted()) return Error{Code::interrupted, "interrupted: the task was stopped", {}};
  auto record = (*client)->backend().get(id);
  if (!record) return record.error();
  if (!*record) return Error{Code::internal, "the task was handed back without an outcome", "The log says why."};
  return **std::move(record);
}

}  // namespace flowrra
