#include <flowrra/library/app.hpp>

#include "library/config_access.hpp"
#include "library/runner.hpp"

namespace flowrra::library {

App::App(const Config& config)
    : runner_(std::make_unique<Runner>(ConfigAccess::inner(config), nullptr, Runner::Role{})) {}

App::App(const Config& config, const TaskRegistry& registry)
    : runner_(std::make_unique<Runner>(ConfigAccess::inner(config), RegistryAccess::tasks(registry), Runner::Role{})) {}

App::~App() = default;

bool App::is_running() const noexcept { return runner_->running(); }
void App::start() { runner_->start(); }
void App::stop(bool wait, std::optional<std::chrono::milliseconds> timeout) { runner_->stop(wait, timeout); }

std::string App::submit(std::string_view name, const Json& args, const Json& kwargs, int priority) {
  return runner_->submit(name, args, kwargs, priority);
}
std::string App::submit(std::string_view name, const Arguments& args, const Submission& how) {
  return runner_->submit(name, args.json(), how);
}
TaskResult App::wait(const std::string& id, std::optional<std::chrono::milliseconds> timeout) {
  return runner_->wait(id, timeout);
}
std::optional<TaskResult> App::get_result(const std::string& id) { return runner_->get(id); }
bool App::cancel(const std::string& id) { return runner_->cancel(id); }
void App::retry(const std::string& id) { runner_->retry(id); }

}  // namespace flowrra::library
