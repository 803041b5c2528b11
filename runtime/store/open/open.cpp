#include "store/open/open.hpp"

#include <string_view>

#include "store/memory/memory_store.hpp"
#ifdef FLOWRRA_WITH_SQLITE
#include "store/sqlite/sqlite_store.hpp"
#endif

namespace flowrra {
namespace {

std::string_view scheme_of(const StoreOptions& options) {
  return std::string_view(options.url).substr(0, options.url.find("://"));
}

Error unknown(std::string_view scheme) {
  return {Code::config, "no store driver for " + std::string(scheme) + "://",
          "This build knows memory:// and sqlite://PATH."};
}

}  // namespace

Result<bool> store_exists(const StoreOptions& options) {
  const std::string_view scheme = scheme_of(options);
  if (scheme == "memory") return false;
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return sqlite_store_exists(options);
#endif
  return unknown(scheme);
}

Result<bool> store_is_older(const StoreOptions& options) {
  const std::string_view scheme = scheme_of(options);
  if (scheme == "memory") return false;
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return sqlite_store_is_older(options);
#endif
  return unknown(scheme);
}

Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  const std::string_view scheme = scheme_of(options);
  if (scheme == "memory") return open_memory_store(options);
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return open_sqlite_store(options);
#endif
  return unknown(scheme);
}

}  // namespace flowrra
