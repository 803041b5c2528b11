#include "library/task_set.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "base/nearest.hpp"
#include "library/raise.hpp"
#include "plugin/host_environment.hpp"

namespace flowrra::library {
namespace {

constexpr const char* kBeginMain = "Call flowrra::run_host_if_asked(argc, argv, registry) at the beginning of main().";

std::vector<std::string> names_of(const std::vector<TaskSpec>& specs) {
  std::vector<std::string> names;
  names.reserve(specs.size());
  for (const TaskSpec& spec : specs) names.push_back(spec.name);
  std::ranges::sort(names);
  return names;
}

void expect_same(const std::vector<TaskSpec>& here, const std::vector<TaskSpec>& there) {
  const auto known_here = names_of(here);
  const auto known_there = names_of(there);
  if (known_here == known_there) return;
  throw HostError("config",
                  "this program registers " + std::to_string(known_here.size()) + " tasks (" +
                      list_names(known_here, 5) + "), but executed again as a host it registers " +
                      std::to_string(known_there.size()) + " (" + list_names(known_there, 5) + ")",
                  "Register the same tasks whatever the arguments and the environment are.");
}

}  // namespace

KnownTasks known_tasks(const std::vector<TaskSpec>& specs) {
  KnownTasks known;
  for (const TaskSpec& spec : specs) known.emplace(spec.name, std::make_shared<const CheckedSpec>(spec));
  return known;
}

Error not_registered(std::string_view name, const KnownTasks& known) {
  std::vector<std::string> names;
  for (const auto& [each, spec] : known) names.push_back(each);
  Error error{Code::not_found, "no task named '" + log::escaped(name.substr(0, 128)) + "' is registered", {}};
  error.hint = did_you_mean(std::string(name), names);
  if (error.hint.empty() && !names.empty()) error.hint = "Registered are: " + list_names(names) + ".";
  return error;
}

flowrra::Config as_own_host(flowrra::Config config, const TaskRegistry::Tasks& tasks) {
  if (!tasks.sealed) {
    throw HostError("config",
                    "the hosts of this program cannot learn of its tasks: run_host_if_asked() has not seen them",
                    kBeginMain);
  }
  config.plugins.host = kThisProgram;
  config.plugins.paths.insert(config.plugins.paths.begin(), kThisProgram);
  return config;
}

void refuse_in_host() {
  if (std::getenv(kHostMarker) == nullptr) return;
  throw HostError("config",
                  "this process was started as a host (" + std::string(kHostMarker) +
                      " is set), but its main() does not let it become one",
                  kBeginMain);
}

PluginSet ask_hosts(const flowrra::Config& config, const TaskRegistry::Tasks* tasks) {
  PluginSet plugins = value_or_raise(load_plugins(config));
  for (const Manifest& manifest : plugins.refused) {
    if (manifest.path == kThisProgram) {
      throw HostError("config", "this program cannot be its own host: " + manifest.refused, manifest.hint);
    }
    log::error("plugin " + manifest.path + " is not used: " + manifest.refused + " " + manifest.hint);
  }
  if (tasks != nullptr) expect_same(specs_of(*tasks), plugins.usable.front().tasks);
  return plugins;
}

}  // namespace flowrra::library
