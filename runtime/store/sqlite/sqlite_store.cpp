#include "store/sqlite/sqlite_store.hpp"

#include "store/sqlite/checkup.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/sqlite_backend.hpp"
#include "store/sqlite/sqlite_broker.hpp"
#include "store/sqlite/sqlite_directory.hpp"

namespace flowrra {
namespace {

using namespace sqlite;

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::unique_ptr<Connection> connection)
      : engine_(std::move(connection)), broker_(engine_), directory_(engine_), backend_(engine_) {}
  Broker& broker() override { return broker_; }
  Directory& directory() override { return directory_; }
  Backend& backend() override { return backend_; }
  std::vector<StoreCheck> check() override { return check_up(*engine_.connection); }

 private:
  Engine engine_;
  SqliteBroker broker_;
  SqliteDirectory directory_;
  SqliteBackend backend_;
};

}  // namespace

Result<bool> sqlite_store_exists(const StoreOptions& options) { return database_exists(options.url); }

Result<bool> sqlite_store_is_older(const StoreOptions& options) {
  const auto files = store_files(options.url);
  if (!files) return files.error();
  auto connection = Connection::open(*files, options);
  if (!connection) return connection.error();
  return is_older(**connection, *files);
}

Result<std::unique_ptr<Store>> open_sqlite_store(const StoreOptions& options) {
  const auto files = store_files(options.url);
  if (!files) return files.error();
  auto connection = Connection::open(*files, options);
  if (!connection) return connection.error();
  if (auto ready = prepare_schema(**connection, *files); !ready) return ready.error();
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(*connection)));
}

}  // namespace flowrra
