#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "store/store.hpp"
#include "task/options.hpp"

namespace flowrra {

// How to get to a store.
struct StoreConfig {
  std::string url;  // never empty after load_config
  int max_connections = 50;
  Micros socket_timeout = std::chrono::seconds(5);
  bool retry_on_timeout = true;
  std::string queue_key = "flowrra";  // in front of every key of a store on the network
  std::string password_file;          // absolute paths; empty: none
  std::string tls_ca_file;
  std::string tls_certificate;
  std::string tls_private_key;
  bool insecure = false;

  bool operator==(const StoreConfig&) const = default;
};

struct BrokerConfig : StoreConfig {
  Durability durability = Durability::full;

  bool operator==(const BrokerConfig&) const = default;
};

// Where its URL was not set, or is the broker's, each key of StoreConfig that was not set is the broker's, too.
struct BackendConfig : StoreConfig {
  std::optional<Micros> ttl;  // finished tasks older than this are removed; unset: kept

  bool operator==(const BackendConfig&) const = default;
};

struct ExecutorConfig {
  int io_workers = 100;      // io tasks in flight
  int io_hosts = 1;          // processes that share them
  int cpu_workers = 0;       // processes, one task each; 0: one for each core
  int blocking_threads = 4;  // of each io host, for io tasks that are ordinary functions
  std::int64_t max_queue_size = 1'000'000;
  Micros lease = std::chrono::seconds(30);
  Micros start_timeout = std::chrono::seconds(60);  // for a server that is away when a node starts
  Micros drain_timeout = std::chrono::seconds(30);
  Micros kill_grace = std::chrono::seconds(2);      // between SIGTERM and SIGKILL
  std::vector<std::string> queues;                  // empty: those of [queues]
  std::optional<std::uint64_t> max_tasks_per_host;  // after which a cpu host is replaced
  std::optional<std::uint64_t> max_host_memory;     // likewise, bytes
  std::optional<std::uint64_t> io_max_tasks_per_host;
  std::optional<std::uint64_t> io_max_host_memory;
  std::optional<std::uint64_t> io_memory;  // limits of each io host: see task/limits.hpp
  std::optional<std::uint64_t> io_open_files;
  std::optional<std::uint64_t> io_file_size;
  std::optional<std::uint64_t> io_processes;
  // The last source of every task option. timeout, max_retries, retry_delay and backoff are always set; max_crashes
  // and the limits only when the operator says so.
  TaskOptions defaults{.timeout = Micros(0),
                       .max_retries = 3,
                       .retry_delay = std::chrono::seconds(1),
                       .backoff = Backoff::exponential,
                       .max_crashes = {},
                       .memory = {},
                       .cpu_time = {},
                       .open_files = {},
                       .file_size = {},
                       .processes = {}};

  bool operator==(const ExecutorConfig&) const = default;
};

struct PluginsConfig {
  std::vector<std::string> paths;          // absolute files, folders or globs
  std::string host;                        // absolute path of flowrra-host; empty: see host_program()
  std::string copies;                      // absolute folder of the private copies; empty: "plugins" in the data folder
  std::map<std::string, std::string> pin;  // what a file must hold ("sha256:…"), by its name or its absolute path

  bool operator==(const PluginsConfig&) const = default;
};

// Where a value came from.
struct Origin {
  enum class Source : std::uint8_t { built_in, file, environment, flag };
  Source source = Source::built_in;
  std::string where;  // "flowrra.toml:12", the variable's name, the flag's name

  bool operator==(const Origin&) const = default;
};

// Everything a command needs to know from outside, checked. Made by load_config().
struct Config {
  BrokerConfig broker;
  BackendConfig backend;
  ExecutorConfig executor;
  PluginsConfig plugins;
  std::vector<std::pair<std::string, int>> queues;  // name and weight
  std::map<std::string, TaskOptions> tasks;         // the operator's overrides by task name
  log::Level log_level = log::Level::info;

  std::string file;                       // the file it was read from; empty: none
  std::map<std::string, Origin> origins;  // by key ("executor.io_workers"); a key not here has its default

  // True when one store is broker and backend: one URL and, on the network, one queue_key.
  [[nodiscard]] bool one_store() const;

  // True when keys of [backend] that nobody set are the broker's.
  [[nodiscard]] bool backend_follows() const;

  // The queues a node takes from: [executor] queues, else those of [queues], else "default".
  [[nodiscard]] std::vector<std::string> queue_names() const;

  // The weights of queue_names(), 1 where [queues] says nothing; empty where all are the same.
  [[nodiscard]] std::vector<int> queue_weights() const;

  // The options of a task before its submitter's: [tasks."name"], then what the plugin declared, then [executor].
  [[nodiscard]] TaskOptions options_of(const std::string& task, const TaskOptions& declared) const;

  [[nodiscard]] StoreOptions broker_options() const;
  [[nodiscard]] StoreOptions backend_options() const;
};

// What load_config looks at. The default is this process: its folder and environment.
struct ConfigSource {
  std::string file;              // of --config; empty: FLOWRRA_CONFIG, then the nearest flowrra.toml here or above
  std::filesystem::path folder;  // where the search starts and what relative paths of the environment mean
  std::map<std::string, std::string> environment;

  static ConfigSource of_process(std::string file = {});
};

// Built-in defaults, then the file, then FLOWRRA_* variables. Errors: config, not_found (a file that was named),
// denied (a file with a secret that others may read).
Result<Config> load_config(const ConfigSource& source);

// Sets one value by its key ("executor.io_workers") from text, as a flag or a variable writes it.
Status set_value(Config& config, std::string_view key, std::string_view text, Origin origin);

// $XDG_DATA_HOME/flowrra, or ~/.local/share/flowrra.
std::filesystem::path data_folder(const ConfigSource& source);

// The program that hosts run: [plugins] host, else flowrra-host beside this program, else ../libexec/flowrra-host.
// Code::not_found when there is none.
Result<std::string> host_program(const Config& config);

// The program that names the functions in crash reports: flowrra-unwind beside the host's program, beside this one, or
// in ../libexec. Empty when there is none.
std::string unwind_program(const std::string& host);

// The plugin files that [plugins] paths name, as find_plugins() reads them.
Result<std::vector<std::string>> plugin_files(const Config& config);

}  // namespace flowrra
