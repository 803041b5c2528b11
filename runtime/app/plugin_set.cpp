#include "app/plugin_set.hpp"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "base/log.hpp"
#include "plugin/admit.hpp"
#include "plugin/copy_folder.hpp"

namespace flowrra {
namespace {

constexpr Micros kCopiesAreKept = std::chrono::hours(24 * 7);

std::string copies_folder(const Config& config) {
  if (!config.plugins.copies.empty()) return config.plugins.copies;
  return (data_folder(ConfigSource::of_process()) / "plugins").string();
}

// Pins that no plugin file goes by: more likely a slip than meant, and then a file is not pinned.
std::vector<std::string> unused_pins(const Config& config, const std::vector<std::string>& files) {
  std::vector<std::string> out;
  for (const auto& [name, digest] : config.plugins.pin) {
    const auto goes_by = [&name](const std::string& file) {
      return file == name || std::filesystem::path(file).filename() == name;
    };
    if (std::ranges::none_of(files, goes_by)) out.push_back(name);
  }
  return out;
}

struct Read {
  Manifest manifest;
  PluginFile file;  // empty where it was not let in
};

Result<std::vector<Read>> read(const Config& config, const std::vector<std::string>& paths, Micros timeout,
                               int abandon_fd = -1) {
  auto program = host_program(config);
  if (!program) return program.error();
  std::vector<Read> out(paths.size());
  std::vector<PluginFile> files;
  auto admitted = admit_plugins({copies_folder(config), config.plugins.pin}, paths);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (admitted[i]) {
      files.push_back(*std::move(admitted[i]));
    } else {
      out[i].manifest = refusal(paths[i], admitted[i].error());
    }
  }
  std::vector<Manifest> manifests = probe_plugins(*program, files, timeout, 4, abandon_fd);
  std::size_t next = 0;
  for (Read& each : out) {
    if (!each.manifest.refused.empty()) continue;
    each.manifest = std::move(manifests[next]);
    each.file = std::move(files[next++]);
  }
  return out;
}

}  // namespace

std::vector<TaskSpec> PluginSet::specs() const {
  std::vector<TaskSpec> specs;
  for (const Manifest& manifest : usable) specs.insert(specs.end(), manifest.tasks.begin(), manifest.tasks.end());
  return specs;
}

std::vector<NodePlugin> PluginSet::about() const {
  std::vector<NodePlugin> out;
  for (const Manifest& each : usable) out.push_back({each.path, each.plugin, each.version, each.digest, {}});
  for (const Manifest& each : refused) out.push_back({each.path, {}, {}, each.digest, each.refused});
  return out;
}

Result<PluginSet> load_plugins(const Config& config, int abandon_fd) {
  auto files = plugin_files(config);
  if (!files) return files.error();
  auto plugins = read(config, *files, kProbeTimeout, abandon_fd);
  if (!plugins) return plugins.error();
  PluginSet set;
  set.unused_pins = unused_pins(config, *files);
  std::unordered_map<std::string, std::string> file_of_task;
  for (auto& [manifest, file] : *plugins) {
    for (const TaskSpec& spec : manifest.tasks) {
      const auto taken = file_of_task.find(spec.name);
      if (taken == file_of_task.end() || !manifest.refused.empty()) continue;
      manifest.refused = "it registers the task " + spec.name + ", which " + taken->second + " has already.";
      manifest.hint = "Rename the task, or take one of the two out of [plugins] paths.";
    }
    if (!manifest.refused.empty()) {
      set.refused.push_back(std::move(manifest));
      continue;
    }
    for (const TaskSpec& spec : manifest.tasks) file_of_task.emplace(spec.name, manifest.path);
    set.usable.push_back(std::move(manifest));
    set.files.push_back(std::move(file));
  }
  return set;
}

Result<std::vector<Manifest>> read_plugins(const Config& config, const std::vector<std::string>& files,
                                           Micros timeout) {
  auto plugins = read(config, files, timeout);
  if (!plugins) return plugins.error();
  std::vector<Manifest> out;
  out.reserve(plugins->size());
  for (Read& each : *plugins) out.push_back(std::move(each.manifest));
  return out;
}

Status still_good(const std::vector<NodePlugin>& loaded, const PluginSet& now) {
  for (const Manifest& manifest : now.refused) {
    const auto before = std::ranges::find(loaded, manifest.path, &NodePlugin::path);
    if (before == loaded.end() || !before->refused.empty()) continue;
    const std::string reason = manifest.refused.starts_with(manifest.path) ? "" : manifest.path + ": ";
    return Error{manifest.code, reason + manifest.refused, manifest.hint};
  }
  return {};
}

void sweep_copies(const Config& config) {
  const auto folder = CopyFolder::open(copies_folder(config));
  if (folder) folder->sweep(kCopiesAreKept);
}

void log_refused(const PluginSet& plugins) {
  for (const std::string& pin : plugins.unused_pins)
    log::warning("[plugins] pin names " + pin + ", which is no plugin");
  for (const Manifest& manifest : plugins.refused) {
    log::error("plugin " + manifest.path + " is not used: " + manifest.refused +
               (manifest.hint.empty() ? "" : " " + manifest.hint));
  }
}

}  // namespace flowrra
