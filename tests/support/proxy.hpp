#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"
#include "support/process.hpp"

struct pollfd;

namespace flowrra::test {

// A network between clients and a server of this machine, with the faults that a test switches on: a thread that
// listens on a port of 127.0.0.1 and passes bytes on to another. A fault is in force when its function returns. Only
// the thread of its own waits for anything; a server that is not there is a connection that is cut at once.
// Each function: [any thread]
class Proxy {
 public:
  struct Counts {
    std::size_t connections = 0;  // accepted so far
    std::size_t open = 0;         // of them now
    std::size_t cut = 0;          // of them by cut(), down(), cut_answer() and cut_request()
    std::size_t requested = 0;    // bytes passed on to the server
    std::size_t answered = 0;     // bytes passed on to clients
    std::size_t swallowed = 0;    // bytes of clients that nobody got
  };

  explicit Proxy(int server_port);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy();

  [[nodiscard]] int port() const { return port_; }
  // A URL of the server, led through here.
  [[nodiscard]] std::string url(const std::string& server_url) const;

  // No fault any more. What cut_answer() and cut_request() still wait for does not happen.
  void pass();

  // Resets (RST) every connection; new ones pass.
  void cut();
  // The connection whose answers reach so many bytes from now on gets no more than these and is reset; with 0, the
  // server has got the request and the client hears nothing. Once; then everything passes.
  void cut_answer(std::size_t bytes);
  // The same for requests: with 0, the server gets nothing of it.
  void cut_request(std::size_t bytes);

  // Answers come one byte at a time, with a pause between them.
  void dribble(std::chrono::milliseconds pause = {});
  // Nothing moves, and nothing is lost: after pass() it goes on.
  void hold();
  // Half-open: connections that are there, and those made from now on, take what clients send and give nothing back,
  // until clients close them; after pass() new ones pass.
  void swallow();
  // Nobody listens here any more (ECONNREFUSED); open connections go on. pass() listens again.
  void refuse();
  // cut() and refuse() in one: no client can come between.
  void down();

  [[nodiscard]] Counts counts() const;
  // Waits until the counts are as wanted. Throws std::runtime_error with them when the deadline passes.
  Counts wait_for(const std::function<bool(const Counts&)>& wanted, std::chrono::milliseconds deadline = kPatience);

 private:
  enum class Mode : std::uint8_t { pass, dribble, hold, swallow };
  // One way through a connection.
  struct Flow {
    std::string waiting;     // read, not yet written
    bool over = false;       // nothing will be read any more
    std::size_t passed = 0;  // since `stop` was set
  };
  struct Link {
    UniqueFd client;
    UniqueFd server;
    Flow requests;
    Flow answers;
    bool silent = false;  // it was swallowed
  };
  using Clock = std::chrono::steady_clock;

  void change(const std::function<void()>& how);
  void set(Mode mode);
  void cut_all();
  void serve();
  [[nodiscard]] std::vector<pollfd> watched() const;
  [[nodiscard]] int time_left() const;
  void accept();
  bool move(Link& link, const pollfd& client, const pollfd& server, bool answers_due);
  bool drain(Link& link, const pollfd& client);
  bool read(int from, Flow& flow);
  bool write(int to, Flow& flow, std::optional<std::size_t>& stop, std::size_t& count, std::size_t most);
  static void reset(Link& link);

  int server_port_;
  int port_;
  UniqueFd wake_;
  mutable std::mutex mutex_;  // guards everything below; not held while the thread waits
  std::condition_variable counted_;
  UniqueFd listener_;
  std::list<Link> links_;
  Mode mode_ = Mode::pass;
  std::chrono::milliseconds pause_{};
  Clock::time_point next_byte_;
  std::optional<std::size_t> stop_requests_;
  std::optional<std::size_t> stop_answers_;
  Counts counts_;
  std::uint64_t changes_ = 0;  // made by tests: what the thread was waiting for may be gone
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace flowrra::test
