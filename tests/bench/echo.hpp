#pragma once

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "bench/rates.hpp"

// What a dispatch to another process is measured against: messages of 64 bytes through a socketpair to a process that
// sends them back, 64 of them in flight.
namespace flowrra::bench {

enum class Echo {
  single,     // a system call for each message, on both sides
  coalesced,  // whatever is there in one system call
};

namespace echo {

constexpr std::size_t kMessage = 64;
constexpr int kInFlight = 64;
using Buffer = std::array<char, kMessage * kInFlight>;

inline void send_all(int fd, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(fd, data, size, MSG_NOSIGNAL);
    if (sent <= 0) std::_Exit(1);
    data += sent;
    size -= static_cast<std::size_t>(sent);
  }
}

// Reads whole messages, `most` bytes of them; 0 at the end.
inline std::size_t receive(int fd, Buffer& buffer, std::size_t most) {
  std::size_t size = 0;
  do {
    const ssize_t got = ::recv(fd, buffer.data() + size, most - size, 0);
    if (got <= 0) return 0;
    size += static_cast<std::size_t>(got);
  } while (size % kMessage != 0);
  return size;
}

inline void serve(int fd, std::size_t most) {
  Buffer buffer{};
  while (const std::size_t size = receive(fd, buffer, most)) send_all(fd, buffer.data(), size);
  std::_Exit(0);
}

inline void send_messages(int fd, const Buffer& buffer, std::size_t size, Echo kind) {
  const std::size_t step = kind == Echo::single ? kMessage : size;
  for (std::size_t at = 0; at < size; at += step) send_all(fd, buffer.data() + at, step);
}

}  // namespace echo

// Messages a second, there and back.
inline double echo_rate(int messages, Echo kind) {
  std::array<int, 2> fds{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()) != 0) std::abort();
  const std::size_t most = kind == Echo::single ? echo::kMessage : sizeof(echo::Buffer);
  const pid_t child = fork();
  if (child == 0) {
    close(fds[0]);
    echo::serve(fds[1], most);
  }
  close(fds[1]);
  echo::Buffer buffer{};
  const double rate = per_second(messages, [&] {
    echo::send_messages(fds[0], buffer, sizeof buffer, kind);
    auto unsent = static_cast<std::size_t>(messages - echo::kInFlight) * echo::kMessage;
    for (auto back = static_cast<std::size_t>(messages) * echo::kMessage; back > 0;) {
      const std::size_t size = echo::receive(fds[0], buffer, most);
      if (size == 0) std::abort();
      back -= size;
      const std::size_t next = std::min(size, unsent);
      echo::send_messages(fds[0], buffer, next, kind);
      unsent -= next;
    }
  });
  close(fds[0]);
  waitpid(child, nullptr, 0);
  return rate;
}

}  // namespace flowrra::bench
