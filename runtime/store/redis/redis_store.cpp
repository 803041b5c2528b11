#include "store/redis/redis_store.hpp"

#include "store/redis/checkup.hpp"
#include "store/redis/redis_backend.hpp"
#include "store/redis/redis_broker.hpp"
#include "store/redis/redis_directory.hpp"

namespace flowrra {
namespace {

using namespace redis;

constexpr std::int64_t kForm = 4;  // of the keys and their values

class RedisStore final : public Store {
 public:
  RedisStore(std::unique_ptr<Connection> connection, const StoreOptions& options)
      : engine_(std::move(connection), options), broker_(engine_), directory_(engine_), backend_(engine_) {}
  Broker& broker() override { return broker_; }
  Directory& directory() override { return directory_; }
  Backend& backend() override { return backend_; }
  std::vector<StoreCheck> check() override { return check_up(engine_); }
  std::optional<StoreCheck> durability() override { return check_durability(engine_); }

  Status check_form() {
    auto form = engine_.read("GET", "form");
    if (!form) return form.error();
    const std::int64_t found = form->view().is_nil() ? kForm : form->view().number();
    if (found == kForm) return {};
    const bool newer = found > kForm;
    return Error{newer ? Code::newer_version : Code::config,
                 "the keys " + engine_.key("*") + " at " + engine_.connection().endpoint().name() + " have form " +
                     std::string(form->view().text()) + ", and this program knows form " + std::to_string(kForm),
                 newer ? "Use the Flowrra that wrote them, or a newer one."
                       : "Let the Flowrra that wrote them end its tasks, or use another queue_key."};
  }

 private:
  Engine engine_;
  RedisBroker broker_;
  RedisDirectory directory_;
  RedisBackend backend_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_redis_store(const StoreOptions& options) {
  auto endpoint = read_endpoint(options);
  if (!endpoint) return endpoint.error();
  auto connection = Connection::open(*std::move(endpoint), options.stop_fd);
  if (!connection) return connection.error();
  auto store = std::make_unique<RedisStore>(*std::move(connection), options);
  if (auto known = store->check_form(); !known) return known.error();
  return std::unique_ptr<Store>(std::move(store));
}

// The server's word is kept behind the name of the endpoint, whatever code the error has.
bool redis_is_loading(const Error& error) { return error.message.find(": LOADING") != std::string::npos; }

}  // namespace flowrra
