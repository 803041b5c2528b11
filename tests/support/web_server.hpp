#pragma once

#include <atomic>
#include <map>
#include <string>
#include <thread>

#include "base/fd.hpp"

namespace flowrra::test {

// An HTTP server on a free port of the loopback address, for tests of downloads. It answers GET with the page of that
// path or 404, one connection for each request, and holds every answer back until `together` requests have come.
class WebServer {
 public:
  explicit WebServer(std::map<std::string, std::string> pages, int together = 1);
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  ~WebServer();

  // "http://127.0.0.1:PORT" + path.
  [[nodiscard]] std::string url(const std::string& path) const;
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void serve();
  [[nodiscard]] std::string answer(const std::string& request) const;

  std::map<std::string, std::string> pages_;
  int together_;
  UniqueFd listener_;
  UniqueFd stop_;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

}  // namespace flowrra::test
