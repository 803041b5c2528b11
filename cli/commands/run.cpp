#include <malloc.h>

#include <string>
#include <vector>

#include "app/app.hpp"
#include "command.hpp"
#include "commands/commands.hpp"
#include "exit_code.hpp"
#include "shell.hpp"

namespace flowrra::cli {
namespace {

// A flag that stands over a key of the configuration.
struct Override {
  const char* flag;
  const char* key;
  const char* type;
  const char* help;
  std::string text;
};

struct Flags {
  bool drain = false;
  std::vector<Override> overrides{
      {"--broker", "broker.url", "URL", "where tasks wait: sqlite://PATH, redis://HOST", {}},
      {"--backend", "backend.url", "URL", "where results live; the broker's store unless it is given", {}},
      {"--plugins", "plugins.paths", "PATH", "plugin file, folder or glob, instead of [plugins] paths", {}},
      {"--queues", "executor.queues", "NAMES", "queues to take from, with commas between", {}},
      {"--io-workers", "executor.io_workers", "N", "io tasks in flight", {}},
      {"--cpu-workers", "executor.cpu_workers", "N", "processes for cpu tasks; 0: one a core", {}},
      {"--lease", "executor.lease", "SECONDS", "life of the node's session without a heartbeat", {}},
      {"--drain-timeout", "executor.drain_timeout", "SECONDS", "how long running tasks may finish after SIGTERM", {}},
  };
};

// The configuration with the flags over it.
Result<Config> with_flags(Result<Config> config, const Flags& flags) {
  if (!config) return config;
  for (const Override& each : flags.overrides) {
    if (each.text.empty()) continue;
    const auto done = set_value(*config, each.key, each.text, {Origin::Source::flag, each.flag});
    if (!done) return done.error();
  }
  return config;
}

// What the tasks of one batch took is needed for the next: to give it to the system and get it back in between costs a
// busy node a twentieth of its time.
void keep_memory() {
  constexpr int kKept = 8 << 20;
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_MMAP_THRESHOLD, kKept);
}

Result<int> run(const Shell& shell, const Flags& flags) {
  keep_memory();
  if (auto none = shell.no_words(); !none) return none.error();
  auto config = with_flags(shell.config(), flags);
  if (!config) return config.error();
  if (config->broker.url.starts_with("memory:")) {
    return Error{
        Code::config, "memory:// lives in one process: nobody could submit to this node",
        "Set [broker] url to sqlite://PATH or redis://HOST, or use `flowrra exec` for one task without a store."};
  }
  if (config->backend.url.starts_with("memory:")) {
    return Error{
        Code::config, "memory:// lives in one process: nobody could read the results of this node",
        "Set [backend] url to sqlite://PATH or redis://HOST, or leave it out: results are then kept in the broker's "
        "store."};
  }
  const auto done = run_node(*config, flags.drain, [&] {
    return with_flags(load_config(ConfigSource::of_process(shell.config_file)), flags);
  });
  if (!done) return done.error();
  return kOk;
}

constexpr const char* kFooter =
    R"(Runs until SIGTERM or SIGINT: then it takes no more tasks, lets what runs finish within the drain timeout, and hands
the rest back to the queue. A second signal hands everything back at once. SIGHUP loads the plugins anew, as
`flowrra reload` does. Its log goes to stderr.

Examples:
  flowrra run --config flowrra.toml
  flowrra run --drain                   end when no task that it can run is left, scheduled ones included
  flowrra run --plugins build/release/plugins --cpu-workers 4
)";

}  // namespace

void add_run(CLI::App& program, Shell& shell) {
  Command command(program, shell, "run", "run a node: take tasks and run them");
  auto flags = std::make_shared<Flags>();
  command.footer(kFooter);
  command.flag("--drain", flags->drain, "end when no task is left");
  for (Override& each : flags->overrides) command.option(each.flag, each.text, each.help, each.type);
  command.run([&shell, flags] { return run(shell, *flags); });
}

}  // namespace flowrra::cli
