// What one `flowrra submit` costs as a whole process, beside a C program that opens a database and inserts one row
// durably (bare_insert): alone, with an idle node beside it, after 10,000 others; how 32 that submit at once share; and
// `submit --batch` beside bare inserts in batches.
//
// usage: submit_bench [rounds = 200] [lines of a batch = 100000]

#include <fmt/core.h>

#include <thread>

#include "bench/arguments.hpp"
#include "bench/query.hpp"
#include "bench/record.hpp"
#include "bench/site.hpp"

namespace flowrra::bench {
namespace {

const std::vector<std::string> kSubmit{"submit", "faulty.cpu_echo", "1"};

constexpr int kWarmUp = 5;

std::string bare_program() { return Site::build() / "tests/bin/bare_insert"; }

std::string bare_store(const Site& site) {
  const BareSqlite made(site.path("bare.db"));
  return site.path("bare.db");
}

// Every submission that ended well is in the store.
void expect_rows(const std::string& database, std::int64_t rows) {
  const std::int64_t found = query(database, "SELECT count(*) FROM task");
  if (found != rows) Site::fail(fmt::format("{} has {} tasks, and {} were submitted", database, found, rows));
}

void pair_of_processes(const char* when, const Site& site, const std::string& database, int rounds) {
  std::vector<double> flowrra, bare;
  for (int i = -kWarmUp; i < rounds; ++i) {
    const double a = site.run(Site::flowrra(), kSubmit);
    const double b = site.run(bare_program(), {database});
    if (i < 0) continue;
    flowrra.push_back(a * 1e3);
    bare.push_back(b * 1e3);
  }
  fmt::print("submit, {:<22} {:6.2f} ms, bare {:6.2f} ms, ratio {:.2f}\n", when, median(flowrra), median(bare),
             median(flowrra) / median(bare));
  record({"submit", fmt::format("one process, {}", when), "ms"}, flowrra, bare);
}

struct AtOnce {
  double rate = 0;   // a second
  double worst = 0;  // ms that one of them took
};

// `writers` threads that each start one process after another.
AtOnce at_once(const Site& site, const std::string& program, const std::vector<std::string>& arguments, int writers,
               int each) {
  std::vector<double> worst(static_cast<std::size_t>(writers), 0);
  const double seconds = seconds_of([&] {
    std::vector<std::thread> threads;
    threads.reserve(worst.size());
    for (double& mine : worst) {
      threads.emplace_back([&] {
        for (int i = 0; i < each; ++i) mine = std::max(mine, site.run(program, arguments));
      });
    }
    for (auto& thread : threads) thread.join();
  });
  return {writers * each / seconds, *std::ranges::max_element(worst) * 1e3};
}

// One that submits after the other, then 32 at once, and the same with the bare program, in turns. Returns how many
// each has submitted.
int many_at_once(const Site& site, const std::string& database, int rounds) {
  constexpr int kTurns = 5;
  constexpr int kWriters = 32;
  const int alone = std::max(8, rounds / 2);
  const int each = std::max(2, rounds / 16);
  std::vector<double> one, many, worst, bare_many, bare_worst, bare_times;
  for (int i = 0; i < kTurns; ++i) {
    one.push_back(at_once(site, Site::flowrra(), kSubmit, 1, alone).rate);
    const AtOnce ours = at_once(site, Site::flowrra(), kSubmit, kWriters, each);
    many.push_back(ours.rate);
    worst.push_back(ours.worst);
    const double bare_one = at_once(site, bare_program(), {database}, 1, alone).rate;
    const AtOnce bare = at_once(site, bare_program(), {database}, kWriters, each);
    bare_many.push_back(bare.rate);
    bare_worst.push_back(bare.worst);
    bare_times.push_back(bare.rate / bare_one);
  }
  fmt::print("processes that submit: 1 {:.0f}/s, {} {:.0f}/s, ratio {:.2f}, longest wait {:.0f} ms\n", median(one),
             kWriters, median(many), median(many) / median(one), median(worst));
  fmt::print("bare programs: {} {:.0f}/s, ratio {:.2f}, longest wait {:.0f} ms\n", kWriters, median(bare_many),
             median(bare_times), median(bare_worst));
  record({"submit", "32 processes", "/s"}, many, one);
  record({"submit", "32 processes, worst wait", "ms"}, worst, bare_worst);
  record({"submit", "32 processes beside bare", "/s"}, many, bare_many);
  return kTurns * (alone + kWriters * each);
}

void batches(int tasks, int rounds) {
  std::vector<double> rates, bare_rates, ratios;
  for (int i = 0; i < rounds; ++i) {
    const Site site;
    const std::string file = site.batch_file(tasks);
    const double flowrra = tasks / site.run(Site::flowrra(), {"submit", "faulty.cpu_echo", "--batch", file});
    expect_rows(site.path("store.db"), tasks);
    BareSqlite bare(site.path("bare.db"));
    rates.push_back(flowrra);
    bare_rates.push_back(per_second(tasks, [&] { bare.push_all(tasks, 2000); }));
    ratios.push_back(flowrra / bare_rates.back());
  }
  fmt::print("submit --batch                 {:8.0f}/s, ratio to bare inserts {:.2f}\n", median(rates), median(ratios));
  record({"submit", "--batch", "/s"}, rates, bare_rates);
}

void run(int rounds, int batch) {
  const Site site;
  constexpr int kMany = 10'000;
  const std::string store = site.path("store.db");
  const std::string database = bare_store(site);
  pair_of_processes("no node", site, database, rounds);
  {
    const auto node = site.node();
    const OpenDatabase bare(database);  // who opens a database that nobody has open reads its WAL: neither of them does
    if (bare.query("SELECT count(*) FROM task") != rounds + kWarmUp) Site::fail("the bare program has lost a task");
    pair_of_processes("with a node", site, database, rounds);
    Site::stop(*node);
  }
  (void)site.run(Site::flowrra(), {"submit", "faulty.cpu_echo", "--batch", site.batch_file(kMany)});
  pair_of_processes("after 10,000", site, database, rounds);
  const int pairs = 3 * (rounds + kWarmUp);
  expect_rows(store, pairs + kMany);
  const int more = many_at_once(site, database, rounds);
  expect_rows(store, pairs + kMany + more);
  expect_rows(database, pairs + more);
  batches(batch, 3);
}

}  // namespace
}  // namespace flowrra::bench

int main(int argc, char** argv) {
  flowrra::bench::at_most(argc, argv, 2);
  flowrra::bench::run(flowrra::bench::count_at(argc, argv, 1, 200), flowrra::bench::count_at(argc, argv, 2, 100'000));
  return 0;
}
