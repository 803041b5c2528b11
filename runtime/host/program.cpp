#include "host/program.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "host/cpu_host.hpp"
#include "host/crash_area.hpp"
#include "host/fault.hpp"
#include "host/io_host.hpp"
#include "host/options.hpp"
#include "host/task_limits.hpp"
#include "plugin/host_environment.hpp"
#include "plugin/library.hpp"
#include "plugin/manifest.hpp"
#include "plugin/registry.hpp"

namespace flowrra {
namespace {

constexpr int kUsage = 2;
constexpr int kNoParent = 3;
constexpr int kBroken = 4;

// Own session, no new privileges, no file of a task's that others could write to unless the task says so, and no life
// after the node. False when the node is gone already.
bool settle_in(const HostOptions& options) {
  for (const int fd : {options.manifest_fd, options.socket_fd, options.page_fd, options.crash_fd}) {
    if (fd >= 0) fcntl(fd, F_SETFD, FD_CLOEXEC);  // programs that tasks start must not hold them open
  }
  setsid();
  umask(umask(077) | 022);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  if (options.command == HostOptions::Command::manifest) {
    prctl(PR_SET_NAME, "flowrra-probe", 0, 0, 0);
  } else {
    prctl(PR_SET_NAME, options.kind == Kind::cpu ? "flowrra-cpu" : "flowrra-io", 0, 0, 0);
  }
  return options.parent == 0 || getppid() == options.parent;
}

// Loads the file, or takes in what is part of this program.
Result<PluginLibrary> load(const PluginFile& plugin, const flowrra_plugin* built_in) {
  if (plugin.path != kThisProgram) return PluginLibrary::load(plugin, host_table());
  if (built_in != nullptr) return PluginLibrary::adopt(plugin.path, *built_in, host_table());
  return Error{Code::invalid, "this program has no tasks of its own", {}};
}

int write_manifest(const HostOptions& options, const flowrra_plugin* built_in) {
  const PluginFile& plugin = options.plugins.front();
  Manifest manifest;
  const auto library = load(plugin, built_in);
  if (library) {
    manifest.path = library->path();
    manifest.plugin = library->name();
    manifest.version = library->version();
    for (const LoadedTask& task : library->tasks()) manifest.tasks.push_back(task.spec);
  } else {
    manifest = refusal(plugin.path, library.error());
  }
  const std::string text = to_json(manifest);
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = write(options.manifest_fd, rest.data(), rest.size());
    if (written <= 0) _exit(kBroken);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  _exit(0);  // the plugin's destructors have no say any more
}

CrashPlugin about(const PluginLibrary& library, const std::string& path) {
  std::error_code error;
  const auto file = std::filesystem::canonical(path == kThisProgram ? "/proc/self/exe" : path, error);
  CrashPlugin out{error ? path : file.string(), library.name(), library.version(), {}};
  for (const LoadedTask& task : library.tasks()) out.tasks.push_back(task.spec.name);
  return out;
}

ReadyFrame load_plugins(const HostOptions& options, const flowrra_plugin* built_in, Registry& registry) {
  ReadyFrame ready;
  std::vector<CrashPlugin> loaded;
  for (const PluginFile& plugin : options.plugins) {
    auto library = load(plugin, built_in);
    if (library) loaded.push_back(about(*library, plugin.loaded()));
    const Status added = library ? registry.add(*std::move(library)) : Status(library.error());
    if (!added) ready.refused.push_back({plugin.path, added.error().message});
  }
  if (options.crash_fd >= 0) write_crash_plugins(options.crash_fd, loaded);
  ready.tasks = registry.names(options.kind);
  return ready;
}

template <typename Host>
int serve(const HostOptions& options, const flowrra_plugin* built_in, SharedPage& page) {
  Registry registry;
  Host host(UniqueFd(options.socket_fd), page, registry);
  set_call_owner(host);
  const ReadyFrame ready = load_plugins(options, built_in, registry);
  const TaskLimits limits(options.limits);  // they bound the tasks, not what we have to write before
  const int status = host.serve(ready);
  if (status != 0) _exit(status);  // the node is gone: nobody waits for what still runs
  registry.shutdown();
  host.close();
  return 0;
}

int run_host(const HostOptions& options, const flowrra_plugin* built_in) {
  auto page = PageMap::attach(options.page_fd);
  if (!page) {
    fprintf(stderr, "flowrra-host: %s\n", page.error().message.c_str());
    return kBroken;
  }
  install_fault_marks(page->page(), options.kind == Kind::cpu, options.crash_fd);
  attach_thread(0);
  const int status = options.kind == Kind::cpu ? serve<CpuHost>(options, built_in, page->page())
                                               : serve<IoHost>(options, built_in, page->page());
  expect_exit();
  return status;
}

}  // namespace

int run_host_program(const std::vector<std::string>& arguments, const flowrra_plugin* built_in) {
  unsetenv(kHostMarker);  // it is not for the programs that tasks start
  const auto options = parse_host_options(arguments);
  if (!options) {
    fprintf(stderr, "flowrra-host: %s\n%s\n", options.error().message.c_str(), options.error().hint.c_str());
    return kUsage;
  }
  if (!settle_in(*options)) return kNoParent;
  setenv("UV_THREADPOOL_SIZE", std::to_string(options->blocking_threads).c_str(), 1);  // before libuv starts its pool
  setvbuf(stdout, nullptr, _IOLBF, 0);
  if (options->command == HostOptions::Command::manifest) return write_manifest(*options, built_in);
  return run_host(*options, built_in);
}

}  // namespace flowrra
