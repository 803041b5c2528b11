#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/fd.hpp"
#include "base/result.hpp"

namespace flowrra {

// How to start a child process. Everything not named here stays behind: descriptors from 3 upward that are not in
// `fds` are closed, the environment is `environment` alone, no signal is blocked or ignored.
struct ChildRequest {
  struct Inherit {
    int parent_fd;
    int child_fd;  // 0, 1, 2 or one of 3, 4, 5, … without a gap
  };
  std::string program;                   // a path
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // "NAME=value"
  std::vector<Inherit> fds;              // standard input is /dev/null, output and error the parent's, unless named
};

struct Child {
  pid_t pid = -1;
  UniqueFd pidfd;  // readable when the child has ended; reap it with wait_child()
};

// Starts a child by posix_spawn (never a plain fork of a grown process). [any thread; the child's parent-death signal
// follows the thread]
Result<Child> start_child(const ChildRequest& request);

// How a child ended.
struct ChildEnd {
  bool signalled = false;
  int code = 0;  // exit code, or the signal's number
};

// Reaps a child that has ended, waiting for it if it has not. [any thread]
ChildEnd wait_child(const Child& child);

// The children of this process that start_child() did not start: it had them before it became this program, forked
// them, or orphans fell to it. While some of them end it may miss others. [any thread]
std::vector<pid_t> adopted_children();

// True from start_child() to wait_child(). [any thread]
bool is_own_child(pid_t pid);

// "exited with code 3", "died by SIGSEGV (signal 11)".
std::string describe(const ChildEnd& end);

// The environment that hosts get: PATH, HOME, LANG, LC_ALL, TZ, TMPDIR and the sanitizers' options, where set, and no
// more.
std::vector<std::string> clean_environment();

}  // namespace flowrra
