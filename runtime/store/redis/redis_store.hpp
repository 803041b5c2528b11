#pragma once

#include <memory>

#include "store/store.hpp"

namespace flowrra {

// redis://, rediss:// and unix:// as in redis/endpoint.hpp: the store is the keys that begin with the prefix of the
// options, in braces, in one database. Errors as open_store().
Result<std::unique_ptr<Store>> open_redis_store(const StoreOptions& options);

// Whether this error of it says that the server still reads its data (LOADING).
bool redis_is_loading(const Error& error);

}  // namespace flowrra
