// A whole node on a SQLite store, durability full: how fast it drains no-op tasks beside a bare program that does the
// same row work, what it costs while idle, on SQLite and on Redis, and what sleeping io tasks cost.
//
// usage: node_bench [tasks = 100000] [rounds = 3] [drain | idle | asleep]...

#include <fmt/core.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "bench/arguments.hpp"
#include "bench/query.hpp"
#include "bench/record.hpp"
#include "bench/site.hpp"
#ifdef FLOWRRA_WITH_REDIS
#include "support/redis_server.hpp"
#endif

namespace flowrra::bench {
namespace {

using Kinds = std::vector<std::string>;

// Tasks a second from the first start to the last end. The tasks are of the kinds in turns.
double drain(const Site& site, const Kinds& kinds, int tasks) {
  const std::string file = site.path("batch.jsonl");
  std::ofstream lines(file);
  for (int i = 0; i < tasks; ++i) {
    const std::string& kind = kinds[static_cast<std::size_t>(i) % kinds.size()];
    lines << R"({"task":"faulty.)" << kind << R"(_echo","args":)" << kArgs << "}\n";
  }
  lines.close();
  (void)site.run(Site::flowrra(), {"submit", "--batch", file});
  (void)site.run(Site::flowrra(), {"run", "--drain"});
  const auto done = query(site.path("store.db"), "SELECT count(*) FROM task WHERE state = 4");
  if (done != tasks) Site::fail(fmt::format("{} of {} tasks succeeded", done, tasks));
  const auto micros = query(site.path("store.db"), "SELECT max(finished_at) - min(started_at) FROM task");
  return tasks * 1e6 / static_cast<double>(micros);
}

void drains(const std::string& what, const Kinds& kinds, int tasks, int rounds) {
  std::vector<double> rates, bare_rates, ratios;
  for (int i = 0; i < rounds; ++i) {
    const Site site;
    const double node = drain(site, kinds, tasks);
    BareSqlite bare(site.path("bare.db"));
    bare.push_all(tasks, 1000);
    rates.push_back(node);
    bare_rates.push_back(per_second(tasks, [&] { bare.drain_all(tasks, 256); }));
    ratios.push_back(node / bare_rates.back());
  }
  fmt::print("drain of {} {:<9} no-ops {:8.0f}/s, ratio to bare at batch 256: {:.2f}\n", tasks, what, median(rates),
             median(ratios));
  record({"node", "sqlite drain, " + what, "/s"}, rates, bare_rates);
}

struct Use {
  double cpu = 0;  // seconds
  double rss = 0;  // MiB
};

Use use_of(pid_t pid) {
  const std::string process = "/proc/" + std::to_string(pid);
  Use out;
  for (const auto& thread : std::filesystem::directory_iterator(process + "/task")) {
    double nanos = 0;
    if (std::ifstream(thread.path() / "schedstat") >> nanos) out.cpu += nanos / 1e9;
  }
  std::ifstream statm(process + "/statm");
  double pages = 0;
  statm >> pages >> pages;
  out.rss = pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
  return out;
}

// How often each thread of the processes gave up the processor by itself: each time it was woken again.
std::map<std::string, long> waits_of(const std::vector<pid_t>& processes) {
  std::map<std::string, long> out;
  for (const pid_t pid : processes) {
    for (const auto& thread : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
      std::ifstream status(thread.path() / "status");
      for (std::string word; status >> word;) {
        if (word == "voluntary_ctxt_switches:" && status >> word) out[thread.path()] = std::stol(word);
      }
    }
  }
  return out;
}

struct WakeUps {
  double all = 0;      // a second
  double busiest = 0;  // those of one thread
};

WakeUps wake_ups(const std::map<std::string, long>& before, const std::map<std::string, long>& after, int seconds) {
  WakeUps out;
  for (const auto& [thread, waits] : after) {
    const auto earlier = before.find(thread);
    const double rate = static_cast<double>(waits - (earlier == before.end() ? 0 : earlier->second)) / seconds;
    out.all += rate;
    out.busiest = std::max(out.busiest, rate);
  }
  return out;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/task/{}/children", pid, pid));
  std::vector<pid_t> out;
  for (pid_t child = 0; file >> child;) out.push_back(child);
  return out;
}

bool is_io_host(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  const std::string line((std::istreambuf_iterator<char>(file)), {});
  const std::string kind("--kind\0io", 9);
  return line.find(kind) != std::string::npos;
}

// `over`: what stands before the names of the figures.
void idle(const std::string& over, const std::string& url) {
  const Site site({}, url);
  const auto node = site.node();
  constexpr int kSeconds = 30;
  std::vector<pid_t> hosts = children_of(node->pid());
  for (const char* task : {"faulty.io_echo", "faulty.cpu_echo", "faulty.blocking_echo"}) {
    (void)site.run(Site::flowrra(), {"submit", task, "x", "--wait"});  // all has started then
  }
  const double before = use_of(node->pid()).cpu;
  const auto node_before = waits_of({node->pid()});
  const auto hosts_before = waits_of(hosts);
  std::this_thread::sleep_for(std::chrono::seconds(kSeconds));
  const WakeUps node_wakes = wake_ups(node_before, waits_of({node->pid()}), kSeconds);
  const WakeUps hosts_wakes = wake_ups(hosts_before, waits_of(hosts), kSeconds);
  const Use after = use_of(node->pid());
  fmt::print("{}idle: the node wakes {:.2f} times a second, its busiest thread {:.2f}, its hosts together {:.2f}\n",
             over, node_wakes.all, node_wakes.busiest, hosts_wakes.all);
  record({"node", over + "wake-ups while idle", "/s"}, node_wakes.all);
  record({"node", over + "wake-ups of one thread while idle", "/s"}, node_wakes.busiest);
  record({"node", over + "wake-ups of hosts while idle", "/s"}, hosts_wakes.all);
  record({"node", over + "idle", "%"}, (after.cpu - before) / kSeconds * 100);
  record({"node", over + "resident", "MiB"}, after.rss);
  fmt::print("{}idle node: {:.3f} % of a core, {:.1f} MiB; hosts:", over, (after.cpu - before) / kSeconds * 100,
             after.rss);
  for (const pid_t child : hosts) {
    const std::string kind = is_io_host(child) ? "io" : "cpu";
    const double rss = use_of(child).rss;
    record({"node", over + kind + " host resident", "MiB"}, rss);
    fmt::print(" {} {:.1f} MiB", kind, rss);
  }
  fmt::print("\n");
  Site::stop(*node);
}

void idle_on_both() {
  idle("", "sqlite://store.db");
#ifdef FLOWRRA_WITH_REDIS
  const test::RedisServer server;
  idle("Redis, ", server.url());
#endif
}

void asleep(int tasks) {
  const Site site(fmt::format("io_workers = {}\ndrain_timeout = 0\n", tasks + 1));
  const auto node = site.node();
  pid_t host = 0;
  for (const pid_t child : children_of(node->pid())) host = is_io_host(child) ? child : host;
  const double before = use_of(host).rss;
  std::ofstream lines(site.path("sleep.jsonl"));
  for (int i = 0; i < tasks; ++i) lines << "{\"args\":[600000]}\n";
  lines.close();
  (void)site.run(Site::flowrra(), {"submit", "faulty.io_sleep", "--batch", site.path("sleep.jsonl")});
  // One that ends at once, and begins after all others.
  (void)site.run(Site::flowrra(), {"submit", "faulty.io_sleep", "0", "--priority", "1", "--wait"});
  const auto running = query(site.path("store.db"), "SELECT count(*) FROM task WHERE state = 2");
  if (running != tasks) Site::fail(fmt::format("{} of {} tasks sleep", running, tasks));
  const double more = use_of(host).rss - before;
  record({"node", "an io task asleep", "KiB", tasks}, more * 1024 / tasks);
  fmt::print("{} io tasks asleep in one host: {:.1f} MiB more, {:.2f} KiB each\n", tasks, more, more * 1024 / tasks);
  Site::stop(*node);
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  using namespace flowrra::bench;
  const int tasks = flowrra::bench::count_at(argc, argv, 1, 100'000);
  const int rounds = flowrra::bench::count_at(argc, argv, 2, 3);
  std::vector<std::string> parts;
  for (int place = 3; place < argc; ++place) parts.push_back(name_at(argc, argv, place, {"drain", "idle", "asleep"}));
  const auto wanted = [&](const char* name) { return parts.empty() || std::ranges::count(parts, name) > 0; };
  if (wanted("drain")) {
    for (const char* kind : {"cpu", "io", "blocking"}) drains(kind, {kind}, tasks, rounds);
    drains("mixed", {"io", "cpu"}, tasks, rounds);
  }
  if (wanted("idle")) idle_on_both();
  if (wanted("asleep")) {
    for (const int sleepers : {tasks / 10, tasks}) asleep(sleepers);
  }
  return 0;
}
