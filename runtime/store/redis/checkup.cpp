#include "store/redis/checkup.hpp"

#include <array>

#include "store/redis/counts.hpp"

namespace flowrra::redis {
namespace {

using Level = StoreCheck::Level;

StoreCheck from(const char* subject, const Error& error) { return {Level::error, subject, error.message, error.hint}; }

StoreCheck server(Engine& engine) {
  const ServerInfo& info = engine.connection().server();
  return {Level::ok, "server",
          engine.connection().endpoint().name() + (info.version.empty() ? "" : ", Redis " + info.version)};
}

StoreCheck eviction(Engine& engine) {
  const ServerInfo& info = engine.connection().server();
  if (info.maxmemory_policy.empty()) {
    return {Level::warning, "eviction", "this user may not ask whether the server evicts keys (INFO)",
            "Allow the command INFO, and see that maxmemory-policy is noeviction."};
  }
  return {Level::ok, "eviction", "maxmemory-policy is " + info.maxmemory_policy + ": no key is evicted"};
}

// Every task is counted in its state, and as many are in all.
StoreCheck integrity(Engine& engine) {
  auto counts = stored_counts(engine);
  if (!counts) return from("integrity", counts.error());
  std::int64_t sum = 0;
  for (const StateCount& each : *counts) sum += each.count;
  auto tasks = engine.read("HLEN", "state");
  if (!tasks) return from("integrity", tasks.error());
  auto order = engine.read("XLEN", "all");
  if (!order) return from("integrity", order.error());
  const std::int64_t stored = tasks->view().number();
  if (stored == sum && order->view().number() == stored) {
    return {Level::ok, "integrity", std::to_string(stored) + " tasks, as many as are counted"};
  }
  return {Level::error, "integrity",
          std::to_string(stored) + " tasks are stored, " + std::to_string(sum) + " are counted and " +
              std::to_string(order->view().number()) + " are listed",
          "While tasks are submitted these may differ for a moment: ask again. Otherwise keys were changed or removed "
          "by another program."};
}

}  // namespace

StoreCheck check_durability(Engine& engine) {
  const ServerInfo& info = engine.connection().server();
  if (!info.aof_known) {
    return {Level::warning, "durability", "this user may not ask what the server keeps on disk (INFO)", ""};
  }
  if (!info.append_only) {
    return {Level::warning, "durability",
            "the server keeps no append-only file: what it was told since its last snapshot is lost with it",
            "For work that must not be lost: CONFIG SET appendonly yes, CONFIG SET appendfsync always."};
  }
  const std::array<std::string_view, 3> words{"CONFIG", "GET", "appendfsync"};
  auto reply = engine.connection().call(words);
  const std::string policy = reply ? std::string(reply->view()[1].text()) : std::string();
  if (policy == "always") return {Level::ok, "durability", "appendfsync is always: what was acknowledged is on disk"};
  if (policy == "everysec") {
    return {Level::warning, "durability",
            "appendfsync is everysec: up to two seconds of what was acknowledged are lost when the machine fails",
            "For work that must not be lost: CONFIG SET appendfsync always."};
  }
  if (policy == "no") {
    return {Level::warning, "durability",
            "appendfsync is no: what was acknowledged since the system last wrote is lost when the machine fails",
            "For work that must not be lost: CONFIG SET appendfsync always."};
  }
  return {Level::ok, "durability",
          "the server keeps an append-only file; how often it is synced, this user may not ask"};
}

std::vector<StoreCheck> check_up(Engine& engine) {
  return {server(engine), eviction(engine), check_durability(engine), integrity(engine)};
}

}  // namespace flowrra::redis
