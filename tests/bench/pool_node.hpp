#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/id.hpp"
#include "bench/rates.hpp"
#include "node/node.hpp"
#include "store/open/open.hpp"
#include "unit/node/wrapped_store.hpp"

namespace flowrra::bench {

[[noreturn]] inline void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::_Exit(1);
}

template <typename T>
T must(Result<T> result) {
  if (!result) give_up(result.error().message);
  return *std::move(result);
}
inline void must(const Status& status) {
  if (!status) give_up(status.error().message);
}

inline std::filesystem::path build_folder() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../..").lexically_normal();
}

// What the hosts of a node are to be.
struct Pool {
  int cpu_hosts = 2;
  int io_hosts = 1;
  int io_workers = 100;
  int blocking_threads = 4;
};

// So many tasks of one kind, and what each of them must give.
struct Work {
  std::string task;
  int count = 0;
  std::string args = kArgs;
  std::string result = kArgs.substr(1, kArgs.size() - 2);
};

// What a drain took.
struct Drained {
  double seconds = 0;    // from when the tasks may be taken until the store has the last outcome
  double node_cpu = 0;   // seconds of processor time, of the node
  double hosts_cpu = 0;  // and of its hosts
};

// A whole node in a thread of this process, with its hosts, on a store of its own, results kept. Whatever goes wrong
// ends the program. [one thread, that of the benchmark]
class PoolNode {
 public:
  PoolNode(StoreOptions options, const Pool& pool) : options_(std::move(options)), store_(must(open_store(options_))) {
    must(store_->directory().set_paused(kQueue, true));
    thread_ = std::thread([this, pool] { run(pool); });
    wait([this] { return ready_; });
    (void)drain({{"bench.cpu", 16}, {"bench.io", 16}, {"bench.blocking", 16}});  // all has started then
  }
  PoolNode(const PoolNode&) = delete;
  PoolNode& operator=(const PoolNode&) = delete;
  ~PoolNode() {
    stop_->signal();
    thread_.join();
  }

  // Runs the tasks, all of which wait before the first is taken, mixed as they come.
  Drained drain(const std::vector<Work>& works) {
    push(works);
    const double hosts_before = hosts_cpu();
    const double node_before = node_cpu();
    const auto begin = std::chrono::steady_clock::now();
    must(store_->directory().set_paused(kQueue, false));
    wait([this] { return left_ <= 0; });
    const std::chrono::duration<double> time = end_ - begin;
    const Drained out{time.count(), node_cpu() - node_before, hosts_cpu() - hosts_before};
    must(store_->directory().set_paused(kQueue, true));
    check(works);
    return out;
  }

 private:
  static constexpr const char* kQueue = "default";
  static constexpr int kBatch = 2000;

  void run(const Pool& pool) {
    Loop loop;
    Orphans orphans(loop);
    auto counted = std::make_unique<WrappedStore>(
        must(open_store(options_)),
        [this](Broker& broker, const ExchangeRequest& request) { return exchange(broker, request); });
    Node node(loop, system_clock(), node_options(pool, orphans), std::move(counted), nullptr,
              {.ready =
                   [this] {
                     const std::scoped_lock lock(mutex_);
                     ready_ = true;
                     changed_.notify_one();
                   },
               .stopped = [&loop] { loop.stop(); }});
    Wakeup stop(loop, [&node] { node.drain(); });
    stop_ = &stop;
    node.start();
    loop.run();
  }

  static NodeOptions node_options(const Pool& pool, Orphans& orphans) {
    NodeOptions out;
    out.name = "bench";
    out.queues = {kQueue};
    for (const char* name : {"bench.cpu", "bench.busy", "bench.io", "bench.sleep", "bench.blocking"}) {
      TaskSpec& spec = out.specs.emplace_back();
      spec.name = name;
      spec.kind = spec.name == "bench.cpu" || spec.name == "bench.busy" ? Kind::cpu : Kind::io;
      spec.blocking = spec.name == "bench.blocking";
    }
    out.hosts.program = build_folder() / "bin/flowrra-host";
    out.hosts.plugins = {(build_folder() / "tests/plugins/bench_tasks.so").string()};
    out.hosts.blocking_threads = pool.blocking_threads;
    out.hosts.orphans = &orphans;
    out.cpu_workers = pool.cpu_hosts;
    out.io_hosts = pool.io_hosts;
    out.io_workers = pool.io_workers;
    return out;
  }

