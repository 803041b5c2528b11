#include "store/redis/engine.hpp"

#include <utility>
#include <vector>

namespace flowrra::redis {

Engine::Engine(std::unique_ptr<Connection> connection, const StoreOptions& options)
    : scripts(all_scripts()),
      connection_(std::move(connection)),
      prefix_("{" + options.network.key_prefix + "}:"),
      clock_(options.clock),
      retries_(options.network.retry_on_timeout) {}

Arguments Engine::arguments() const {
  Arguments out;
  if (clock_ == nullptr) {
    out.add("").add("");
  } else {
    out.add(to_micros(clock_->wall())).add(clock_->boot().time_since_epoch());
  }
  return out;
}

Result<Reply> Engine::run_once(const Script& script, const Arguments& arguments) {
  return connection_->run(script, prefix_, arguments.words());
}

Result<Reply> Engine::run(const Script& script, const Arguments& arguments) {
  auto reply = run_once(script, arguments);
  if (reply || !retries_ || reply.error().code != Code::unreachable) return reply;
  return run_once(script, arguments);
}

Result<Reply> Engine::read(std::string_view command, std::string_view key,
                           std::initializer_list<std::string_view> words) {
  const std::string full = this->key(key);
  std::vector<std::string_view> all{command, full};
  all.insert(all.end(), words.begin(), words.end());
  auto reply = connection_->call(all);
  if (reply || !retries_ || reply.error().code != Code::unreachable) return reply;
  return connection_->call(all);
}

}  // namespace flowrra::redis
