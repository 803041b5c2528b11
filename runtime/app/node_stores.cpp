#include "app/node_stores.hpp"

#include <poll.h>

#include "base/log.hpp"
#include "store/open/open.hpp"

namespace flowrra {
namespace {

constexpr Micros kBetween = std::chrono::milliseconds(200);  // two attempts
constexpr Micros kBetweenWords = std::chrono::seconds(10);   // two lines of the log

// Rests between two attempts; false when there is to be none.
bool rest(int stop_fd) {
  pollfd stop = {stop_fd, POLLIN, 0};
  return poll(&stop, 1, static_cast<int>(kBetween / std::chrono::milliseconds(1))) <= 0;
}

// What may pass without anybody's help.
bool is_away(const Error& error) { return error.code == Code::unreachable || error.code == Code::busy; }

Result<std::unique_ptr<Store>> open_when_there(StoreOptions options, const StorePatience& patience) {
  options.stop_fd = patience.stop_fd;
  const BootTime start = system_clock().boot();
  BootTime tell = start;
  for (;;) {
    auto store = open_store(options);
    if (store || !store_is_remote(options) || !is_away(store.error())) return store;
    const BootTime now = system_clock().boot();
    if (now - start >= (store_is_loading(store.error()) ? patience.loading : patience.away)) return store;
    if (now >= tell) {
      log::warning(store.error().message + "; waiting for it");
      tell = now + kBetweenWords;
    }
    if (!rest(patience.stop_fd)) return Error{Code::interrupted, "stopped while the store was away", {}};
  }
}

}  // namespace

bool has_remote_store(const Config& config) {
  return store_is_remote(config.broker_options()) || store_is_remote(config.backend_options());
}

Result<NodeStores> open_node_stores(const Config& config, const StorePatience& patience) {
  NodeStores stores;
  auto broker = open_when_there(config.broker_options(), patience);
  if (!broker) return broker.error().in("broker");
  stores.broker = *std::move(broker);
  if (config.one_store()) return stores;
  auto backend = open_when_there(config.backend_options(), patience);
  if (!backend) return backend.error().in("backend");
  stores.backend = *std::move(backend);
  return stores;
}

}  // namespace flowrra
