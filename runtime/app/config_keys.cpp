#include "app/config_keys.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace flowrra {
namespace {

constexpr double kDay = 86400;
constexpr double kLong = 10 * 365 * kDay;
constexpr double kMany = 1e12;

Durability durability(const Value& value) { return value.text == "normal" ? Durability::normal : Durability::full; }
int small(const Value& value) { return static_cast<int>(value.integer); }

// The one list of keys: the file, the environment, the flags and the documentation are read from it.
constexpr ConfigKey kKeys[] = {
    {"broker", "url", Shape::url, 0, 0, "", "where submitted tasks wait",
     [](Config& c, const Value& v) { c.broker.url = v.text; }},
    {"broker", "max_connections", Shape::integer, 1, 10000, "", "connections to a store on the network",
     [](Config& c, const Value& v) { c.broker.max_connections = small(v); }},
    {"broker", "socket_timeout", Shape::seconds, 0.001, kDay, "", "how long to wait for the store",
     [](Config& c, const Value& v) { c.broker.socket_timeout = v.duration; }},
    {"broker", "retry_on_timeout", Shape::boolean, 0, 0, "", "ask a store again that did not answer in time",
     [](Config& c, const Value& v) { c.broker.retry_on_timeout = v.boolean; }},
    {"broker", "queue_key", Shape::name, 0, 0, "", "in front of every key of a shared store",
     [](Config& c, const Value& v) { c.broker.queue_key = v.text; }},
    {"broker", "durability", Shape::choice, 0, 0, "full|normal", "what an acknowledged change survives",
     [](Config& c, const Value& v) { c.broker.durability = durability(v); }},

    {"backend", "url", Shape::url, 0, 0, "", "where results live; the broker's store by default",
     [](Config& c, const Value& v) { c.backend.url = v.text; }},
    {"backend", "ttl", Shape::seconds, 1, kLong, "", "finished tasks older than this are removed",
     [](Config& c, const Value& v) { c.backend.ttl = v.duration; }},
    {"backend", "max_connections", Shape::integer, 1, 10000, "", "connections to a store on the network",
     [](Config& c, const Value& v) { c.backend.max_connections = small(v); }},
    {"backend", "socket_timeout", Shape::seconds, 0.001, kDay, "", "how long to wait for the store",
     [](Config& c, const Value& v) { c.backend.socket_timeout = v.duration; }},
    {"backend", "retry_on_timeout", Shape::boolean, 0, 0, "", "ask a store again that did not answer in time",
     [](Config& c, const Value& v) { c.backend.retry_on_timeout = v.boolean; }},
    {"backend", "queue_key", Shape::name, 0, 0, "", "in front of every key of a shared store",
     [](Config& c, const Value& v) { c.backend.queue_key = v.text; }},

    {"executor", "io_workers", Shape::integer, 0, 1e6, "", "io tasks in flight",
     [](Config& c, const Value& v) { c.executor.io_workers = small(v); }},
    {"executor", "io_hosts", Shape::integer, 1, 256, "", "processes that share the io tasks",
     [](Config& c, const Value& v) { c.executor.io_hosts = small(v); }},
    {"executor", "cpu_workers", Shape::integer, 0, 4096, "", "processes for cpu tasks; 0: one for each core",
     [](Config& c, const Value& v) { c.executor.cpu_workers = small(v); }},
    {"executor", "blocking_threads", Shape::integer, 1, 1024, "", "threads of an io host for blocking tasks",
     [](Config& c, const Value& v) { c.executor.blocking_threads = small(v); }},
    {"executor", "max_queue_size", Shape::integer, 1, kMany, "", "tasks that may wait in one queue",
     [](Config& c, const Value& v) { c.executor.max_queue_size = v.integer; }},
    {"executor", "max_retries", Shape::integer, 0, 1000, "", "attempts after the first", nullptr,
     [](TaskOptions& o, const Value& v) { o.max_retries = small(v); }},
    {"executor", "retry_delay", Shape::seconds, 0, kLong, "", "before the first retry", nullptr,
     [](TaskOptions& o, const Value& v) { o.retry_delay = v.duration; }},
    {"executor", "backoff", Shape::choice, 0, 0, "exponential|fixed", "how the delay grows", nullptr,
     [](TaskOptions& o, const Value& v) { o.backoff = parse_backoff(v.text); }},
    {"executor", "timeout", Shape::seconds, 0, kLong, "", "of one attempt; 0: none", nullptr,
     [](TaskOptions& o, const Value& v) { o.timeout = v.duration; }},
    {"executor", "max_crashes", Shape::integer, 1, 1000, "", "crashes before a task is failed as poison", nullptr,
     [](TaskOptions& o, const Value& v) { o.max_crashes = small(v); }},
    {"executor", "memory", Shape::size, 16 << 20, 1e15, "", "address space of a cpu host while it runs a task", nullptr,
     [](TaskOptions& o, const Value& v) { o.memory = static_cast<std::uint64_t>(v.integer); }},
    {"executor", "lease", Shape::seconds, 0.5, kDay, "", "a node that is silent for so long is dead",
     [](Config& c, const Value& v) { c.executor.lease = v.duration; }},
    {"executor", "drain_timeout", Shape::seconds, 0, kLong, "", "for what runs when a node is told to stop",
     [](Config& c, const Value& v) { c.executor.drain_timeout = v.duration; }},
    {"executor", "kill_grace", Shape::seconds, 0, kDay, "", "between SIGTERM and SIGKILL",
     [](Config& c, const Value& v) { c.executor.kill_grace = v.duration; }},
    {"executor", "queues", Shape::names, 0, 0, "", "the queues a node takes from",
     [](Config& c, const Value& v) { c.executor.queues = v.list; }},

    {"plugins", "paths", Shape::paths, 0, 0, "", "plugin files, folders or globs",
     [](Config& c, const Value& v) { c.plugins.paths = v.list; }},
    {"plugins", "host", Shape::path, 0, 0, "", "the flowrra-host program",
     [](Config& c, const Value& v) { c.plugins.host = v.text; }},

    {"log", "level", Shape::choice, 0, 0, "debug|info|warning|error|off", "what is logged",
     [](Config& c, const Value& v) {
       if (const auto level = log::parse_level(v.text)) c.log_level = *level;
     }},
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
  return find_where([&](const ConfigKey& k) { return k.set_option != nullptr && k.name == name; });
}

std::vector<std::string> key_names(std::string_view section) {
  std::vector<std::string> out;
  for (const ConfigKey& key : kKeys) {
    const bool belongs = section == "tasks" ? key.set_option != nullptr : key.section == section;
    if (belongs) out.emplace_back(key.name);
  }
  return out;
}

std::vector<std::string> section_names() {
  return {"broker", "backend", "executor", "plugins", "queues", "tasks", "log"};
}

}  // namespace flowrra
