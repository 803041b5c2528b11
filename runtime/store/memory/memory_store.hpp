#pragma once

#include <memory>

#include "store/store.hpp"

namespace flowrra {

// Opens memory://NAME: a store within this process. All stores open under one name share one state, from any thread;
// it is gone when the last of them closes. Durability does not apply.
Result<std::unique_ptr<Store>> open_memory_store(const StoreOptions& options);

}  // namespace flowrra
