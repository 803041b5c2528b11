#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace flowrra::bench {

inline sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The port of the server, as the driver says it.
inline int server_port() { return std::atoi(std::getenv("PEERS_PORT")); }

// A connection to a server on this machine that speaks in lines.
class LineSocket {
 public:
  explicit LineSocket(int port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = loopback(port);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error("no server");
    }
  }
  LineSocket(const LineSocket&) = delete;
  LineSocket& operator=(const LineSocket&) = delete;
  ~LineSocket() { ::close(fd_); }

  void write(const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
      const ssize_t size = ::write(fd_, text.data() + done, text.size() - done);
      if (size <= 0) throw std::runtime_error("the server has gone");
      done += static_cast<std::size_t>(size);
    }
  }
  // The next line, without its end ("\n" or "\r\n").
  std::string line() {
    std::size_t end = 0;
    while ((end = read_.find('\n', at_)) == std::string::npos) {
      read_.erase(0, at_);
      at_ = 0;
      char piece[65536];
      const ssize_t size = ::read(fd_, piece, sizeof piece);
      if (size <= 0) throw std::runtime_error("the server has gone");
      read_.append(piece, static_cast<std::size_t>(size));
    }
    std::string out = read_.substr(at_, end - at_);
    at_ = end + 1;
    if (out.ends_with('\r')) out.pop_back();
    return out;
  }
  std::string ask(const std::string& text) {
    write(text);
    return line();
  }

 private:
  int fd_;
  std::string read_;
  std::size_t at_ = 0;
};

// Where a task of a system without results says that it has started: one datagram.
class Ear {
 public:
  Ear() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0) throw std::runtime_error("no port");
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;
  ~Ear() { ::close(fd_); }

  [[nodiscard]] int port() const { return port_; }
  std::string next() {
    char text[256];
    const ssize_t size = ::recv(fd_, text, sizeof text, 0);
    return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  void tell(int port, const std::string& text) const {
    const sockaddr_in address = loopback(port);
    ::sendto(fd_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }

 private:
  int fd_;
  int port_ = 0;
};

}  // namespace flowrra::bench
