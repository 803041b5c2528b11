// How much of SQLite's own speed the store keeps: drains the same tasks through Broker::exchange and through a bare
// program that does the same row work, alternately, and prints both rates and their ratio.
//
// usage: store_bench [tasks = 100000] [rounds = 5]

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "bench/bare.hpp"
#include "store/open/open.hpp"
#include "support/must.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::bench {
namespace {

using namespace std::chrono_literals;

struct Rates {
  double push = 0;
  double drain = 0;
};

void push_all(Broker& broker, int tasks, int batch) {
  for (int done = 0; done < tasks; done += batch) {
    std::vector<NewTask> some(static_cast<std::size_t>(std::min(batch, tasks - done)));
    for (NewTask& task : some) {
      task.id = new_ulid(system_clock());
      task.name = "noop";
      task.args = kArgs;
    }
    test::must(broker.push(some, tasks));
  }
}

void drain_all(Broker& broker, int tasks, int batch) {
  ExchangeRequest turn;
  turn.take = TakeRequest{"bench", "bench", {"default"}, {{batch, {"noop"}}}};
  for (int done = 0; done < tasks;) {
    auto answer = test::must(broker.exchange(turn));
    done += static_cast<int>(turn.settlements.size());
    turn.settlements.clear();
    for (LeasedTask& leased : answer.taken) {
      Settlement success;
      success.lease = std::move(leased.lease);
      success.result = std::move(leased.task.args);
      success.resources = Resources{0.2, 4096};
      turn.settlements.push_back(std::move(success));
    }
  }
}

Rates through_store(const std::string& url, int tasks, int batch) {
  StoreOptions options;
  options.url = url;
  const auto store = test::must(open_store(options));
  Session session;
  session.id = "bench";
  session.node = "bench";
  if (!store->directory().open_session(session, 1h)) std::abort();
  Rates rates;
  rates.push = per_second(tasks, [&] { push_all(store->broker(), tasks, batch); });
  rates.drain = per_second(tasks, [&] { drain_all(store->broker(), tasks, batch); });
  return rates;
}

Rates through_bare(const std::string& path, int tasks, int batch) {
  BareSqlite bare(path);
  Rates rates;
  rates.push = per_second(tasks, [&] { bare.push_all(tasks, batch); });
  rates.drain = per_second(tasks, [&] { bare.drain_all(tasks, batch); });
  return rates;
}

void compare(int tasks, int rounds, int batch) {
  std::vector<double> store_push, store_drain, push_ratio, drain_ratio;
  for (int round = 0; round < rounds; ++round) {
    const test::TempDir folder;
    const Rates store = through_store("sqlite://" + (folder / "store.db").string(), tasks, batch);
    const Rates bare = through_bare(folder / "bare.db", tasks, batch);
    store_push.push_back(store.push);
    store_drain.push_back(store.drain);
    push_ratio.push_back(store.push / bare.push);
    drain_ratio.push_back(store.drain / bare.drain);
  }
  fmt::print("batch {:>5}: push {:>8.0f}/s ({:.2f} of bare), drain {:>8.0f}/s ({:.2f} of bare)\n", batch,
             median(store_push), median(push_ratio), median(store_drain), median(drain_ratio));
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  const int tasks = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  for (const int batch : {1, 32, 256, 1000}) flowrra::bench::compare(batch == 1 ? tasks / 20 : tasks, rounds, batch);
  const auto memory = flowrra::bench::through_store("memory://bench", tasks, 256);
  fmt::print("memory    256: push {:>8.0f}/s, drain {:>8.0f}/s\n", memory.push, memory.drain);
  return 0;
}
