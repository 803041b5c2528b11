#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "fault/load.hpp"
#include "fault/soak.hpp"
#include "fault/verdict.hpp"
#include "support/redis_server.hpp"
#include "support/resp_client.hpp"
#include "support/workplace.hpp"

namespace flowrra::test {

// A server that keeps what it has acknowledged.
inline RedisOptions durable() {
  RedisOptions out;
  out.append = "always";
  return out;
}

// Of a node with traced tasks. Its timeouts are short, and its lease is long: a fault of the store that is over within
// it is no reason to run anything again.
inline Setup traced_over(const std::string& url, const std::string& lease = "10.0") {
  return {.plugins = {fixture("traced.so")},
          .broker = url,
          .executor = "lease = " + lease +
                      "\nio_workers = 16\nblocking_threads = 4\ncpu_workers = 2\nretry_delay = 0.05\n"
                      "kill_grace = 0.2\n",
          .broker_more = "socket_timeout = 1.0\n"};
}

// Seconds that something took each time.
class Times {
 public:
  void add(std::chrono::steady_clock::duration time) { all_.push_back(std::chrono::duration<double>(time).count()); }
  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] double share(double part) const {
    auto sorted = all_;
    std::sort(sorted.begin(), sorted.end());
    return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1))];
  }
  [[nodiscard]] nlohmann::ordered_json json() const {
    const auto rounded = [this](double part) { return std::round(share(part) * 1000) / 1000; };
    return {{"p50", rounded(0.5)}, {"p99", rounded(0.99)}, {"max", rounded(1)}};
  }

 private:
  std::vector<double> all_;
};

// Waits until a node has told the server of an outcome, in the exchange in which it also asks for work.
class Heartbeat {
 public:
  explicit Heartbeat(const RedisServer& server) : client_(server.socket()) {
    client_.call({"SUBSCRIBE", "{flowrra}:done"});
  }
  void wait() { client_.hear(); }

 private:
  RespClient client_;
};

// How often the store has refused something as too late.
inline int stale(const Workplace& workplace) {
  const auto counts = nlohmann::json::parse(workplace.flowrra({"stats", "-o", "json"}).out).at("stale");
  int sum = 0;
  for (const auto& each : counts) sum += each.get<int>();
  return sum;
}

}  // namespace flowrra::test
