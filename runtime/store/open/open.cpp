#include "store/open/open.hpp"

#include <string_view>

#include "store/memory/memory_store.hpp"
#ifdef FLOWRRA_WITH_SQLITE
#include "store/sqlite/sqlite_store.hpp"
#endif

namespace flowrra {

Result<std::unique_ptr<Store>> open_store(const StoreOptions& options) {
  const std::string_view url = options.url;
  const std::string_view scheme = url.substr(0, url.find("://"));
  if (scheme == "memory") return open_memory_store(options);
#ifdef FLOWRRA_WITH_SQLITE
  if (scheme == "sqlite") return open_sqlite_store(options);
#endif
  return Error{Code::config, "no store driver for " + std::string(scheme) + "://",
               "This build knows memory:// and sqlite://PATH."};
}

}  // namespace flowrra
