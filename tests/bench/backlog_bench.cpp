// What a backlog costs: a take behind tasks that the node cannot run beside a take behind none, and the whole of a
// drain with a backlog of a million beside one of a thousand, per task. On a SQLite store through Broker::exchange.
//
// usage: backlog_bench [foreign = 1000000] [rounds = 5]

#include <fmt/core.h>

#include "bench/bare.hpp"
#include "store/open/open.hpp"
#include "support/must.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kBatch = 256;

class Queue {
 public:
  Queue() : store_(test::must(open_store({.url = "sqlite://" + (folder_ / "store.db").string()}))) {
    Session session;
    session.id = session.node = "bench";
    if (!store_->directory().open_session(session, 1h)) std::abort();
  }

  void push(const std::string& name, int tasks) {
    for (int done = 0; done < tasks; done += 1000) {
      std::vector<NewTask> some(static_cast<std::size_t>(std::min(1000, tasks - done)));
      for (NewTask& task : some) {
        task.id = new_ulid(system_clock());
        task.name = name;
        task.args = kArgs;
      }
      test::must(store_->broker().push(some, 1'000'000'000));
    }
  }

  // Takes and settles so many tasks of the name; microseconds a task.
  double drain(const std::string& name, int tasks) {
    ExchangeRequest turn;
    turn.take = TakeRequest{"bench", "bench", {"default"}, {{kBatch, {name}}}};
    return seconds_of([&] {
             for (int done = 0; done < tasks;) {
               turn.take->wants.front().limit = std::min(kBatch, tasks - done);
               auto answer = test::must(store_->broker().exchange(turn));
               turn.settlements.clear();
               for (LeasedTask& leased : answer.taken) {
                 Settlement success;
                 success.lease = std::move(leased.lease);
                 success.result = std::move(leased.task.args);
                 turn.settlements.push_back(std::move(success));
               }
               done += static_cast<int>(turn.settlements.size());
             }
             turn.take.reset();
             test::must(store_->broker().exchange(turn));
           }) *
           1e6 / tasks;
  }

 private:
  test::TempDir folder_;
  std::unique_ptr<Store> store_;
};

// Both drains alternate on two stores that differ in what stands in front.
void compare(const char* what, Queue& light, Queue& heavy, int tasks, int rounds, bool push) {
  std::vector<double> a, b;
  for (int i = 0; i < rounds; ++i) {
    if (push) light.push("mine", tasks);
    if (push) heavy.push("mine", tasks);
    a.push_back(light.drain("mine", tasks));
    b.push_back(heavy.drain("mine", tasks));
  }
  fmt::print("{}: {:.1f} against {:.1f} us a task, ratio {:.2f}\n", what, median(b), median(a), median(b) / median(a));
}

void run(int backlog, int rounds) {
  {
    Queue light, heavy;
    heavy.push("foreign", backlog);
    compare("a take behind others' tasks and behind none", light, heavy, 10'000, rounds, true);
  }
  Queue light, heavy;
  heavy.push("mine", backlog);
  std::vector<double> a, b;
  for (int i = 0; i < rounds; ++i) {
    light.push("mine", 1000);
    a.push_back(light.drain("mine", 1000));
    b.push_back(heavy.drain("mine", 10'000));
  }
  fmt::print("a drain of a backlog of {} and of 1000: {:.1f} against {:.1f} us a task, ratio {:.2f}\n", backlog,
             median(b), median(a), median(b) / median(a));
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::run(argc > 1 ? std::atoi(argv[1]) : 1'000'000, argc > 2 ? std::atoi(argv[2]) : 5);
  return 0;
}
