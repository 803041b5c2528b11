#include "support/resp_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

namespace flowrra::test {

RespClient::RespClient(const std::filesystem::path& socket, std::chrono::milliseconds deadline)
    : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), deadline_(deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = socket.native();
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("too long for a unix socket: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size());
  if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + path + ": " + std::strerror(errno));
}

std::string RespClient::call(const std::vector<std::string>& words) {
  until_ = std::chrono::steady_clock::now() + deadline_;
  std::string text = "*" + std::to_string(words.size()) + "\r\n";
  for (const std::string& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  for (std::size_t done = 0; done < text.size();) {
    pollfd entry{fd_.get(), POLLOUT, 0};
    if (::poll(&entry, 1, time_left()) == 0) throw std::runtime_error("the server does not read in time");
    const ssize_t sent = ::send(fd_.get(), text.data() + done, text.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error("the server does not listen any more");
    done += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  }
  return answer();
}

std::string RespClient::hear() {
  until_ = std::chrono::steady_clock::now() + deadline_;
  return answer();
}

std::string RespClient::answer() {
  const std::string head = line();
  std::string rest = head.substr(std::min<std::size_t>(1, head.size()));
  switch (head.empty() ? '\0' : head.front()) {
    case '+':
    case ':':
      return rest;
    case '-':
      throw std::runtime_error(rest);
    case '$': {
      if (rest == "-1") return {};
      const std::size_t size = std::stoul(rest);
      return bytes(size + 2).substr(0, size);
    }
    case '*': {
      std::string out;
      for (int i = 0; i < std::stoi(rest); ++i) out += (i > 0 ? "\n" : "") + answer();
      return out;
    }
    default:
      throw std::runtime_error("not an answer of a Redis server: " + head);
  }
}

std::string RespClient::line() {
  while (read_.find("\r\n") == std::string::npos) more();
  const std::size_t end = read_.find("\r\n");
  return bytes(end + 2).substr(0, end);
}

std::string RespClient::bytes(std::size_t count) {
  while (read_.size() < count) more();
  std::string out = read_.substr(0, count);
  read_.erase(0, count);
  return out;
}

void RespClient::more() {
  pollfd entry{fd_.get(), POLLIN, 0};
  if (::poll(&entry, 1, time_left()) == 0) throw std::runtime_error("the server does not answer in time");
  std::array<char, 65536> buffer{};
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got == 0) throw std::runtime_error("the server has closed the connection");
  if (got < 0 && errno != EAGAIN && errno != EINTR) throw std::runtime_error("the server has cut the connection");
  read_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
}

int RespClient::time_left() const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until_ - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 0));
}

}  // namespace flowrra::test
