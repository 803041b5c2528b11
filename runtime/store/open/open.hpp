#pragma once

#include <memory>

#include "store/store.hpp"

namespace flowrra {

// Opens the store that the URL names: memory://NAME, sqlite://PATH, redis://, rediss:// and unix:// as the driver's
// endpoint.hpp. Creates it where it does not exist.
// Errors: config (unknown scheme, driver left out of this build), unreachable, denied, busy, corrupt, newer_version,
// interrupted (the stop descriptor of the options was readable).
Result<std::unique_ptr<Store>> open_store(const StoreOptions& options);

// False when open_store() would make the store anew, always so for memory://. Nothing is made, and what exists is not
// opened. Errors: config, unreachable, denied.
Result<bool> store_exists(const StoreOptions& options);

// True when open_store() would first bring the store that is there to the form of this version. Nothing is changed.
// Errors as open_store().
Result<bool> store_is_older(const StoreOptions& options);

// True where the store is a server, which may be away for a while.
bool store_is_remote(const StoreOptions& options);

// Whether what stood in the way of open_store() is that the server, which is there, still reads its data.
bool store_is_loading(const Error& error);

}  // namespace flowrra
