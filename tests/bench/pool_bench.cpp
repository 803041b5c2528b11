// How fast tasks go through the pools of one node: tasks that do nothing and tasks of 1 ms, on the memory store, on
// SQLite (durability full) and on Redis, results kept, beside a bare echo between two processes. Each drain also says
// what processor time it took.
//
// usage: pool_bench [tasks = 100000] [rounds = 5] [all | no-op | millisecond | hosts | sqlite | redis]
//                   [cpu | io | blocking | mixed]

#include "bench/arguments.hpp"
#include "bench/echo.hpp"
#include "bench/pool_node.hpp"
#include "bench/record.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::bench {
namespace {

StoreOptions memory() { return {.url = "memory://" + new_ulid(system_clock())}; }

double micros(double seconds, int tasks) { return seconds * 1e6 / tasks; }

// The figures of one kind of drain, of all rounds.
struct Series {
  std::string what;
  std::vector<double> rates = {}, node = {}, hosts = {};  // tasks a second; microseconds of a processor for each task

  void add(int tasks, const Drained& drained) {
    rates.push_back(tasks / drained.seconds);
    node.push_back(micros(drained.node_cpu, tasks));
    hosts.push_back(micros(drained.hosts_cpu, tasks));
  }
  void tell(const std::string& store) const {
    fmt::print("{:<14} {:9.0f}/s; processor time a task: node {:5.2f} us, hosts {:5.2f} us\n", what, median(rates),
               median(node), median(hosts));
    record({"processor time, " + store, what + ", node", "us"}, node);
    record({"processor time, " + store, what + ", hosts", "us"}, hosts);
  }
};

std::vector<Work> works_of(const std::string& what, int tasks) {
  if (what == "mixed") return {{"bench.io", tasks / 2}, {"bench.cpu", tasks / 2}};
  return {{"bench." + what, tasks}};
}

// What each part is asked for.
struct Size {
  int tasks = 100'000;
  int rounds = 5;
  std::vector<std::string> kinds{"cpu", "io", "blocking", "mixed"};  // of tasks that do nothing
  bool one_kind = false;                                             // of them, and nothing else
};

// Drains of tasks that do nothing, all kinds in each round, with `between` after each.
template <typename Between>
std::vector<Series> drain_all(PoolNode& node, const Size& size, Between between) {
  std::vector<Series> out;
  out.reserve(size.kinds.size());
  for (const std::string& kind : size.kinds) out.push_back({kind});
  for (const Series& each : out) node.drain(works_of(each.what, size.tasks / 10));  // to warm up
  for (int i = 0; i < size.rounds; ++i) {
    for (Series& each : out) {
      each.add(size.tasks, node.drain(works_of(each.what, size.tasks)));
      between();
    }
  }
  return out;
}

void no_ops(const Size& size) {
  std::vector<double> single, coalesced;
  PoolNode node(memory(), {});
  const auto all = drain_all(node, size, [&] {
    single.push_back(echo_rate(size.tasks * 2, Echo::single));
    coalesced.push_back(echo_rate(size.tasks * 10, Echo::coalesced));
  });
  fmt::print("no-op tasks, memory store; echo with 64 in flight: {:.0f}/s a system call for each, {:.0f}/s coalesced\n",
             median(single), median(coalesced));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Series& each = all[i];
    each.tell("memory");
    std::vector<double> beside_single, beside_coalesced;
    for (std::size_t round = 0; round < each.rates.size(); ++round) {
      beside_single.push_back(single[round * all.size() + i]);
      beside_coalesced.push_back(coalesced[round * all.size() + i]);
    }
    const auto ratio = [&](std::vector<double> bare) {
      for (std::size_t round = 0; round < bare.size(); ++round) bare[round] = each.rates[round] / bare[round];
      return median(std::move(bare));
    };
    fmt::print("{:<14} of that echo: {:.2f} and {:.2f}\n", "", ratio(beside_single), ratio(beside_coalesced));
    record({"pool", each.what + ", beside single", "/s"}, each.rates, beside_single);
    record({"pool", each.what + ", beside coalesced", "/s"}, each.rates, beside_coalesced);
  }
}

