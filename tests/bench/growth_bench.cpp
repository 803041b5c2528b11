// What much of everything costs: a task's push and its take + settle beside 1,000 to 10,000,000 tasks that wait in
// front of it, that wait but are of another name, and that have ended. Beside each stands a store of the same kind with
// 1,000 of them, in turns. Through Broker::exchange, SQLite with durability full, Redis on a server of its own; there
// also tasks of two names that come in turns, and what the same costs a bare program that pipelines plain commands.
//
// usage: growth_bench [sqlite|redis|all] [largest = 1000000] [rounds = 50]

#include <fmt/core.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#ifdef FLOWRRA_WITH_REDIS
#include "bench/bare_redis.hpp"
#endif
#include "bench/processors.hpp"
#include "bench/record.hpp"
#include "bench/store_under_test.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::bench {
namespace {

constexpr int kFewest = 1000;
constexpr int kBatch = 256;

// A server that has made a table twice as large moves it by and by, a bucket with each look into it. Looked at so often
// here that all is moved: the growing is the cost of the tasks that came, not of those that are measured.
void settle(const test::RedisServer& server, int tasks) {
  constexpr int kLooks = 500'000;  // a part of a second
  const std::string looks =
      "for _, key in ipairs(redis.call('KEYS', '*')) do local kind = redis.call('TYPE', key).ok "
      "local look = kind == 'hash' and 'HEXISTS' or kind == 'zset' and 'ZSCORE' or kind == 'set' and 'SISMEMBER' "
      "for _ = 1, look and ARGV[1] or 0 do redis.call(look, key, '?') end end";
  for (int looked = 0; looked < tasks; looked += kLooks) {
    server.cli({"EVAL", looks, "0", std::to_string(std::min(kLooks, tasks))});
  }
}

// A store and where it is. Filled by and by.
class Heap {
 public:
  // Of tasks with these names in turns.
  explicit Heap(const std::string& kind, StoreUnderTest::Names names = {"noop"}) : names_(std::move(names)) {
    if (kind == "redis") server_.emplace();
    if (server_) settle_on_processors(server_->pid());
    store_.emplace(server_ ? server_->url() : "sqlite://" + (folder_ / "store.db").string());
  }
  StoreUnderTest& store() { return *store_; }

  // Until so many tasks wait, or have ended. What is still to be written is written then.
  void fill(State state, int tasks) {
    constexpr int kPart = 100'000;
    while (filled_ < tasks) {
      const int part = std::min(kPart, tasks - filled_);
      store_->push_all(part, 1000, names_);
      if (state == State::success) store_->drain_all(part, 1000, names_);
      filled_ += part;
    }
    if (store_->count(state) != tasks) throw std::runtime_error("the store counts otherwise");
    if (server_) settle(*server_, tasks);
    if (!server_) ::sync();
  }

  // What the store takes, bytes.
  double size() {
    if (!server_) return static_cast<double>(std::filesystem::file_size(folder_ / "store.db"));
    const std::string info = server_->cli({"INFO", "memory"});
    return std::strtod(info.c_str() + info.find("used_memory:") + 12, nullptr);
  }

