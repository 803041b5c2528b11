#pragma once

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

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

  // Runs a program to its end, its output thrown away; its seconds. `environment` has the folder's configuration. As a
  // shell does it: threads that run programs at once do not wait for each other's starts, as with start_child().
  [[nodiscard]] double run(const std::string& program, std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program);
    std::vector<std::string> variables = environment();
    const auto line = pointers(arguments);
    const auto names = pointers(variables);
    posix_spawn_file_actions_t to_nowhere;
    posix_spawn_file_actions_init(&to_nowhere);
    for (const int fd : {1, 2}) posix_spawn_file_actions_addopen(&to_nowhere, fd, "/dev/null", O_WRONLY, 0);
    int status = -1;
    const double seconds = seconds_of([&] {
      pid_t pid = 0;
      const bool begun = posix_spawn(&pid, program.c_str(), &to_nowhere, nullptr, line.data(), names.data()) == 0;
      if (begun) waitpid(pid, &status, 0);
    });
    posix_spawn_file_actions_destroy(&to_nowhere);
    if (status != 0) fail(program + " ended with " + std::to_string(status));
    return seconds;
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
  static std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    out.reserve(texts.size() + 1);
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
  }
  [[nodiscard]] std::vector<std::string> environment() const {
    auto out = clean_environment();
    out.push_back("FLOWRRA_CONFIG=" + path("flowrra.toml"));
    out.push_back("XDG_DATA_HOME=" + path("data"));
    return out;
  }
  test::TempDir folder_;
};

}  // namespace flowrra::bench