void milliseconds(const std::string& store, const StoreOptions& options, const Size& size) {
  const Pool pool;
  PoolNode node(options, pool);
  const auto measure = [&](const std::string& what, const std::vector<Work>& works, double ideal) {
    Series series{what};
    int tasks = 0;
    for (const Work& work : works) tasks += work.count;
    node.drain(works);  // how long such tasks take is learnt from those before
    for (int i = 0; i < size.rounds; ++i) series.add(tasks, node.drain(works));
    series.tell(store);
    const std::vector<double> ideals(series.rates.size(), ideal);
    fmt::print("{:<14} of the ideal {:.0f}/s: {:.2f}\n", "", ideal, median(series.rates) / ideal);
    record({"tasks of 1 ms", store + ", " + what, "/s"}, series.rates, ideals);
  };
  fmt::print("tasks of 1 ms, {}\n", store);
  const double cpu_ideal = pool.cpu_hosts * 1000.0;
  const double io_ideal = pool.io_workers * 1000.0;
  const auto busy = [&](int tasks) { return Work{"bench.busy", std::max(10, tasks), "[1000]", "1000"}; };
  const auto sleep = [&](int tasks) { return Work{"bench.sleep", tasks, "[1]", "1"}; };
  measure("cpu, 1 ms", {busy(size.tasks / 50)}, cpu_ideal);
  measure("io, 1 ms", {sleep(size.tasks / 2)}, io_ideal);
  // So many of each kind that both would be done at the same time.
  measure("mixed, 1 ms", {busy(size.tasks / 100), sleep(size.tasks / 2)}, cpu_ideal + io_ideal);
}

void hosts(const Size& size) {
  const int tasks = size.tasks / 2;
  fmt::print("no-op cpu tasks, memory store, by cpu hosts\n");
  for (const int count : {1, 2, 4, 8, 16, 32, 64}) {
    PoolNode node(memory(), {.cpu_hosts = count});
    Series series{fmt::format("{} hosts", count)};
    node.drain({{"bench.cpu", tasks / 10}});
    for (int i = 0; i < size.rounds; ++i) series.add(tasks, node.drain({{"bench.cpu", tasks}}));
    series.tell("memory");
    const auto place = static_cast<double>(count);
    record({"cpu hosts", "drain", "/s", place}, series.rates);
    record({"cpu hosts", "node", "us", place}, series.node);
  }
}

void over(const std::string& store, const std::string& url, const Size& size) {
  fmt::print("no-op tasks, {}\n", store);
  {
    PoolNode node({.url = url}, {});
    for (const Series& each : drain_all(node, size, [] {})) {
      each.tell(store);
      record({"pool, " + store, each.what, "/s"}, each.rates);
    }
  }
  if (!size.one_kind) milliseconds(store, {.url = url}, size);
}

void sqlite(const Size& size) {
  const test::TempDir folder;
  over("SQLite", "sqlite://" + (folder / "store.db").string(), size);
}

void redis(const Size& size) {
#ifdef FLOWRRA_WITH_REDIS
  const test::RedisServer server;
  over("Redis", server.url(), size);
#else
  static_cast<void>(size);
#endif
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 4);
  using namespace flowrra::bench;
  Size size;
  size.tasks = flowrra::bench::count_at(argc, argv, 1, size.tasks);
  size.rounds = flowrra::bench::count_at(argc, argv, 2, size.rounds);
  const std::string parts = name_at(argc, argv, 3, {"all", "no-op", "millisecond", "hosts", "sqlite", "redis"});
  size.one_kind = argc > 4;
  if (size.one_kind) size.kinds = {name_at(argc, argv, 4, {"cpu", "io", "blocking", "mixed"})};
  const auto wanted = [&](const char* part) { return parts == "all" || parts == part; };
  if (wanted("no-op")) no_ops(size);
  if (wanted("millisecond")) milliseconds("memory", memory(), size);
  if (wanted("hosts")) hosts(size);
  if (wanted("sqlite")) sqlite(size);
  if (wanted("redis")) redis(size);
  return 0;
}
