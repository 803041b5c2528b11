// How much of SQLite's own speed the store keeps: drains the same tasks through Broker::exchange and through a bare
// program that does the same row work, alternately, and prints both rates and their ratio.
//
// usage: store_bench [tasks = 100000] [rounds = 5]

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#include "bench/bare.hpp"
#include "bench/record.hpp"
#include "bench/store_under_test.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::bench {
namespace {

struct Rates {
  double push = 0;
  double drain = 0;
};

Rates through_store(const std::string& url, int tasks, int batch) {
  StoreUnderTest store(url);
  Rates rates;
  rates.push = per_second(tasks, [&] { store.push_all(tasks, batch); });
  rates.drain = per_second(tasks, [&] { store.drain_all(tasks, batch); });
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
  std::vector<double> store_push, store_drain, bare_push, bare_drain, push_ratio, drain_ratio;
  for (int round = 0; round < rounds; ++round) {
    const test::TempDir folder;
    const Rates store = through_store("sqlite://" + (folder / "store.db").string(), tasks, batch);
    const Rates bare = through_bare(folder / "bare.db", tasks, batch);
    store_push.push_back(store.push);
    store_drain.push_back(store.drain);
    bare_push.push_back(bare.push);
    bare_drain.push_back(bare.drain);
    push_ratio.push_back(store.push / bare.push);
    drain_ratio.push_back(store.drain / bare.drain);
  }
  fmt::print("batch {:>5}: push {:>8.0f}/s ({:.2f} of bare), drain {:>8.0f}/s ({:.2f} of bare)\n", batch,
             median(store_push), median(push_ratio), median(store_drain), median(drain_ratio));
  record({"batches", "sqlite push", "/s", batch}, store_push, bare_push);
  record({"batches", "sqlite drain", "/s", batch}, store_drain, bare_drain);
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 2);
  const int tasks = flowrra::bench::count_at(argc, argv, 1, 100'000);
  const int rounds = flowrra::bench::count_at(argc, argv, 2, 5);
  for (const int batch : {1, 32, 256, 1000}) flowrra::bench::compare(batch == 1 ? tasks / 20 : tasks, rounds, batch);
  const auto memory = flowrra::bench::through_store("memory://bench", tasks, 256);
  flowrra::bench::record({"store", "memory push", "/s", 256}, memory.push);
  flowrra::bench::record({"store", "memory drain", "/s", 256}, memory.drain);
  fmt::print("memory    256: push {:>8.0f}/s, drain {:>8.0f}/s\n", memory.push, memory.drain);
  return 0;
}
