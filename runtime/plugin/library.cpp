#include "plugin/library.hpp"

#include <dlfcn.h>
#include <flowrra/plugin.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <unordered_set>

#include "plugin/declared.hpp"

namespace flowrra {
namespace {

constexpr const char* kEntry = "flowrra_plugin_entry";
// The size of flowrra_plugin in version 1 of the ABI: no plugin has a smaller one.
constexpr std::size_t kFirstSize = offsetof(flowrra_plugin, shutdown) + sizeof(flowrra_plugin::shutdown);
constexpr std::uint32_t kMaxTasks = 10'000;

// `file` is what was loaded, `path` how people know it.
Error cannot_load(const std::string& path, const std::string& file) {
  const char* reason = dlerror();
  std::string message = reason != nullptr ? reason : "unknown error";
  if (message.starts_with(file)) message.replace(0, file.size(), path);
  if (!message.starts_with(path)) message = path + ": " + message;
  std::string hint = "`ldd -r` of the file shows what it needs.";
  if (message.find("undefined symbol") != std::string::npos) {
    hint = "Link the plugin with the library that defines the symbol; `ldd -r` of the file lists what is missing.";
  } else if (message.find("invalid ELF header") != std::string::npos ||
             message.find("too short") != std::string::npos) {
    hint = "A plugin is a shared object: build it with flowrra_add_plugin() or `cc -shared -fPIC`.";
  }
  return {Code::invalid, message, hint};
}

}  // namespace

Result<PluginLibrary> PluginLibrary::load(const PluginFile& plugin, const flowrra_host& host) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(plugin.path, error).lexically_normal();
  const auto file = plugin.copy.empty() ? absolute : std::filesystem::path(plugin.copy);
  if (error || !std::filesystem::exists(file, error)) {
    const std::string what = plugin.copy.empty() ? ": no such file" : ": its private copy " + plugin.copy + " is gone";
    return Error{Code::not_found, plugin.path + what, "Check [plugins] paths in the configuration."};
  }
  PluginLibrary library(absolute.string());
  Status loaded = library.open(file.string());
  if (loaded) loaded = library.take_in(host);
  if (!loaded) return loaded.error();
  return library;
}

Result<PluginLibrary> PluginLibrary::adopt(const std::string& path, const flowrra_plugin& plugin,
                                           const flowrra_host& host) {
  PluginLibrary library(path);
  library.plugin_ = &plugin;
  const Status taken = library.take_in(host);
  if (!taken) return taken.error();
  return library;
}

Status PluginLibrary::open(const std::string& file) {
  void* handle = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return cannot_load(path_, file);
  const auto entry = reinterpret_cast<const flowrra_plugin* (*)()>(dlsym(handle, kEntry));
  if (entry == nullptr) {
    return Error{Code::invalid, path_ + ": it does not export " + kEntry + "()",
                 "Define the plugin with FLOWRRA_PLUGIN(...), or export the function as in flowrra/plugin.h."};
  }
  plugin_ = entry();
  return {};
}

Status PluginLibrary::take_in(const flowrra_host& host) {
  Status done = check_plugin();
  if (done) done = init(host);
  if (done) done = read_tasks();
  if (!done) return done.error().in(path_);
  return {};
}

Status PluginLibrary::check_plugin() {
  if (plugin_ == nullptr) return Error{Code::invalid, std::string(kEntry) + "() returned NULL", {}};
  if (plugin_->abi_version != FLOWRRA_ABI_VERSION) {
    return Error{Code::invalid,
                 "it was built for version " + std::to_string(plugin_->abi_version) +
                     " of the plugin ABI, this host needs version " + std::to_string(FLOWRRA_ABI_VERSION),
                 "Rebuild the plugin with the flowrra/plugin.h of this release."};
  }
  if (plugin_->struct_size < kFirstSize) {
    return Error{Code::invalid,
                 "its flowrra_plugin has " + std::to_string(plugin_->struct_size) + " bytes, at least " +
                     std::to_string(kFirstSize) + " are needed",
                 "Set struct_size to sizeof(flowrra_plugin)."};
  }
  if (plugin_->task_count == nullptr || plugin_->task == nullptr) {
    return Error{Code::invalid, "task_count or task is NULL", {}};
  }
  name_ = plugin_->name == nullptr ? "" : plugin_->name;
  version_ = plugin_->version == nullptr ? "" : plugin_->version;
  if (!valid_name(name_)) {
    return Error{Code::invalid, "'" + name_.substr(0, 200) + "' is not a plugin name",
                 "Names have 1 to 128 characters out of A-Z a-z 0-9 . _ -"};
  }
  return {};
}

Status PluginLibrary::init(const flowrra_host& host) {
  if (plugin_->init == nullptr) return {};
  std::array<char, 1024> message{};
  const std::int32_t refused = plugin_->init(&host, message.data(), message.size());
  message.back() = '\0';
  if (refused == 0) return {};
  std::string reason = message.data();
  if (reason.empty()) reason = "error " + std::to_string(refused);
  return Error{Code::invalid, "its init() refused: " + reason, {}};
}

Status PluginLibrary::read_tasks() {
  const std::uint32_t count = plugin_->task_count();
  if (count > kMaxTasks) return Error{Code::invalid, std::to_string(count) + " tasks are too many", {}};
  std::unordered_set<std::string> names;
  tasks_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const flowrra_task* declared = plugin_->task(i);
    if (declared == nullptr) return Error{Code::invalid, "task " + std::to_string(i) + " is NULL", {}};
    auto task = read_declared(*declared);
    if (!task) return task.error();
    if (!names.insert(task->spec.name).second) {
      return Error{Code::invalid, "task '" + task->spec.name + "' is registered twice", "Rename one of the two."};
    }
    task->spec.plugin = name_;
    task->spec.plugin_version = version_;
    tasks_.push_back(*std::move(task));
  }
  return {};
}

void PluginLibrary::shutdown() const {
  if (plugin_->shutdown != nullptr) plugin_->shutdown();
}

}  // namespace flowrra
