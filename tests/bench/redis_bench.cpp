// How much of Redis's own speed the store keeps: drains the same tasks through Broker::exchange and through a bare
// program that pipelines few variadic commands a batch, alternately against one real server, and prints both rates,
// their ratio, and what a task costs the server.
//
// usage: redis_bench [tasks = 100000] [rounds = 5]

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#include "bench/bare_redis.hpp"
#include "bench/rates.hpp"
#include "bench/record.hpp"
#include "bench/store_under_test.hpp"
#include "support/redis_server.hpp"

namespace flowrra::bench {
namespace {

// What the server's process has used of a core.
double cpu_seconds(const test::RedisServer& server) {
  std::ifstream stat("/proc/" + std::to_string(server.pid()) + "/stat");
  std::string word;
  double ticks = 0;
  for (int field = 1; field <= 15 && stat >> word; ++field) {
    if (field >= 14) ticks += std::strtod(word.c_str(), nullptr);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Series {
  std::vector<double> push, drain, push_cost, drain_cost;
};

// Runs both halves on an empty server.
template <typename Push, typename Drain>
void measure(test::RedisServer& server, int tasks, Series& out, Push push, Drain drain) {
  server.cli({"FLUSHALL"});
  const auto cost = [&](const auto& work, std::vector<double>& rate, std::vector<double>& micros) {
    const double before = cpu_seconds(server);
    rate.push_back(per_second(tasks, work));
    micros.push_back((cpu_seconds(server) - before) * 1e6 / tasks);
  };
  cost(push, out.push, out.push_cost);
  cost(drain, out.drain, out.drain_cost);
}

void compare(test::RedisServer& server, int tasks, int rounds, int batch) {
  Series store, bare;
  for (int round = 0; round < rounds; ++round) {
    StoreUnderTest through(server.url());
    measure(
        server, tasks, store, [&] { through.push_all(tasks, batch); }, [&] { through.drain_all(tasks, batch); });
    BareRedis alone(server.port());
    measure(
        server, tasks, bare, [&] { alone.push_all(tasks, batch); }, [&] { alone.drain_all(tasks, batch); });
  }
  const auto ratio = [](std::vector<double> of, const std::vector<double>& to) {
    for (std::size_t i = 0; i < of.size(); ++i) of[i] /= to[i];
    return median(of);
  };
  fmt::print(
      "batch {:>5}: push {:>7.0f}/s ({:.2f} of bare; server {:.1f} and {:.1f} us), drain {:>7.0f}/s ({:.2f} of "
      "bare {:.0f}/s; server {:.1f} and {:.1f} us)\n",
      batch, median(store.push), ratio(store.push, bare.push), median(store.push_cost), median(bare.push_cost),
      median(store.drain), ratio(store.drain, bare.drain), median(bare.drain), median(store.drain_cost),
      median(bare.drain_cost));
  record({"batches", "redis push", "/s", batch}, store.push, bare.push);
  record({"batches", "redis drain", "/s", batch}, store.drain, bare.drain);
  record({"batches", "redis push, server", "us", batch}, store.push_cost, bare.push_cost);
  record({"batches", "redis drain, server", "us", batch}, store.drain_cost, bare.drain_cost);
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 2);
  const int tasks = flowrra::bench::count_at(argc, argv, 1, 100'000);
  const int rounds = flowrra::bench::count_at(argc, argv, 2, 5);
  flowrra::test::RedisServer server;
  for (const int batch : {1, 32, 256, 1000}) {
    flowrra::bench::compare(server, batch == 1 ? tasks / 20 : tasks, rounds, batch);
  }
  return 0;
}
