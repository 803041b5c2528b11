#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>

#include "support/workplace.hpp"

namespace flowrra::test {

// A FIFO that processes hold open (tests/plugins/leftovers.cpp): the kernel itself tells when the last of them is gone.
class Witness {
 public:
  explicit Witness(const Workplace& workplace, const std::string& name = "witness") : path_(workplace / name) {
    if (mkfifo(path_.c_str(), 0622) != 0 || chmod(path_.c_str(), 0622) != 0) throw std::runtime_error("mkfifo");
    fifo_.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  }

  [[nodiscard]] const std::string& path() const { return path_; }

  // Waits until so many of them have written their byte.
  void born(int wanted) {
    while (wanted > 0) {
      if (!read(wanted)) throw std::runtime_error("they are gone, and " + std::to_string(wanted) + " never came");
    }
  }

  // Waits until none holds it any more. False when the patience ends before.
  bool gone(std::chrono::milliseconds patience = kPatience) {
    patience_ = patience;
    int more = 0;
    try {
      while (read(more)) {
      }
    } catch (const std::runtime_error&) {
      return false;
    }
    return true;
  }

  // Whether any holds it now.
  [[nodiscard]] bool held() {
    char byte = 0;
    ssize_t got = 0;
    do got = ::read(fifo_.get(), &byte, 1);
    while (got == 1);
    return got < 0;
  }

 private:
  // Takes what is there, or waits for it. False when nobody holds it.
  bool read(int& wanted) {
    std::array<char, 64> bytes{};
    const auto most = static_cast<std::size_t>(wanted > 0 ? std::min(wanted, 64) : 64);
    const ssize_t got = ::read(fifo_.get(), bytes.data(), most);
    if (got > 0) wanted -= static_cast<int>(got);
    if (got > 0) seen_ = true;
    if (got > 0) return true;
    if (got == 0 && seen_) return false;
    pollfd entry{fifo_.get(), POLLIN, 0};
    if (::poll(&entry, 1, static_cast<int>(patience_.count())) <= 0) throw std::runtime_error("too late");
    return true;
  }

  std::string path_;
  UniqueFd fifo_;
  bool seen_ = false;
  std::chrono::milliseconds patience_ = kPatience;
};

}  // namespace flowrra::test
