// How long a program waits for a task: submit, wait, one after another, by the library, on an idle `flowrra run` of its
// own. In turns with a bare program: on SQLite (durability full) a durable insert, a claim and a durable outcome, and
// five processes that wake each other; on Redis four round trips with the same store work. Once one after another, and
// once with a pause before each, so that everything sleeps. On which processors threads come to run is chance, and
// lasts while they live: several nodes and programs take turns. Prints the quantiles of both.
//
// usage: latency_bench [sqlite|redis|all] [rounds = 3000]

#include <flowrra/flowrra.hpp>
// What is included next is the runtime's, whose names the library's do not meet.
#include <cstdio>
#include <thread>

#include "bench/arguments.hpp"
#include "bench/record.hpp"
#include "bench/ring.hpp"
#include "bench/site.hpp"
#ifdef FLOWRRA_WITH_REDIS
#include "bench/bare_redis.hpp"
#include "support/redis_server.hpp"
#endif

namespace flowrra::bench {
namespace {

constexpr int kWarmUp = 200;
constexpr int kWakeUps = 5;
constexpr int kNodes = 5;                       // one after the other
constexpr int kParts = 2 * kNodes;              // of a run, for the spread
constexpr std::chrono::milliseconds kPause(3);  // the processors have gone to sleep by then

double milliseconds(const std::function<void()>& work) { return seconds_of(work) * 1e3; }

// Of each round.
struct Samples {
  std::vector<double> submit, start, whole, bare;  // the start by the store's clock, since the task was submitted
};

// Tasks of one kind, with a pause before each, and before each turn of the bare program.
struct Series {
  std::string what;
  std::string task;
  int rounds;  // with each node
  int warm_up;
  std::chrono::milliseconds pause;
  Samples samples = {};
};

void measure(App& app, Series& series, const std::function<void()>& bare) {
  Samples& samples = series.samples;
  for (int i = -series.warm_up; i < series.rounds; ++i) {
    std::string id;
    std::this_thread::sleep_for(series.pause);
    const double submit = milliseconds([&] { id = app.submit(series.task, args(i)); });
    double start = 0;
    const double wait = milliseconds([&] {
      const TaskResult result = app.wait(id);
      if (result.value<int>() != i || !result.started_at) std::abort();
      start = std::chrono::duration<double, std::milli>(*result.started_at - result.submitted_at).count();
    });
    std::this_thread::sleep_for(series.pause);
    const double alone = milliseconds(bare);
    if (i < 0) continue;
    samples.submit.push_back(submit);
    samples.start.push_back(start);
    samples.whole.push_back(submit + wait);
    samples.bare.push_back(alone);
  }
}

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

// Of each part of a run; of the whole where a part is too short for it.
std::vector<double> quantiles(const std::vector<double>& values, double share) {
  const auto parts = static_cast<std::size_t>(static_cast<double>(values.size()) * (1 - share) < kParts ? 1 : kParts);
  std::vector<double> out;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto at = [&](std::size_t index) {
      return values.begin() + static_cast<std::ptrdiff_t>(values.size() * index / parts);
    };
    out.push_back(quantile({at(part), at(part + 1)}, share));
  }
  return out;
}

void tell(const Series& series) {
  const std::string& what = series.what;
  const Samples& samples = series.samples;
  std::printf("%-20s", what.c_str());
  for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p99", 0.99}, {"p99.9", 0.999}}) {
    const double whole = quantile(samples.whole, share);
    const double bare = quantile(samples.bare, share);
    std::printf("  %s %6.3f ms, bare %6.3f, %5.2f", name, whole, bare, whole / bare);
    record({"latency", what, "ms", share * 100}, quantiles(samples.whole, share), quantiles(samples.bare, share));
    record({"latency", what + ", submit", "ms", share * 100}, quantiles(samples.submit, share));
    record({"latency", what + ", start", "ms", share * 100}, quantiles(samples.start, share));
  }
  std::printf("  (submit p50 %.3f, start %.3f)\n", quantile(samples.submit, 0.5), quantile(samples.start, 0.5));
}

void with_nodes(const Site& site, const std::string& store, int rounds, const std::function<void()>& bare) {
  const int at_once = std::max(1, rounds / kNodes);
  const int with_pauses = std::max(1, rounds / kNodes / 5);
  std::vector<Series> all;
  for (const std::string kind : {"io", "cpu"}) {
    const std::string task = kind == "io" ? "typed.later" : "typed.number";
    all.push_back({store + ", " + kind, task, at_once, kWarmUp, {}});
    all.push_back({store + ", " + kind + ", pauses", task, with_pauses, kWarmUp / 10, kPause});
  }
  for (int i = 0; i < kNodes; ++i) {
    const auto node = site.node();
    App app(Config::load(site.path("flowrra.toml")));
    for (Series& each : all) measure(app, each, bare);
    Site::stop(*node);
  }
  for (const Series& each : all) tell(each);
}

void sqlite(int rounds) {
  const Ring ring(kWakeUps);
  const Site site({}, "sqlite://store.db", "typed.so");
  BareSqlite bare(site.path("bare.db"));
  std::vector<double> wake_ups;
  with_nodes(site, "sqlite", rounds, [&] {
    bare.one_life();
    wake_ups.push_back(milliseconds([&] { ring.turn(); }));
  });
  std::printf("%d bare wake-ups: p50 %.3f ms\n", kWakeUps, quantile(wake_ups, 0.5));
}

#ifdef FLOWRRA_WITH_REDIS
void redis(int rounds) {
  const test::RedisServer server;
  const Site site({}, server.url(), "typed.so");
  BareRedis bare(server.port());
  with_nodes(site, "redis", rounds, [&] { bare.one_life(); });
}
#endif

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 2);
  const std::string kind = flowrra::bench::name_at(argc, argv, 1, {"all", "sqlite", "redis"});
  const int rounds = flowrra::bench::count_at(argc, argv, 2, 3000);
  try {
    if (kind != "redis") flowrra::bench::sqlite(rounds);
#ifdef FLOWRRA_WITH_REDIS
    if (kind != "sqlite") flowrra::bench::redis(rounds);
#endif
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
