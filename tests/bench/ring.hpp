#pragma once

#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <vector>

namespace flowrra::bench {

// Processes in a ring of socketpairs, this one among them, which hand on a byte and do nothing else: what waking so
// many processes one after the other costs. Make it before any thread.
class Ring {
 public:
  explicit Ring(int wake_ups) {
    int from = pair(first_);
    for (int i = 1; i < wake_ups; ++i) {
      std::array<int, 2> next{};
      const int read_next = pair(next);
      start(from, next[0]);
      ::close(from);
      ::close(next[0]);
      from = read_next;
    }
    last_ = from;
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    for (const pid_t child : children_) ::kill(child, SIGKILL);
    for (const pid_t child : children_) ::waitpid(child, nullptr, 0);
    ::close(first_[0]);
    ::close(last_);
  }

  // Once around.
  void turn() const {
    char byte = 1;
    if (::write(first_[0], &byte, 1) != 1 || ::read(last_, &byte, 1) != 1) std::abort();
  }

 private:
  // [0] is to be written to; gives back where to read.
  static int pair(std::array<int, 2>& ends) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) std::abort();
    return ends[1];
  }

  void start(int from, int to) {
    const pid_t child = ::fork();
    if (child < 0) std::abort();
    if (child != 0) return children_.push_back(child);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    char byte = 0;
    while (::read(from, &byte, 1) == 1 && ::write(to, &byte, 1) == 1) continue;
    ::_exit(0);
  }

  std::array<int, 2> first_{};
  int last_ = -1;
  std::vector<pid_t> children_;
};

}  // namespace flowrra::bench
