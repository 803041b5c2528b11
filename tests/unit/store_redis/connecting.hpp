#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "store/redis/connection.hpp"
#include "support/must.hpp"

namespace flowrra::test {

// How long calls wait in these tests: long enough for a busy machine, short enough for a test that waits for its end.
inline constexpr Micros kTimeout = std::chrono::milliseconds(500);

inline redis::Endpoint endpoint_of(const std::string& url, NetworkOptions network = {},
                                   Micros timeout = std::chrono::seconds(20)) {
  StoreOptions options;
  options.url = url;
  options.busy_timeout = timeout;
  options.network = std::move(network);
  return must(redis::read_endpoint(options));
}

inline std::unique_ptr<redis::Connection> connect(const std::string& url, Micros timeout = std::chrono::seconds(20)) {
  return must(redis::Connection::open(endpoint_of(url, {}, timeout)));
}

inline Error refusal(const std::string& url, NetworkOptions network = {}, Micros timeout = std::chrono::seconds(20)) {
  auto opened = redis::Connection::open(endpoint_of(url, std::move(network), timeout));
  if (opened) throw std::runtime_error("a connection where none was expected");
  return opened.error();
}

inline Result<redis::Reply> call(redis::Connection& connection, std::vector<std::string_view> words) {
  return connection.call(words);
}

// The text of the answer, or the code of the failure in brackets.
inline std::string said(redis::Connection& connection, std::vector<std::string_view> words) {
  const auto reply = connection.call(words);
  return reply ? std::string(reply->view().text()) : "<" + std::string(name(reply.error().code)) + ">";
}

}  // namespace flowrra::test
