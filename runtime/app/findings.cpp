#include "app/findings.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "app/redact.hpp"
#include "base/nearest.hpp"
#include "store/open/open.hpp"

namespace flowrra {
namespace {

using Level = Finding::Level;

Finding fine(std::string subject, std::string message) {
  return {Level::ok, std::move(subject), std::move(message), {}, {}};
}
Finding warning(std::string subject, std::string message, std::string hint) {
  return {Level::warning, std::move(subject), std::move(message), std::move(hint), {}};
}

std::string count(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

Finding check_store(const std::string& subject, const StoreOptions& options) {
  const std::string url = redact_url(options.url);
  if (url.starts_with("memory:")) {
    return warning(subject, url + " lives in one process: no command sees what another submits",
                   "Use sqlite://PATH for nodes on one machine, redis://HOST for nodes on several.");
  }
  const auto exists = store_exists(options);
  if (!exists) return finding(subject, exists.error());
  if (!*exists) return fine(subject, url + " does not exist yet: the first command that needs it makes it");
  const auto older = store_is_older(options);
  if (!older) return finding(subject, older.error());
  if (*older) {
    return fine(subject, url + " is of an older version: the next command that uses it brings it to that of this one");
  }
  const auto store = open_store(options);
  if (!store) return finding(subject, store.error());
  const auto counts = (*store)->broker().counts();
  if (!counts) return finding(subject, counts.error());
  // A write that changes nothing.
  if (const auto done = (*store)->directory().close_session("none"); !done) return finding(subject, done.error());
  return fine(subject, url + " can be read and written");
}

// What [tasks."name"] says about tasks that no plugin has.
void check_overrides(const Config& config, const PluginSet& plugins, std::vector<Finding>& out) {
  std::vector<std::string> known;
  const auto specs = plugins.specs();
  std::ranges::transform(specs, std::back_inserter(known), &TaskSpec::name);
  for (const auto& [task, options] : config.tasks) {
    if (std::ranges::find(known, task) != known.end()) continue;
    std::string hint = did_you_mean(task, known);
    if (hint.empty()) hint = "The section has no effect on this machine.";
    out.push_back(warning("[tasks.\"" + task + "\"]", "no plugin has this task", std::move(hint)));
  }
}

void check_pins(const PluginSet& plugins, std::vector<Finding>& out) {
  for (const std::string& pin : plugins.unused_pins) {
    out.push_back(finding("plugins.pin", {Code::config, "'" + pin + "' is no plugin: nothing is pinned by it",
                                          "Write a plugin's file name or its absolute path."}));
  }
}

// Tasks that can be loaded but have nobody to run them.
void check_workers(const Config& config, const PluginSet& plugins, std::vector<Finding>& out) {
  const auto specs = plugins.specs();
  const bool io = std::ranges::any_of(specs, [](const TaskSpec& spec) { return spec.kind == Kind::io; });
  if (io && config.executor.io_workers == 0) {
    out.push_back(warning("executor.io_workers", "it is 0: a node does not run the io tasks of its plugins", {}));
  }
}

// Tasks that are submitted without a word on their queue.
void check_queues(const Config& config, std::vector<Finding>& out) {
  const auto queues = config.queue_names();
  const std::string usual = NewTask().queue;
  if (std::ranges::find(queues, usual) != queues.end()) return;
  out.push_back(warning("queues",
                        "nodes take from " + list_names(queues) + ", but tasks go to " + usual +
                            " unless they are submitted with --queue",
                        "Name " + usual + " in [queues], too, or let another node take from it."));
}

}  // namespace

std::string_view name(Level level) {
  switch (level) {
    case Level::ok:
      return "ok";
    case Level::warning:
      return "warning";
    case Level::error:
      break;
  }
  return "error";
}

Finding finding(std::string subject, const Error& error) {
  return {Level::error, std::move(subject), error.message, error.hint, error.code};
}

std::string reason_of(const Manifest& manifest) {
  const std::string path = manifest.path + ": ";
  return manifest.refused.starts_with(path) ? manifest.refused.substr(path.size()) : manifest.refused;
}

std::vector<Finding> check_plugins(const PluginSet& plugins) {
  std::vector<Finding> out;
  out.reserve(plugins.usable.size() + plugins.refused.size());
  for (const Manifest& each : plugins.usable) {
    out.push_back(fine(each.path, each.plugin + " " + each.version + ", " + count(each.tasks.size(), "task")));
  }
  for (const Manifest& each : plugins.refused) {
    out.push_back(
        finding(each.path, {each.code == Code::denied ? Code::denied : Code::config, reason_of(each), each.hint}));
  }
  return out;
}

std::vector<Finding> check_config(const Config& config) {
  std::vector<Finding> out;
  out.push_back(
      fine("configuration", config.file.empty() ? "no file was read: defaults and environment" : config.file));
  out.push_back(check_store("broker", config.broker_options()));
  if (!config.one_store()) out.push_back(check_store("backend", config.backend_options()));
  const auto program = host_program(config);
  out.push_back(program ? fine("host program", *program) : finding("host program", program.error()));
  if (!program) return out;
  const auto plugins = load_plugins(config);
  if (!plugins) {
    out.push_back(finding("plugins", plugins.error()));
    return out;
  }
  for (Finding& each : check_plugins(*plugins)) out.push_back(std::move(each));
  if (plugins->usable.empty() && plugins->refused.empty()) {
    out.push_back(
        warning("plugins", "none: a node runs nothing here", "Name plugin files or folders in [plugins] paths."));
  }
  check_pins(*plugins, out);
  check_overrides(config, *plugins, out);
  check_workers(config, *plugins, out);
  check_queues(config, out);
  return out;
}

std::string finding_json(const Finding& finding) {
  using Json = nlohmann::ordered_json;
  const auto or_null = [](std::string_view text) { return text.empty() ? Json() : Json(text); };
  const Json out{{"level", name(finding.level)},
                 {"subject", finding.subject},
                 {"message", finding.message},
                 {"hint", or_null(finding.hint)},
                 {"code", finding.level == Level::error ? Json(name(finding.code)) : Json()}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace flowrra
