#pragma once

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/child.hpp"
#include "bench/bare.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::bench {

// A folder with a flowrra.toml, a store and the plugins that benchmarks run, and the programs of this build.
class Site {
 public:
  explicit Site(const std::string& executor = {}, const std::string& url = "sqlite://store.db",
                const std::string& plugin = "faulty.so") {
    std::ofstream(folder_ / "flowrra.toml") << "[broker]\nurl = \"" << url << "\"\n[plugins]\npaths = [\""
                                            << (build() / "tests/plugins" / plugin).string() << "\"]\n[executor]\n"
                                            << executor;
  }

  static std::filesystem::path build() {
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../..").lexically_normal();
  }
  static std::string flowrra() { return build() / "bin/flowrra"; }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ / name; }

  // Runs a program to its end, its output thrown away; its seconds. `environment` has the folder's configuration.
  [[nodiscard]] double run(const std::string& program, std::vector<std::string> arguments) const {
    return seconds_of([&] { finish(start(program, std::move(arguments))); });
  }
  [[nodiscard]] Child start(const std::string& program, std::vector<std::string> arguments) const {
    const UniqueFd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    ChildRequest request{program, std::move(arguments), environment(), {{nowhere.get(), 1}, {nowhere.get(), 2}}};
    auto child = start_child(request);
    if (!child) fail(program + ": " + child.error().message);
    return *std::move(child);
  }
  static void finish(const Child& child) {
    const ChildEnd end = wait_child(child);
    if (end.signalled || end.code != 0) fail("a command " + describe(end));
  }

  // A node of this folder that takes work; SIGTERM and wait() end it.
  [[nodiscard]] std::unique_ptr<test::Process> node(std::vector<std::string> arguments = {}) const {
    std::vector<std::string> line{flowrra(), "run", "--config", path("flowrra.toml")};
    line.insert(line.end(), arguments.begin(), arguments.end());
    auto process = std::make_unique<test::Process>(test::Command{line, {}, {}, folder_.path().string()});
    process->wait_for_error_text("ready: ");
    return process;
  }
  static void stop(test::Process& node) {
    node.signal(SIGTERM);
    node.wait();
  }

  // A batch file with `tasks` lines that name no task, as `flowrra submit TASK --batch` takes it.
  [[nodiscard]] std::string batch_file(int tasks) const {
    std::ofstream out(folder_ / "batch.jsonl");
    for (int i = 0; i < tasks; ++i) out << R"({"args":)" << kArgs << "}\n";
    return folder_ / "batch.jsonl";
  }

  [[noreturn]] static void fail(const std::string& why) {
    fmt::print(stderr, "{}\n", why);
    std::exit(1);
  }

 private:
  [[nodiscard]] std::vector<std::string> environment() const {
    auto out = clean_environment();
    out.push_back("FLOWRRA_CONFIG=" + path("flowrra.toml"));
    out.push_back("XDG_DATA_HOME=" + path("data"));
    return out;
  }
  test::TempDir folder_;
};

}  // namespace flowrra::bench
