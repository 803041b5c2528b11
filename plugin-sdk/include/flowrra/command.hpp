#pragma once

// A program to run, and how it ended.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flowrra/io_context.hpp"

namespace flowrra::inline sdk {

// A program with its arguments, as they are: no shell reads them. A name without a slash is looked up in PATH. The
// program has the environment of the host, which a node keeps small, and nothing to read unless input() says what.
//
//   flowrra::Command command("convert", from, "-resize", "50%", to);
//   command.directory("/srv/pictures").lines([&](std::string_view line) { ctx.info(line); });
class Command {
 public:
  using Receiver = std::function<void(std::string_view text)>;

  template <class... Args>
  explicit Command(std::string program, Args&&... args) : argv_{std::move(program)} {
    (arg(std::forward<Args>(args)), ...);
  }

  Command& arg(std::string text) {
    argv_.push_back(std::move(text));
    return *this;
  }
  Command& arg(const char* text) { return arg(std::string(text)); }
  Command& arg(const std::filesystem::path& path) { return arg(path.native()); }
  Command& args(const std::vector<std::string>& more) {
    argv_.insert(argv_.end(), more.begin(), more.end());
    return *this;
  }
  // Where it runs; else in the host's folder.
  Command& directory(std::filesystem::path folder) {
    directory_ = std::move(folder);
    return *this;
  }
  // A variable of its environment, beside the host's.
  Command& set(const std::string& name, std::string value) {
    environment_[name] = std::move(value);
    return *this;
  }
  // What it reads from its standard input.
  Command& input(std::string text) {
    input_ = std::move(text);
    return *this;
  }
  // How much of each output is kept in Exit, in bytes: the last so many. 1 MiB unless said otherwise.
  Command& keep(std::size_t bytes) {
    keep_ = bytes;
    return *this;
  }

  // Receives standard output as it comes, which is then not kept: line by line without the line's end (a line of more
  // than 64 KiB in parts), or in chunks. Runs on the loop: it is quick. What it throws ends the program, then the
  // await.
  template <class F>
  Command& lines(F&& receiver) {
    FLOWRRA_CHECK_LAMBDA_(F);
    return receive(output_, std::forward<F>(receiver), true);
  }
  template <class F>
  Command& chunks(F&& receiver) {
    FLOWRRA_CHECK_LAMBDA_(F);
    return receive(output_, std::forward<F>(receiver), false);
  }
  // The same for standard error, by lines.
  template <class F>
  Command& error_lines(F&& receiver) {
    FLOWRRA_CHECK_LAMBDA_(F);
    return receive(errors_, std::forward<F>(receiver), true);
  }

  struct Stream {
    Receiver receiver;
    bool by_lines = false;
  };
  [[nodiscard]] const std::vector<std::string>& argv() const { return argv_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return directory_; }
  [[nodiscard]] const std::map<std::string, std::string>& environment() const { return environment_; }
  [[nodiscard]] const std::optional<std::string>& given_input() const { return input_; }
  [[nodiscard]] std::size_t kept() const { return keep_; }
  [[nodiscard]] const Stream& output() const { return output_; }
  [[nodiscard]] const Stream& errors() const { return errors_; }

 private:
  template <class F>
  Command& receive(Stream& stream, F&& receiver, bool by_lines) {
    stream = {Receiver(std::forward<F>(receiver)), by_lines};
    return *this;
  }

  std::vector<std::string> argv_;
  std::filesystem::path directory_;
  std::map<std::string, std::string> environment_;
  std::optional<std::string> input_;
  std::size_t keep_ = std::size_t{1} << 20;
  Stream output_;
  Stream errors_;
};

// How a program ended. True where it exited with 0.
struct Exit {
  int code = 0;             // of exit(); 0 when a signal ended it
  int signal = 0;           // that ended it, or 0
  std::string out;          // standard output, where nobody received it
  std::string err;          // standard error, likewise
  std::size_t dropped = 0;  // bytes of both that were not kept

  explicit operator bool() const { return code == 0 && signal == 0; }
  // "exited with code 3: last line of standard error", "was ended by signal 9"
  [[nodiscard]] std::string text() const {
    if (signal != 0) return "was ended by signal " + std::to_string(signal);
    const std::string said = code == 0 ? "" : last_line();
    return "exited with code " + std::to_string(code) + (said.empty() ? "" : ": " + said);
  }

 private:
  [[nodiscard]] std::string last_line() const {
    const std::size_t end = err.find_last_not_of(" \t\r\n");
    if (end == err.npos) return {};
    const std::size_t begin = err.find_last_of("\r\n", end);
    return err.substr(begin == err.npos ? 0 : begin + 1, end - (begin == err.npos ? 0 : begin + 1) + 1);
  }
};

}  // namespace flowrra::inline sdk
