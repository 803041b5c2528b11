#include "app/config_keys.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace flowrra {
namespace {

constexpr double kDay = 86400;
constexpr double kLong = 10 * 365 * kDay;
constexpr double kMany = 1e12;

// From a checked value to a member, and back.
void put(int& to, const Value& value) { to = static_cast<int>(value.integer); }
void put(std::int64_t& to, const Value& value) { to = value.integer; }
void put(std::uint64_t& to, const Value& value) { to = static_cast<std::uint64_t>(value.integer); }
void put(Micros& to, const Value& value) { to = value.duration; }
void put(bool& to, const Value& value) { to = value.boolean; }
void put(std::string& to, const Value& value) { to = value.text; }
void put(std::vector<std::string>& to, const Value& value) { to = value.list; }
void put(std::map<std::string, std::string>& to, const Value& value) {
  to.clear();
  for (const std::string& item : value.list) to[item.substr(0, item.rfind('='))] = item.substr(item.rfind('=') + 1);
}
void put(Durability& to, const Value& value) { to = value.text == "normal" ? Durability::normal : Durability::full; }
void put(Backoff& to, const Value& value) { to = parse_backoff(value.text).value_or(to); }
void put(log::Level& to, const Value& value) {
  if (const auto level = log::parse_level(value.text)) to = *level;
}
template <typename T>
void put(std::optional<T>& to, const Value& value) {
  put(to.emplace(), value);
}

Value integer(std::int64_t number) {
  Value value;
  value.integer = number;
  return value;
}
Value text(std::string_view words) {
  Value value;
  value.text = words;
  return value;
}
Value taken(int from) { return integer(from); }
Value taken(std::int64_t from) { return integer(from); }
Value taken(std::uint64_t from) { return integer(static_cast<std::int64_t>(from)); }
Value taken(const std::string& from) { return text(from); }
Value taken(Durability from) { return text(from == Durability::normal ? "normal" : "full"); }
Value taken(Backoff from) { return text(name(from)); }
Value taken(log::Level from) { return text(log::name(from)); }
Value taken(Micros from) {
  Value value;
  value.duration = from;
  return value;
}
Value taken(bool from) {
  Value value;
  value.boolean = from;
  return value;
}
Value taken(const std::vector<std::string>& from) {
  Value value;
  value.list = from;
  return value;
}
Value taken(const std::map<std::string, std::string>& from) {
  Value value;
  for (const auto& [name, text] : from) value.list.push_back(name + "=" + text);
  return value;
}
template <typename T>
std::optional<Value> fetch(const T& from) {
  return taken(from);
}
template <typename T>
std::optional<Value> fetch(const std::optional<T>& from) {
  if (!from) return std::nullopt;
  return taken(*from);
}
std::optional<Value> fetch(const std::string& from) {
  if (from.empty()) return std::nullopt;
  return taken(from);
}

// A member of a section: in<&Config::broker, &BrokerConfig::url>.
template <auto Section, auto Member>
constexpr Access<Config> in{[](const Config& config) { return fetch(config.*Section.*Member); },
                            [](Config& config, const Value& value) { put(config.*Section.*Member, value); }};
template <auto Member>
constexpr auto in_broker = in<&Config::broker, Member>;
template <auto Member>
constexpr auto in_backend = in<&Config::backend, Member>;
template <auto Member>
constexpr auto in_executor = in<&Config::executor, Member>;
template <auto Member>
constexpr auto in_plugins = in<&Config::plugins, Member>;

template <auto Member>
constexpr Access<TaskOptions> option{[](const TaskOptions& options) { return fetch(options.*Member); },
                                     [](TaskOptions& options, const Value& value) { put(options.*Member, value); }};
template <auto Member>
constexpr Access<Config> in_defaults{
    [](const Config& config) { return fetch(config.executor.defaults.*Member); },
    [](Config& config, const Value& value) { put(config.executor.defaults.*Member, value); }};

// The one list of keys: the file, the environment, the flags and the documentation are read from it.
constexpr ConfigKey kKeys[] = {
    {"broker", "url", Shape::url, 0, 0, "", "where submitted tasks wait", in_broker<&BrokerConfig::url>},
    {"broker", "max_connections", Shape::integer, 2, 10000, "", "connections to a store on the network",
     in_broker<&BrokerConfig::max_connections>},
    {"broker", "socket_timeout", Shape::seconds, 0.001, kDay, "", "how long to wait for the store",
     in_broker<&BrokerConfig::socket_timeout>},
    {"broker", "retry_on_timeout", Shape::boolean, 0, 0, "", "ask a store again that did not answer in time",
     in_broker<&BrokerConfig::retry_on_timeout>},
    {"broker", "queue_key", Shape::name, 0, 0, "", "in front of every key of a shared store",
     in_broker<&BrokerConfig::queue_key>},
    {"broker", "password_file", Shape::path, 0, 0, "", "a file with the password, where the URL has none",
     in_broker<&BrokerConfig::password_file>},
    {"broker", "tls_ca_file", Shape::path, 0, 0, "", "who may have signed the server's certificate",
     in_broker<&BrokerConfig::tls_ca_file>},
    {"broker", "tls_certificate", Shape::path, 0, 0, "", "the certificate that is shown to the server",
     in_broker<&BrokerConfig::tls_certificate>},
    {"broker", "tls_private_key", Shape::path, 0, 0, "", "the key of that certificate",
     in_broker<&BrokerConfig::tls_private_key>},
    {"broker", "insecure", Shape::boolean, 0, 0, "", "allow no encryption, and certificates that nobody vouches for",
     in_broker<&BrokerConfig::insecure>},
    {"broker", "durability", Shape::choice, 0, 0, "full|normal", "what an acknowledged change survives",
     in_broker<&BrokerConfig::durability>},

    {"backend", "url", Shape::url, 0, 0, "", "where results live; the broker's store by default",
     in_backend<&BackendConfig::url>},
    {"backend", "ttl", Shape::seconds, 1, kLong, "", "finished tasks older than this are removed",
     in_backend<&BackendConfig::ttl>},
    {"backend", "max_connections", Shape::integer, 2, 10000, "", "connections to a store on the network",
     in_backend<&BackendConfig::max_connections>},
    {"backend", "socket_timeout", Shape::seconds, 0.001, kDay, "", "how long to wait for the store",
     in_backend<&BackendConfig::socket_timeout>},
    {"backend", "retry_on_timeout", Shape::boolean, 0, 0, "", "ask a store again that did not answer in time",
     in_backend<&BackendConfig::retry_on_timeout>},
    {"backend", "queue_key", Shape::name, 0, 0, "", "in front of every key of a shared store",
     in_backend<&BackendConfig::queue_key>},
    {"backend", "password_file", Shape::path, 0, 0, "", "a file with the password, where the URL has none",
     in_backend<&BackendConfig::password_file>},
    {"backend", "tls_ca_file", Shape::path, 0, 0, "", "who may have signed the server's certificate",
     in_backend<&BackendConfig::tls_ca_file>},
    {"backend", "tls_certificate", Shape::path, 0, 0, "", "the certificate that is shown to the server",
     in_backend<&BackendConfig::tls_certificate>},
    {"backend", "tls_private_key", Shape::path, 0, 0, "", "the key of that certificate",
     in_backend<&BackendConfig::tls_private_key>},
    {"backend", "insecure", Shape::boolean, 0, 0, "", "allow no encryption, and certificates that nobody vouches for",
     in_backend<&BackendConfig::insecure>},

    {"executor", "io_workers", Shape::integer, 0, 1e6, "", "io tasks in flight",
     in_executor<&ExecutorConfig::io_workers>},
    {"executor", "io_hosts", Shape::integer, 1, 256, "", "processes that share the io tasks",
     in_executor<&ExecutorConfig::io_hosts>},
    {"executor", "cpu_workers", Shape::integer, 0, 4096, "", "processes for cpu tasks; 0: one for each core",
     in_executor<&ExecutorConfig::cpu_workers>},
    {"executor", "blocking_threads", Shape::integer, 1, 1024, "", "threads of an io host for blocking tasks",
     in_executor<&ExecutorConfig::blocking_threads>},
    {"executor", "max_queue_size", Shape::integer, 1, kMany, "", "tasks that may wait in one queue",
     in_executor<&ExecutorConfig::max_queue_size>},
    {"executor", "max_retries", Shape::integer, 0, 1000, "", "attempts after the first",
     in_defaults<&TaskOptions::max_retries>, option<&TaskOptions::max_retries>},
    {"executor", "retry_delay", Shape::seconds, 0, kLong, "", "before the first retry",
     in_defaults<&TaskOptions::retry_delay>, option<&TaskOptions::retry_delay>},
    {"executor", "backoff", Shape::choice, 0, 0, "exponential|fixed", "how the delay grows",
     in_defaults<&TaskOptions::backoff>, option<&TaskOptions::backoff>},
    {"executor", "timeout", Shape::seconds, 0, kLong, "", "of one attempt; 0: none", in_defaults<&TaskOptions::timeout>,
     option<&TaskOptions::timeout>},
    {"executor", "max_crashes", Shape::integer, 1, 1000, "", "crashes before a task is failed as poison",
     in_defaults<&TaskOptions::max_crashes>, option<&TaskOptions::max_crashes>},
    {"executor", "memory", Shape::size, 16 << 20, 1e15, "", "address space of a cpu host while it runs a task",
     in_defaults<&TaskOptions::memory>, option<&TaskOptions::memory>},
    {"executor", "cpu_time", Shape::seconds, 1, kLong, "", "processor time of one attempt of a cpu task",
     in_defaults<&TaskOptions::cpu_time>, option<&TaskOptions::cpu_time>},
    {"executor", "open_files", Shape::integer, 32, 1e6, "", "descriptors of a cpu host while it runs a task",
     in_defaults<&TaskOptions::open_files>, option<&TaskOptions::open_files>},
    {"executor", "file_size", Shape::size, 1, 1e15, "", "bytes of each file that a cpu task writes",
     in_defaults<&TaskOptions::file_size>, option<&TaskOptions::file_size>},
    {"executor", "processes", Shape::integer, 1, 1e6, "", "processes of the user while a cpu task runs",
     in_defaults<&TaskOptions::processes>, option<&TaskOptions::processes>},
    {"executor", "max_tasks_per_host", Shape::integer, 1, kMany, "", "tasks after which a cpu host is replaced",
     in_executor<&ExecutorConfig::max_tasks_per_host>},
    {"executor", "max_host_memory", Shape::size, 16 << 20, 1e15, "", "memory beyond which a cpu host is replaced",
     in_executor<&ExecutorConfig::max_host_memory>},
    {"executor", "io_max_tasks_per_host", Shape::integer, 1, kMany, "", "tasks after which an io host is replaced",
     in_executor<&ExecutorConfig::io_max_tasks_per_host>},
    {"executor", "io_max_host_memory", Shape::size, 16 << 20, 1e15, "", "memory beyond which an io host is replaced",
     in_executor<&ExecutorConfig::io_max_host_memory>},
    {"executor", "io_memory", Shape::size, 64 << 20, 1e15, "", "address space of an io host",
     in_executor<&ExecutorConfig::io_memory>},
    {"executor", "io_open_files", Shape::integer, 32, 1e6, "", "descriptors of an io host",
     in_executor<&ExecutorConfig::io_open_files>},
    {"executor", "io_file_size", Shape::size, 1, 1e15, "", "bytes of each file that io tasks write",
     in_executor<&ExecutorConfig::io_file_size>},
    {"executor", "io_processes", Shape::integer, 1, 1e6, "", "processes of the user that an io host may add to",
     in_executor<&ExecutorConfig::io_processes>},
    {"executor", "lease", Shape::seconds, 0.5, kDay, "", "a node that is silent for so long is dead",
     in_executor<&ExecutorConfig::lease>},
    {"executor", "start_timeout", Shape::seconds, 0, kLong, "", "for a server that is away when a node starts",
     in_executor<&ExecutorConfig::start_timeout>},
    {"executor", "drain_timeout", Shape::seconds, 0, kLong, "", "for what runs when a node is told to stop",
     in_executor<&ExecutorConfig::drain_timeout>},
    {"executor", "kill_grace", Shape::seconds, 0, kDay, "", "between SIGTERM and SIGKILL",
     in_executor<&ExecutorConfig::kill_grace>},
    {"executor", "queues", Shape::names, 0, 0, "", "the queues a node takes from",
     in_executor<&ExecutorConfig::queues>},

    {"plugins", "paths", Shape::paths, 0, 0, "", "plugin files, folders or globs", in_plugins<&PluginsConfig::paths>},
    {"plugins", "host", Shape::path, 0, 0, "", "the flowrra-host program", in_plugins<&PluginsConfig::host>},
    {"plugins", "copies", Shape::path, 0, 0, "", "the folder of the plugins' private copies",
     in_plugins<&PluginsConfig::copies>},
    {"plugins", "pin", Shape::pins, 0, 0, "", "what a plugin file must hold", in_plugins<&PluginsConfig::pin>},

    {"log", "level", Shape::choice, 0, 0, "debug|info|warning|error|off", "what is logged",
     Access<Config>{[](const Config& c) { return fetch(c.log_level); },
                    [](Config& c, const Value& v) { put(c.log_level, v); }}},
};

template <typename Match>
const ConfigKey* find_where(Match match) {
  const auto* const found = std::find_if(std::begin(kKeys), std::end(kKeys), match);
  return found == std::end(kKeys) ? nullptr : found;
}

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

const ConfigKey* find_key(std::string_view key) {
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const std::string_view section = key.substr(0, dot);
  const std::string_view name = key.substr(dot + 1);
  return find_where([&](const ConfigKey& k) { return k.section == section && k.name == name; });
}

const ConfigKey* find_task_option(std::string_view name) {
  return find_where([&](const ConfigKey& k) { return k.option.set != nullptr && k.name == name; });
}

std::vector<std::string> key_names(std::string_view section) {
  std::vector<std::string> out;
  for (const ConfigKey& key : kKeys) {
    const bool belongs = section == "tasks" ? key.option.set != nullptr : key.section == section;
    if (belongs) out.emplace_back(key.name);
  }
  return out;
}

std::vector<std::string> section_names() {
  return {"broker", "backend", "executor", "plugins", "queues", "tasks", "log"};
}

std::string task_option_label(std::string_view task, std::string_view option) {
  return "tasks.\"" + std::string(task) + "\"." + std::string(option);
}

std::string variable_of(const ConfigKey& key) {
  std::string out = std::string(kVariablePrefix) + std::string(key.section) + "_" + std::string(key.name);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

bool is_variable_of(const ConfigKey& key, std::string_view name) {
  return name.size() == kVariablePrefix.size() + key.section.size() + 1 + key.name.size() && name == variable_of(key);
}

}  // namespace flowrra