  Result<ExchangeAnswer> exchange(Broker& broker, const ExchangeRequest& request) {
    const int nth = ++begun_;
    auto answer = broker.exchange(request);
    {
      const std::scoped_lock lock(mutex_);
      done_ = nth;
      changed_.notify_one();
    }
    if (request.settlements.empty() || !answer) return answer;
    for (std::size_t i = 0; i < request.settlements.size(); ++i) {
      const Settlement& each = request.settlements[i];
      if (each.to == State::pending && answer->settled[i]) continue;  // handed back: it runs later
      if (each.to != State::success || !answer->settled[i]) give_up("a task did not succeed");
      if (--left_ > 0) continue;
      const std::scoped_lock lock(mutex_);
      end_ = std::chrono::steady_clock::now();
      changed_.notify_one();
    }
    return answer;
  }

  void push(const std::vector<Work>& works) {
    std::vector<NewTask> tasks;
    for (const Work& work : works) {
      for (int i = 0; i < work.count; ++i) {
        NewTask& task = tasks.emplace_back();
        task.id = new_ulid(system_clock());
        task.name = work.task;
        task.args = work.args;
      }
    }
    left_ = static_cast<int>(tasks.size());
    int begun = 0;
    for (std::size_t at = 0; at < tasks.size(); at += kBatch) {
      const auto batch = std::span(tasks).subspan(at, std::min<std::size_t>(kBatch, tasks.size() - at));
      begun = begun_;
      for (const PushOutcome outcome : must(store_->broker().push(batch, 100'000'000))) {
        if (outcome != PushOutcome::accepted) give_up("a task was not accepted");
      }
    }
    wait([this, begun] { return done_ > begun; });  // each push wakes the node, which finds the queue paused
  }

  void check(const std::vector<Work>& works) {
    for (const Work& work : works) {
      ListQuery query;
      query.states = {State::success};
      query.name = work.task;
      query.limit = work.count + 1;
      const auto records = must(store_->backend().list(query));
      if (std::ssize(records) != work.count) {
        give_up(fmt::format("{} of {} {} have a result", records.size(), work.count, work.task));
      }
      for (const TaskRecord& record : records) {
        if (record.result != work.result || record.attempt != 1) {
          give_up(fmt::format("{} gave {} in attempt {}", record.name, record.result, record.attempt));
        }
      }
    }
    must(store_->backend().clear());
  }

  template <typename Condition>
  void wait(Condition condition) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::minutes(5), condition)) give_up("the node is not done in five minutes");
  }

  // Seconds of a processor that a process has used; of this one, without the thread that asks.
  static double cpu_of(const std::string& process) {
    double sum = 0;
    std::error_code gone;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/" + process + "/task", gone)) {
      double nanos = 0;
      if (thread.path().filename() == std::to_string(gettid())) continue;
      if (std::ifstream(thread.path() / "schedstat") >> nanos) sum += nanos / 1e9;
    }
    return sum;
  }
  static double node_cpu() { return cpu_of("self"); }
  static double hosts_cpu() {
    double sum = 0;
    for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream children(thread.path() / "children");
      for (std::string child; children >> child;) sum += is_host(child) ? cpu_of(child) : 0;
    }
    return sum;
  }
  // Not so a Redis server.
  static bool is_host(const std::string& process) {
    std::string name;
    std::ifstream("/proc/" + process + "/comm") >> name;
    return name.starts_with("flowrra-");
  }

  StoreOptions options_;
  std::unique_ptr<Store> store_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;                         // guarded by mutex_
  std::chrono::steady_clock::time_point end_;  // guarded by mutex_
  int done_ = 0;                               // guarded by mutex_: number of the last exchange that was answered
  std::atomic<int> begun_ = 0;                 // … that was begun
  std::atomic<int> left_ = 0;                  // tasks without an outcome
  Wakeup* stop_ = nullptr;                     // of the node's loop
  std::thread thread_;
};

}  // namespace flowrra::bench
