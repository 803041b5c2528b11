// How long a program waits for a task: submit, wait, one after another, by the library, on an idle `flowrra run` of its
// own with a SQLite store (durability full). Prints the quantiles for an io and a cpu task.
//
// usage: latency_bench [rounds = 2000]

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <flowrra/flowrra.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace {

using flowrra::test::Process;
using Clock = std::chrono::steady_clock;

constexpr int kWarmUp = 200;

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

struct Sample {
  double submit;
  double whole;
};

std::vector<Sample> measure(flowrra::App& app, const std::string& task, int rounds) {
  std::vector<Sample> samples;
  for (int i = -kWarmUp; i < rounds; ++i) {
    const auto begin = Clock::now();
    const std::string id = app.submit(task, flowrra::args(i));
    const auto submitted = Clock::now();
    if (app.wait(id).value<int>() != i) std::abort();
    if (i >= 0) samples.push_back({milliseconds(submitted - begin), milliseconds(Clock::now() - begin)});
  }
  return samples;
}

void print(const char* kind, const char* what, const std::vector<Sample>& samples, double Sample::*part) {
  std::vector<double> sorted;
  sorted.reserve(samples.size());
  for (const Sample& sample : samples) sorted.push_back(sample.*part);
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double quantile) {
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(quantile * static_cast<double>(sorted.size())))];
  };
  std::printf("%-4s %-16s p50 %6.3f ms   p99 %6.3f ms   p99.9 %6.3f ms\n", kind, what, at(0.5), at(0.99), at(0.999));
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 2000;
  if (rounds < 1) return std::fputs("usage: latency_bench [rounds]\n", stderr), 2;
  const std::filesystem::path build = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../..";
  const flowrra::test::TempDir folder;
  std::ofstream(folder / "flowrra.toml") << "[broker]\nurl = \"sqlite://store.db\"\n[plugins]\npaths = [\""
                                         << (build / "tests/plugins/typed.so").lexically_normal().string() << "\"]\n";
  const std::string config = (folder / "flowrra.toml").string();
  try {
    Process node({{(build / "bin/flowrra").string(), "run", "--config", config}, {}, {}, folder.path().string()});
    node.wait_for_error_text("ready: ");
    flowrra::App app(flowrra::Config::load(config));
    for (const char* kind : {"io", "cpu"}) {
      const auto samples = measure(app, std::string("typed.") + (*kind == 'i' ? "later" : "number"), rounds);
      print(kind, "submit", samples, &Sample::submit);
      print(kind, "submit -> result", samples, &Sample::whole);
    }
    node.signal(SIGTERM);
    node.wait();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
