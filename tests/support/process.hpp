#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/child.hpp"
#include "base/fd.hpp"

namespace flowrra::test {

// How long anything may take before a test gives up. Generous: it is only reached when something is broken.
inline constexpr std::chrono::seconds kPatience{60};

// A command to run: program and arguments, the environment beside clean_environment(), standard input, a folder.
struct Command {
  std::vector<std::string> line;
  std::vector<std::string> environment;  // "NAME=value"
  std::string input;
  std::string folder;  // empty: this process's own
};

// What a command that has ended left behind.
struct Outcome {
  ChildEnd end;
  std::string out;
  std::string err;

  // The exit code, or 128 + the signal that ended it, as a shell tells it.
  [[nodiscard]] int code() const { return end.signalled ? 128 + end.code : end.code; }
};

// A program that runs in the background, its output kept. Killed, if it still runs, and reaped in any case by the
// destructor. Belongs to one thread.
class Process {
 public:
  // Throws std::runtime_error when it cannot be started.
  explicit Process(const Command& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  virtual ~Process();

  // Waits until the text stands in what was written so far to standard error (or output). Throws, with all that it
  // wrote, when it ends first or the deadline passes.
  void wait_for_error_text(const std::string& text, std::chrono::milliseconds deadline = kPatience);
  void wait_for_output_text(const std::string& text, std::chrono::milliseconds deadline = kPatience);

  void signal(int number) const;
  [[nodiscard]] bool running() const { return !ends_within(std::chrono::milliseconds(0)); }
  // Waits for the end so long; false when it runs on.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds time) const;
  [[nodiscard]] pid_t pid() const { return child_.pid; }

  // Waits for the end. Throws when the deadline passes.
  Outcome wait(std::chrono::milliseconds deadline = kPatience);

  // What it wrote so far.
  [[nodiscard]] std::string out();
  [[nodiscard]] std::string err();

 private:
  struct Stream {
    UniqueFd fd;
    std::string text;
    bool open = true;
  };
  void start(const Command& command);
  void collect();
  bool take(Stream& stream);
  void wait_for(const Stream& stream, const std::string& text, std::chrono::milliseconds deadline);
  void reap();

  Child child_;
  UniqueFd stop_;  // written to when the collector shall read what is there and end
  std::mutex mutex_;
  std::condition_variable changed_;
  Stream out_;         // guarded by mutex_, but for the descriptors
  Stream err_;         // likewise
  bool over_ = false;  // the collector has read all
  std::thread collector_;
  bool reaped_ = false;
  ChildEnd end_;
};

// Runs a command to its end.
Outcome run(const Command& command, std::chrono::milliseconds deadline = kPatience);

}  // namespace flowrra::test