 private:
  StoreUnderTest::Names names_;
  test::TempDir folder_;
  std::optional<test::RedisServer> server_;
  std::optional<StoreUnderTest> store_;
  int filled_ = 0;
};

// Microseconds a task, of each round.
struct Cost {
  std::vector<double> push, drain, life;  // the life is both
  std::vector<double> work;  // the processor's, of this process, for both: a disk that is slow hides it from the others
};

double processor_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Some tasks come and go, and leave nothing.
void visit(StoreUnderTest& store, const StoreUnderTest::Names& names, Cost& cost) {
  std::vector<TaskId> ended;
  const double before = processor_seconds();
  cost.push.push_back(seconds_of([&] { store.push_all(kFewest, kBatch, names); }) * 1e6 / kFewest);
  cost.drain.push_back(seconds_of([&] { ended = store.drain_all(kFewest, kBatch, names); }) * 1e6 / kFewest);
  cost.life.push_back(cost.push.back() + cost.drain.back());
  cost.work.push_back((processor_seconds() - before) * 1e6 / kFewest);
  store.forget(ended);
}

double ratio(std::vector<double> of, const std::vector<double>& to) {
  for (std::size_t i = 0; i < of.size(); ++i) of[i] /= to[i];
  return median(of);
}

// Visits of the light and of the heavy store in turns.
template <typename Visit>
void compare(const std::string& what, int tasks, int rounds, const Visit& visit_one) {
  Cost warm_up, few, many;
  for (int i = -rounds / 5; i < rounds; ++i) {
    visit_one(false, i < 0 ? warm_up : few);
    visit_one(true, i < 0 ? warm_up : many);
  }
  record({"growth", what + ", push", "us", tasks}, many.push, few.push);
  record({"growth", what + ", drain", "us", tasks}, many.drain, few.drain);
  record({"growth", what + ", life", "us", tasks}, many.life, few.life);
  record({"growth", what + ", processor", "us", tasks}, many.work, few.work);
  fmt::print(
      "{:<24} {:>9}: push {:6.2f} us a task, {:.2f} of few; drain {:6.2f}, {:.2f}; both {:.2f}; processor {:6.2f}, "
      "{:.2f}\n",
      what, tasks, median(many.push), ratio(many.push, few.push), median(many.drain), ratio(many.drain, few.drain),
      ratio(many.life, few.life), median(many.work), ratio(many.work, few.work));
  std::fflush(stdout);
}

void grow(const std::string& kind, State state, int largest, int rounds) {
  Heap light(kind);
  Heap heavy(kind);
  light.fill(state, kFewest);
  const double empty = light.size();
  const bool waiting = state == State::pending;
  for (int tasks = kFewest; tasks <= largest; tasks *= 10) {
    heavy.fill(state, tasks);
    if (tasks >= 100 * kFewest) {
      const double bytes = (heavy.size() - empty) / (tasks - kFewest);
      const std::string what = kind + (waiting ? ", a task that waits" : ", a task that has ended");
      record({"memory", what, "B", tasks}, bytes);
      fmt::print("{:<24} {:>9}: {:.0f} bytes\n", what, tasks, bytes);
    }
    const auto visits_of = [&](const StoreUnderTest::Names& names) {
      return [&, names](bool many, Cost& cost) { visit(many ? heavy.store() : light.store(), names, cost); };
    };
    compare(kind + (waiting ? ", backlog" : ", results"), tasks, rounds, visits_of({"noop"}));
    if (waiting) compare(kind + ", others' tasks", tasks, rounds, visits_of({"other"}));
  }
}

#ifdef FLOWRRA_WITH_REDIS
// Tasks that are not alike stand one by one where alike ones stand in blocks.
void grow_in_turns(int tasks, int rounds) {
  const StoreUnderTest::Names names{"one", "another"};
  Heap light("redis", names);
  Heap heavy("redis", names);
  light.fill(State::pending, kFewest);
  heavy.fill(State::pending, tasks);
  compare("redis, two names in turns", tasks, rounds,
          [&](bool many, Cost& cost) { visit(many ? heavy.store() : light.store(), names, cost); });
}

// A server with tasks of the bare program.
struct BareHeap {
  test::RedisServer server;
  BareRedis bare{server.port()};

  BareHeap() { settle_on_processors(server.pid()); }
  void fill(State state, int tasks) {
    bare.push_all(tasks, 1000);
    if (state == State::success) bare.drain_all(tasks, 1000);
    settle(server, tasks);
  }
  void visit(Cost& cost) {
    const double before = processor_seconds();
    cost.push.push_back(seconds_of([&] { bare.push_all(kFewest, kBatch); }) * 1e6 / kFewest);
    BareRedis::Words ended;
    cost.drain.push_back(seconds_of([&] { bare.drain_all(kFewest, kBatch, &ended); }) * 1e6 / kFewest);
    cost.life.push_back(cost.push.back() + cost.drain.back());
    cost.work.push_back((processor_seconds() - before) * 1e6 / kFewest);
    bare.forget(ended);
  }
};

void grow_bare(State state, int tasks, int rounds) {
  BareHeap light, heavy;
  light.fill(state, kFewest);
  heavy.fill(state, tasks);
  compare(state == State::pending ? "bare redis, backlog" : "bare redis, results", tasks, rounds,
          [&](bool many, Cost& cost) { (many ? heavy : light).visit(cost); });
}
#endif

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 3);
  const std::string kind = flowrra::bench::name_at(argc, argv, 1, {"all", "sqlite", "redis"});
  const int largest = flowrra::bench::count_at(argc, argv, 2, 1'000'000);
  const int rounds = flowrra::bench::count_at(argc, argv, 3, 50);
  for (const std::string one : {"sqlite", "redis"}) {
#ifndef FLOWRRA_WITH_REDIS
    if (one == "redis") continue;
#endif
    if (kind != "all" && kind != one) continue;
#ifdef FLOWRRA_WITH_REDIS
    if (one == "redis") flowrra::bench::grow_in_turns(std::min(largest, 1'000'000), rounds);
#endif
    for (const auto state : {flowrra::State::pending, flowrra::State::success}) {
      flowrra::bench::grow(one, state, largest, rounds);
#ifdef FLOWRRA_WITH_REDIS
      if (one == "redis") flowrra::bench::grow_bare(state, std::min(largest, 1'000'000), rounds);
#endif
    }
  }
  return 0;
}
