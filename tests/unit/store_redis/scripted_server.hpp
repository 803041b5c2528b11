#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hpp"

namespace flowrra::test {

// A server of a few lines, for the answers that no real one gives on demand: a thread that listens on a port of
// 127.0.0.1, serves one connection after the other and answers each command as the test says. It greets by itself:
// AUTH, CLIENT and INFO are answered, unless the test takes them, too.
class ScriptedServer {
 public:
  struct Answer {
    std::string bytes;   // as they are sent; empty: silence
    bool close = false;  // the connection, after that
  };
  using Command = std::vector<std::string>;
  // [thread of the server]
  using Script = std::function<Answer(const Command&)>;

  explicit ScriptedServer(Script script, bool greets = true);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  [[nodiscard]] std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

  static std::string bulk(const std::string& text);

 private:
  void serve();
  void serve(int client);
  [[nodiscard]] bool readable(int fd) const;
  Answer answer(const Command& command) const;

  Script script_;
  bool greets_;
  UniqueFd listener_;
  UniqueFd stop_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

}  // namespace flowrra::test
