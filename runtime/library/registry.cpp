#include <flowrra/plugin.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "host/table.hpp"
#include "library/registered.hpp"
#include "plugin/declared.hpp"

namespace flowrra::library {
namespace {

// Never destroyed: a host's tasks may still run while the process ends.
RegisteredTasks& sealed_tasks() {
  static auto& tasks = *new RegisteredTasks;  // NOLINT(cppcoreguidelines-owning-memory)
  return tasks;
}

std::uint32_t sealed_count() { return static_cast<std::uint32_t>(sealed_tasks()->plugin.tasks().size()); }

const flowrra_task* sealed_task(std::uint32_t index) {
  return index < sealed_count() ? &sealed_tasks()->plugin.tasks()[index]->table : nullptr;
}

void sealed_shutdown() { sealed_tasks()->plugin.shutdown(); }

}  // namespace

TaskRegistry::Tasks::Tasks(std::string name, std::string version)
    : plugin(std::move(name), std::move(version), host_table()) {}

TaskRegistry::TaskRegistry(std::string name, std::string version) {
  if (!valid_name(name)) {
    throw ConfigError("invalid", "'" + name + "' cannot be the name of a registry",
                      "Use 1 to 128 letters, digits, '.', '_' or '-'.");
  }
  tasks_ = std::make_shared<Tasks>(std::move(name), std::move(version));
}

TaskRegistry::~TaskRegistry() = default;

void TaskRegistry::on_shutdown(void (*function)()) { open_for("on_shutdown").on_shutdown(function); }

sdk::Plugin& TaskRegistry::open_for(std::string_view name) {
  if (!tasks_->sealed) return tasks_->plugin;
  throw ConfigError("config", std::string(name) + " is registered after run_host_if_asked(): no host would know it",
                    "Register everything before.");
}

std::chrono::milliseconds TaskRegistry::milliseconds(std::string_view name, double seconds) {
  constexpr double most = 10.0 * 366 * 24 * 3600;
  const bool sane = seconds >= 0 && seconds <= most;  // which a NaN is not
  if (!sane) {
    throw ConfigError("config", "task \"" + std::string(name) + "\": a retry delay is a number of seconds from 0 up");
  }
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

TypeError TaskRegistry::wrong_kind(std::string_view name, Kind kind, bool coroutine) {
  const std::string task = "task \"" + std::string(name) + "\" cannot be of kind " + std::string(to_string(kind));
  if (coroutine) return {"invalid", task + ": it is a coroutine, and they run on the loop of an io host", {}};
  return {"invalid", task + ": its function asks for the context of the other kind",
          "cpu tasks take CpuContext&, io coroutines IoContext&, ordinary functions as io tasks BlockingContext&."};
}

std::vector<TaskSpec> specs_of(const TaskRegistry::Tasks& tasks) {
  std::vector<TaskSpec> specs;
  for (const auto& record : tasks.plugin.tasks()) {
    auto task = read_declared(record->table);
    if (!task) throw ConfigError(std::string(flowrra::name(task.error().code)), task.error().message);
    task->spec.plugin = tasks.plugin.name();
    task->spec.plugin_version = tasks.plugin.version();
    specs.push_back(std::move(task->spec));
  }
  return specs;
}

void seal(const RegisteredTasks& tasks) {
  if (sealed_tasks()) {
    throw HostError("config", "run_host_if_asked() was called twice", "Call it once, at the beginning of main().");
  }
  tasks->sealed = true;
  sealed_tasks() = tasks;
}

const flowrra_plugin& sealed_plugin() {
  const sdk::Plugin& plugin = sealed_tasks()->plugin;
  static const flowrra_plugin table{
      FLOWRRA_ABI_VERSION, sizeof(flowrra_plugin), plugin.name().c_str(), plugin.version().c_str(), nullptr,
      &sealed_count,       &sealed_task,           &sealed_shutdown};
  return table;
}

}  // namespace flowrra::library
