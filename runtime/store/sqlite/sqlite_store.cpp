#include "store/sqlite/sqlite_store.hpp"

namespace flowrra {

Result<std::unique_ptr<Store>> open_sqlite_store(const StoreOptions& options) {
  return Error{Code::config, "cannot open " + options.url + " yet", ""};
}

}  // namespace flowrra
