#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "store/redis/arguments.hpp"
#include "store/redis/connection.hpp"
#include "store/redis/scripts.hpp"

namespace flowrra::redis {

// What the three roles of one open store share.
class Engine {
 public:
  Engine(std::unique_ptr<Connection> connection, const StoreOptions& options);

  // The first arguments of every script: the times, where they are not the server's.
  [[nodiscard]] Arguments arguments() const;

  // Of the clock that the store was opened with.
  [[nodiscard]] BootTime boot() const { return (clock_ != nullptr ? *clock_ : system_clock()).boot(); }

  // Runs a script. One whose connection fails is run once more, as far as the options say so: it must be one that
  // changes nothing when it runs twice, and whose second answer is as good.
  Result<Reply> run(const Script& script, const Arguments& arguments);

  // Likewise, and never more than once: for a script whose second answer would tell of what the first has left behind.
  Result<Reply> run_once(const Script& script, const Arguments& arguments);

  // run_once() in two steps, as Connection::send() and receive().
  Status send(const Script& script, const Arguments& arguments) {
    return connection_->send(script, prefix_, arguments.words());
  }
  Result<Reply> receive(const Script& script, const Arguments& arguments, int bell = -1) {
    return connection_->receive(script, prefix_, arguments.words(), bell);
  }

  // A command that reads; `words` after its name begin with a key without the prefix.
  Result<Reply> read(std::string_view command, std::string_view key,
                     std::initializer_list<std::string_view> words = {});

  // With the prefix.
  [[nodiscard]] std::string key(std::string_view name) const { return prefix_ + std::string(name); }

  Connection& connection() { return *connection_; }

  const Scripts scripts;

 private:
  std::unique_ptr<Connection> connection_;
  std::string prefix_;  // of every key, with the hash tag that keeps them on one node of a cluster
  const Clock* clock_;  // null: the server's
  bool retries_;
};

}  // namespace flowrra::redis
