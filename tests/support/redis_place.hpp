#pragma once

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "support/redis_server.hpp"
#include "support/workplace.hpp"

namespace flowrra::test {

// A key prefix of its own on the test program's Redis server, and what configurations say to use it.
class RedisPlace {
 public:
  explicit RedisPlace(RedisServer& server = RedisServer::shared()) : server_(server), key_(fresh_key()) {}

  // A node's, which has these plugins.
  [[nodiscard]] Setup node(std::vector<std::string> plugins, const std::string& executor = kExecutor) const {
    Setup out;
    out.plugins = std::move(plugins);
    out.broker = server_.url();
    out.broker_more = key_line();
    out.executor = executor;
    return out;
  }
  // Another machine's, which submits and looks and knows no plugin.
  [[nodiscard]] Setup desk() const { return node({}); }

  [[nodiscard]] std::string key_line() const { return "queue_key = \"" + key_ + "\"\n"; }
  // Of every key of this place.
  [[nodiscard]] std::string prefix() const { return "{" + key_ + "}:"; }
  // A command to the server about one of them.
  [[nodiscard]] std::string cli(std::vector<std::string> words, const std::string& key) const {
    words.insert(words.begin() + 1, prefix() + key);
    return server_.cli(words);
  }
  [[nodiscard]] RedisServer& server() const { return server_; }

  static constexpr const char* kExecutor =
      "lease = 2.0\ncpu_workers = 2\nio_workers = 8\nretry_delay = 0.05\nkill_grace = 0.4\n";

 private:
  static std::string fresh_key() {
    static std::atomic<int> number = 0;
    return "place-" + std::to_string(++number);
  }

  RedisServer& server_;
  std::string key_;
};

}  // namespace flowrra::test
