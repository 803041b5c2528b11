#pragma once

#include <memory>

#include "app/config.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace flowrra {

// The stores of a node, open.
struct NodeStores {
  std::unique_ptr<Store> broker;
  std::unique_ptr<Store> backend;  // null where the broker's store keeps the results
};

// How long a server is waited for that is away when its node starts.
struct StorePatience {
  Micros away = std::chrono::seconds(5);
  Micros loading = std::chrono::seconds(5);  // one that is there, but still reads its data
  int stop_fd = -1;                          // readable: it is waited for no longer
};

// True where a store is a server, which may have to be waited for.
bool has_remote_store(const Config& config);

// Opens them. What is no server is not waited for. Errors: as open_store().
Result<NodeStores> open_node_stores(const Config& config, const StorePatience& patience = {});

}  // namespace flowrra
