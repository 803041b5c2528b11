#pragma once

#include <memory>

#include "store/store.hpp"

namespace flowrra {

// Opens sqlite://PATH: a store in one file, for all processes of one machine. Creates it, and its folder, where it
// does not exist. Beside PATH stand SQLite's PATH-wal and PATH-shm, PATH.lock, PATH.wake and PATH.done.
// Errors: config (no path), unreachable, denied, busy, corrupt (not ours, or damaged), newer_version.
Result<std::unique_ptr<Store>> open_sqlite_store(const StoreOptions& options);

// As store_exists().
Result<bool> sqlite_store_exists(const StoreOptions& options);

// As store_is_older().
Result<bool> sqlite_store_is_older(const StoreOptions& options);

}  // namespace flowrra
