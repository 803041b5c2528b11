#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/child.hpp"
#include "host/frame.hpp"
#include "host/page.hpp"
#include "support/build_tree.hpp"
#include "support/must.hpp"
#include "task/task.hpp"

namespace flowrra::test {

// A start frame with texts of its own.
struct StartFrame {
  std::uint64_t call = 0;
  std::int32_t attempt = 1;
  std::int64_t timeout_us = 0;
  Limits limits = {};
  std::string id, name, args;

  operator StartView() const { return {call, attempt, timeout_us, limits, id, name, args}; }  // NOLINT(*-explicit-*)
};

// The node's end of one real flowrra-host. Every wait has a deadline of ten seconds and throws when it passes; the host
// is killed with this object.
class HostProcess {
 public:
  explicit HostProcess(Kind kind, std::vector<std::string> plugins = {fixture("faulty.so")}, int blocking_threads = 2)
      : map_(must(PageMap::create())) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
    socket_.reset(ends[0]);
    if (kind == Kind::cpu) stream_.emplace(map_.page().stream);
    const timeval patience{10, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const UniqueFd theirs(ends[1]);
    ChildRequest request;
    request.program = test::program("flowrra-host");
    request.arguments = {"run",
                         "--kind",
                         std::string(name(kind)),
                         "--socket-fd",
                         "3",
                         "--page-fd",
                         "4",
                         "--parent",
                         std::to_string(getpid()),
                         "--blocking-threads",
                         std::to_string(blocking_threads)};
    request.arguments.insert(request.arguments.end(), plugins.begin(), plugins.end());
    request.environment = clean_environment();
    request.fds = {{theirs.get(), 3}, {map_.fd(), 4}};
    child_ = must(start_child(request));
  }
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  ~HostProcess() {
    if (child_.pid < 0) return;
    kill(child_.pid, SIGKILL);
    wait_child(child_);
  }

  SharedPage& page() { return map_.page(); }
  [[nodiscard]] pid_t pid() const { return child_.pid; }

  static StartFrame frame(std::uint64_t call, const std::string& task, const std::string& args = "[]") {
    StartFrame start;
    start.call = call;
    start.id = "task-" + std::to_string(call);
    start.name = task;
    start.args = args;
    return start;
  }
  void start(const StartFrame& one) { start({one}); }
  // In one piece: also those behind one that ends the host are sent.
  void start(std::initializer_list<StartFrame> all) {
    std::string bytes;
    for (const StartFrame& each : all) {
      offer(page(), each.call);
      append(bytes, each);
    }
    send(bytes);
  }
  void start(std::uint64_t call, const std::string& task, const std::string& args = "[]") {
    start(frame(call, task, args));
  }
  template <typename Sent>
  void tell(const Sent& sent) {
    std::string bytes;
    append(bytes, sent);
    send(bytes);
  }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) throw std::runtime_error("the host does not read any more");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  void hang_up() { socket_.reset(); }

  // The next frame, or nothing when the host closed its end.
  std::optional<std::pair<FrameType, std::string>> next() {
    for (bool open = true;;) {
      if (stream_ && !stream_->read(reader_)) throw std::runtime_error("the host's stream cannot be");
      const auto frame = must(reader_.next());
      if (frame) return std::pair(frame->type, std::string(frame->body));
      if (!open) return std::nullopt;
      wait_readable(socket_.get());
      char bytes[65536];
      const ssize_t got = recv(socket_.get(), bytes, sizeof bytes, 0);
      open = got > 0;
      if (open && !stream_) reader_.feed({bytes, static_cast<std::size_t>(got)});
    }
  }
  std::string next_of(FrameType wanted) {
    while (true) {
      auto frame = next();
      if (!frame) throw std::runtime_error("the host ended before it sent what was waited for");
      if (frame->first == wanted) return std::move(frame->second);
    }
  }
  ReadyFrame ready() { return must(read_ready(next_of(FrameType::ready))); }
  FinishedFrame finished() { return must(read_finished(next_of(FrameType::finished))); }
  LogFrame log() { return must(read_log(next_of(FrameType::log))); }
  FinishedFrame run(std::uint64_t call, const std::string& task, const std::string& args = "[]") {
    start(call, task, args);
    return finished();
  }

  ChildEnd end() {
    wait_readable(child_.pidfd.get());
    const ChildEnd end = wait_child(child_);
    child_.pid = -1;
    return end;
  }
  // Waits until the task of the call is on the processor of any thread.
  void wait_marked(std::uint64_t call) {
    wait_for([&] {
      for (const auto& thread : page().threads) {
        if (thread.call == call) return true;
      }
      return false;
    });
  }
  template <typename Done>
  static void wait_for(Done done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited too long");
      std::this_thread::yield();
    }
  }

 private:
  static void wait_readable(int fd) {
    pollfd waited{fd, POLLIN, 0};
    if (poll(&waited, 1, 10'000) != 1) throw std::runtime_error("the host was silent for ten seconds");
  }

  PageMap map_;
  UniqueFd socket_;
  Child child_;
  FrameReader reader_;
  std::optional<StreamReader> stream_;  // of a cpu host
};

}  // namespace flowrra::test
