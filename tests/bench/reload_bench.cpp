// A node under load is told to load its plugins anew, again and again: how fast it works before and meanwhile, the
// longest time without a result, how long a reload takes. The load is as many cpu tasks of 200 us as io tasks of 12 ms,
// which all wait at the beginning, in SQLite (durability full) or Redis. Fails unless every task succeeds at its first
// attempt.
//
// usage: reload_bench [sqlite | redis | all] [tasks of each kind = 50000] [reloads = 10]

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "bench/arguments.hpp"
#include "bench/await_ended.hpp"
#include "bench/record.hpp"
#include "bench/site.hpp"
#include "store/open/open.hpp"
#include "support/must.hpp"
#ifdef FLOWRRA_WITH_REDIS
#include "support/redis_server.hpp"
#endif

namespace flowrra::bench {
namespace {

// From one moment to another.
struct Span {
  WallTime begin, end;
};

double seconds(Micros time) { return static_cast<double>(time.count()) / 1e6; }

// When each task ended, in order.
class Ends {
 public:
  explicit Ends(std::vector<WallTime> times) : times_(std::move(times)) { std::ranges::sort(times_); }

  [[nodiscard]] double rate(const std::vector<Span>& spans) const {
    double count = 0;
    double time = 0;
    for (const Span& span : spans) {
      count += static_cast<double>(first_from(span.end) - first_from(span.begin));
      time += seconds(span.end - span.begin);
    }
    return count / time;
  }
  // The longest time in the span without an end, in milliseconds.
  [[nodiscard]] double gap(const Span& span) const {
    Micros longest{0};
    WallTime last = span.begin;
    for (auto at = first_from(span.begin); at != times_.end() && *at < span.end; ++at) {
      longest = std::max(longest, *at - last);
      last = *at;
    }
    return seconds(std::max(longest, span.end - last)) * 1e3;
  }

 private:
  using At = std::vector<WallTime>::const_iterator;
  [[nodiscard]] At first_from(WallTime time) const { return std::ranges::lower_bound(times_, time); }
  std::vector<WallTime> times_;
};

class Load {
 public:
  // The store is the site's own where it has no URL.
  Load(const std::string& url, int tasks)
      : site_("cpu_workers = 2\n", url.empty() ? "sqlite://store.db" : url, "bench_tasks.so"),
        tasks_(tasks),
        store_(test::must(open_store({.url = url.empty() ? "sqlite://" + site_.path("store.db") : url}))) {
    test::must(store_->directory().set_paused("default", true));
    submit("bench.busy", "200");
    submit("bench.sleep", "12");
  }

  [[nodiscard]] const Site& site() const { return site_; }
  void begin() { test::must(store_->directory().set_paused("default", false)); }

  // Waits until so many more hundredths of the load have ended.
  void go_on(int hundredths) {
    hundredths_ += hundredths;
    await_ended(*store_, std::int64_t{2} * tasks_ * hundredths_ / 100);
  }

  // Waits until all have ended.
  Ends ends() {
    std::vector<WallTime> out;
    await_ended(*store_, std::int64_t{2} * tasks_);
    for (const auto& [task, result] : {std::pair("bench.busy", "200"), std::pair("bench.sleep", "12")}) {
      ListQuery query;
      query.name = task;
      query.limit = tasks_ + 1;
      const auto records = test::must(store_->backend().list(query));
      if (std::ssize(records) != tasks_) Site::fail(fmt::format("{} of {} {} are there", records.size(), tasks_, task));
      for (const TaskRecord& record : records) {
        if (record.state != State::success || record.attempt != 1 || record.result != result) {
          Site::fail(fmt::format("{} {} is {} in attempt {}", task, record.id, name(record.state), record.attempt));
        }
        out.push_back(*record.finished_at);
      }
    }
    return Ends(std::move(out));
  }

 private:
  void submit(const std::string& task, const std::string& argument) {
    std::ofstream lines(site_.path(task));
    for (int i = 0; i < tasks_; ++i) lines << "{\"args\":[" << argument << "]}\n";
    lines.close();
    (void)site_.run(Site::flowrra(), {"submit", task, "--batch", site_.path(task)});
  }

  Site site_;
  int tasks_;
  int hundredths_ = 0;  // that have ended
  std::unique_ptr<Store> store_;
};

void reloads(const std::string& store, const std::string& url, int tasks, int count) {
  constexpr int kWarmUp = 5;  // hundredths of the load
  constexpr int kWithout = 15;
  Load load(url, tasks);
  const auto node = load.site().node();
  load.begin();
  load.go_on(kWarmUp);
  const WallTime begin = system_clock().wall();
  load.go_on(kWithout);
  const Span before{begin, system_clock().wall()};
  std::vector<Span> meanwhile;
  std::vector<double> took;
  for (int i = 0; i < count; ++i) {
    const WallTime asked = system_clock().wall();
    took.push_back(load.site().run(Site::flowrra(), {"reload"}) * 1e3);
    meanwhile.push_back({asked, system_clock().wall()});
    load.go_on(1);
  }
  const Ends ends = load.ends();
  Site::stop(*node);
  const double rate_before = ends.rate({before});
  const double rate_meanwhile = ends.rate(meanwhile);
  const double gap_before = ends.gap(before);
  const double gap_meanwhile = ends.gap({meanwhile.front().begin, meanwhile.back().end});
  fmt::print("{}, {} reloads of a node under load: {:.0f} ms each (of `flowrra reload`); {} tasks, all done once\n",
             store, count, median(took), 2 * tasks);
  fmt::print("before: {:6.0f} tasks/s, at most {:.0f} ms without a result\n", rate_before, gap_before);
  fmt::print("during: {:6.0f} tasks/s, at most {:.0f} ms without a result; {:.2f} of the rate before\n", rate_meanwhile,
             gap_meanwhile, rate_meanwhile / rate_before);
  record({"reload", store + ", rate", "/s"}, {rate_meanwhile}, {rate_before});
  record({"reload", store + ", longest gap", "ms"}, {gap_meanwhile}, {gap_before});
  record({"reload", store + ", command", "ms"}, took);
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 3);
  const std::string kind = flowrra::bench::name_at(argc, argv, 1, {"all", "sqlite", "redis"});
  const int tasks = flowrra::bench::count_at(argc, argv, 2, 50'000);
  const int count = flowrra::bench::count_at(argc, argv, 3, 10);
  if (kind != "redis") flowrra::bench::reloads("sqlite", {}, tasks, count);
#ifdef FLOWRRA_WITH_REDIS
  if (kind == "sqlite") return 0;
  const flowrra::test::RedisServer server;
  flowrra::bench::reloads("redis", server.url(), tasks, count);
#endif
  return 0;
}
