#include <flowrra/library/executor.hpp>

#include "library/config_access.hpp"
#include "library/runner.hpp"

namespace flowrra::library {
namespace {

void require_backend(const Config& config) {
  if (ConfigAccess::inner(config).origins.contains("backend.url")) return;
  throw ConfigError("config", "a CpuExecutor needs a backend: the configuration does not say where results live",
                    "Set backend.url; the broker's URL will do, and memory:// for results of this process alone.");
}

}  // namespace

Executor::Executor(const Config& config, const TaskRegistry& registry, Kind kind, std::string_view queue_suffix)
    : runner_(std::make_unique<Runner>(
          ConfigAccess::inner(config), RegistryAccess::tasks(registry),
          Runner::Role{kind == Kind::io ? flowrra::Kind::io : flowrra::Kind::cpu, std::string(queue_suffix)})) {}

Executor::~Executor() = default;

bool Executor::is_running() const noexcept { return runner_->running(); }
void Executor::start() { runner_->start(); }
void Executor::stop(bool wait, std::optional<std::chrono::milliseconds> timeout) { runner_->stop(wait, timeout); }

std::string Executor::submit(std::string_view name, const Json& args, const Json& kwargs, int priority) {
  return runner_->submit(name, args, kwargs, priority);
}
std::string Executor::submit(std::string_view name, const Arguments& args, const Submission& how) {
  return runner_->submit(name, args.json(), how);
}
TaskResult Executor::wait_for_result(const std::string& id, std::optional<std::chrono::milliseconds> timeout) {
  return runner_->wait(id, timeout);
}
std::optional<TaskResult> Executor::get_result(const std::string& id) { return runner_->get(id); }
bool Executor::cancel(const std::string& id) { return runner_->cancel(id); }
void Executor::retry(const std::string& id) { runner_->retry(id); }

IoExecutor::IoExecutor(const Config& config, const TaskRegistry& registry, std::string_view queue_suffix)
    : Executor(config, registry, Kind::io, queue_suffix) {}

CpuExecutor::CpuExecutor(const Config& config, const TaskRegistry& registry, std::string_view queue_suffix)
    : Executor((require_backend(config), config), registry, Kind::cpu, queue_suffix) {}

}  // namespace flowrra::library
