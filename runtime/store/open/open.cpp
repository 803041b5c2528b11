#include "store/open/open.hpp"

#include <string_view>

#include "store/memory/memory_store.hpp"
#ifdef FLOWRRA_WITH_SQLITE
#include "store/sqlite/sqlite_store.hpp"
#endif
#ifdef FLOWRRA_WITH_REDIS
#include "store/redis/redis_store.hpp"
#endif

namespace flowrra {
namespace {

std::string_view scheme_of(const StoreOptions& options) {
  return std::string_view(options.url).substr(0, options.url.find("://"));
}

bool is_redis([[maybe_unused]] std::string_view scheme) {
#ifdef FLOWRRA_WITH_REDIS
  return scheme == "redis" || scheme == "rediss" || scheme == "unix";
#else
  return false;
#endif
}

Error unknown(std::string_view scheme) {
  return {Code::config, "no store driver for " + std::string(scheme) + "://",
          "A build knows memory://, and what it was made with of sqlite://PATH, redis://, rediss:// and unix://."};
}

}  // namespace

bool store_is_remote(const StoreOptions& options) { return is_redis(scheme_of(options)); }

bool store_is_loading([[maybe_unused]] const Error& error) {
#ifdef FLOWRRA_WITH_REDIS
  return redis_is_loading(error);
#else
  return false;
#endif
}

Result<bool> store_exists(const StoreOptions& options) {
  const std::string_view scheme = scheme_of(options);
  if (scheme == "memory") return false;
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return sqlite_store_exists(options);
#endif
  if (is_redis(scheme)) return true;  // there is nothing to make: keys come and go
  return unknown(scheme);
}

Result<bool> store_is_older(const StoreOptions& options) {
  const std::string_view scheme = scheme_of(options);
  if (scheme == "memory") return false;
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return sqlite_store_is_older(options);
#endif
  if (is_redis(scheme)) return false;  // of which no older form exists
  return unknown(scheme);
}

Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  const std::string_view scheme = scheme_of(options);
  if (scheme == "memory") return open_memory_store(options);
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return open_sqlite_store(options);
#endif
#ifdef FLOWRRA_WITH_REDIS
  if (is_redis(scheme)) return open_redis_store(options);
#endif
  return unknown(scheme);
}

}  // namespace flowrra
