// How nodes share a store: 1, 2, 4 and 8 `flowrra run` take the same tasks, which were there before, and begin
// together, as their queue was paused until then. Tells tasks a second from the first start to the last end, beside
// those of one node in the same round; and fails unless each task ran once and has one attempt and its result. On
// SQLite with durability full, and on Redis.
//
// usage: nodes_bench [sqlite|redis|all] [tasks = 100000] [rounds = 3]

#include <fmt/core.h>

#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#include "bench/await_ended.hpp"
#include "bench/record.hpp"
#include "bench/site.hpp"
#include "bench/store_under_test.hpp"
#include "store/open/open.hpp"
#include "support/must.hpp"
#include "support/redis_server.hpp"

namespace flowrra::bench {
namespace {

// The tasks of one round, in a store and a folder of their own.
class Work {
 public:
  Work(const std::string& url, int tasks)
      : site_({}, url.empty() ? "sqlite://store.db" : url, "tally.so"), tasks_(tasks) {
    StoreOptions options;
    options.url = url.empty() ? "sqlite://" + site_.path("store.db") : url;
    store_ = test::must(open_store(options));
    test::must(store_->directory().set_paused("default", true));
  }

  void submit(const std::string& task) {
    std::ofstream lines(site_.path("tally.jsonl"));
    for (int i = 0; i < tasks_; ++i) lines << R"({"args":[")" << site_.path("tally") << "\"," << i << "]}\n";
    lines.close();
    std::ofstream(site_.path("tally")) << std::string(static_cast<std::size_t>(tasks_), '\0');
    (void)site_.run(Site::flowrra(), {"submit", task, "--batch", site_.path("tally.jsonl")});
  }

  double drain(int count) {
    std::vector<std::unique_ptr<test::Process>> nodes;
    nodes.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) nodes.push_back(site_.node());
    test::must(store_->directory().set_paused("default", false));
    await_ended(*store_, tasks_);
    const double rate = look();
    for (auto& node : nodes) node->signal(SIGTERM);
    for (auto& node : nodes) node->wait();
    check();
    return rate;
  }

 private:
  // Tasks a second, by the records.
  double look() {
    ListQuery query;
    query.limit = tasks_ + 1;
    const auto records = test::must(store_->backend().list(query));
    if (static_cast<int>(records.size()) != tasks_) Site::fail(fmt::format("{} tasks are listed", records.size()));
    auto first = *records.front().started_at;
    auto last = *records.front().finished_at;
    for (const TaskRecord& record : records) {
      if (record.state != State::success || record.attempt != 1 || record.result.empty()) Site::fail(record.id);
      first = std::min(first, *record.started_at);
      last = std::max(last, *record.finished_at);
    }
    return tasks_ / std::chrono::duration<double>(last - first).count();
  }

  // What the tasks themselves have counted.
  void check() {
    std::ifstream file(site_.path("tally"), std::ios::binary);
    const std::string tally((std::istreambuf_iterator<char>(file)), {});
    for (const char times : tally) {
      if (times != 1) Site::fail(fmt::format("a task ran {} times", static_cast<int>(times)));
    }
  }

  Site site_;
  int tasks_;
  std::unique_ptr<Store> store_;
};

double with_nodes(const std::string& kind, const std::string& task, int tasks, int nodes) {
  std::optional<test::RedisServer> server;
  if (kind == "redis") server.emplace();
  Work work(server ? server->url() : "", tasks);
  work.submit(task);
  return work.drain(nodes);
}

// The same scripts or statements, without a node: what a loop around Broker::exchange drains.
double without(const std::string& kind, int tasks) {
  constexpr int kBatch = 256;
  const test::TempDir folder;
  std::optional<test::RedisServer> server;
  if (kind == "redis") server.emplace();
  StoreUnderTest store(server ? server->url() : "sqlite://" + (folder / "store.db").string());
  store.push_all(tasks, kBatch);
  return per_second(tasks, [&] { store.drain_all(tasks, kBatch); });
}

void share(const std::string& kind, const std::string& task, int tasks, int rounds) {
  const std::vector<int> counts{1, 2, 4, 8};
  std::map<int, std::vector<double>> rates;
  std::vector<double> bare, ratios;
  for (int i = 0; i < rounds; ++i) {
    bare.push_back(without(kind, tasks));
    for (const int nodes : counts) rates[nodes].push_back(with_nodes(kind, task, tasks, nodes));
    ratios.push_back(rates[1].back() / bare.back());
  }
  const std::string what = kind + ", " + task.substr(6);
  record({"one node", what, "/s"}, rates[1], bare);
  fmt::print("{:<11} one node: {:.2f} of the store without one, {:.0f}/s in batches of 256\n", what, median(ratios),
             median(bare));
  for (const int nodes : counts) {
    record({"nodes", what, "/s", nodes}, rates[nodes], rates[1]);
    fmt::print("{:<11} {} nodes: {:8.0f}/s, {:.2f} of one node\n", what, nodes, median(rates[nodes]),
               median(rates[nodes]) / median(rates[1]));
  }
  std::fflush(stdout);
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 3);
  const std::string kind = flowrra::bench::name_at(argc, argv, 1, {"all", "sqlite", "redis"});
  const int tasks = flowrra::bench::count_at(argc, argv, 2, 100'000);
  const int rounds = flowrra::bench::count_at(argc, argv, 3, 3);
  for (const std::string one : {"sqlite", "redis"}) {
#ifndef FLOWRRA_WITH_REDIS
    if (one == "redis") continue;
#endif
    if (kind != "all" && kind != one) continue;
    for (const char* task : {"tally.io", "tally.cpu"}) flowrra::bench::share(one, task, tasks, rounds);
  }
  return 0;
}
