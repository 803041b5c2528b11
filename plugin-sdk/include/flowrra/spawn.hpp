#pragma once

// Starting a program and ending it, with all that it started in its process group.

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "flowrra/command.hpp"
#include "flowrra/descriptor.hpp"

namespace flowrra::inline sdk::detail {

// What the new process needs, prepared before it begins: it shares our memory until it is another program.
struct Launch {
  char* const* argv;
  char* const* environment;
  const char* directory;  // null: where we are
  int input;
  int output;
  int errors;
  pid_t parent;
  volatile int error = 0;  // why it could not start
};

// In the new process, until it is another program: nothing here may allocate or return.
[[noreturn]] inline void become(Launch& launch) noexcept {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // a host that is killed leaves no program behind
  struct sigaction usual = {};
  usual.sa_handler = SIG_DFL;
  for (int number = 1; number < 32; ++number) sigaction(number, &usual, nullptr);
  const bool streams = dup2(launch.input, 0) == 0 && dup2(launch.output, 1) == 1 && dup2(launch.errors, 2) == 2;
  constexpr unsigned kCloseOnExec = 4;              // CLOSE_RANGE_CLOEXEC
  syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);  // ours are so anyway; a library's may not be
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const bool there = launch.directory == nullptr || chdir(launch.directory) == 0;
  if (streams && there && getppid() == launch.parent) execvpe(launch.argv[0], launch.argv, launch.environment);
  launch.error = errno;
  _exit(127);
}

// A plain fork() of a host would copy the page tables of all that its plugins hold. Signals are kept away from our
// handlers while the new process runs in our memory.
__attribute__((noinline)) inline pid_t launch_process(Launch& launch) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = vfork();  // NOLINT: what vfork() allows is kept to
  if (pid == 0) become(launch);
  if (pid < 0) launch.error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

// A program that runs. Its destruction kills it and waits for its end: no process and no zombie outlives it. [loop]
class Child {
 public:
  // Throws std::system_error when it cannot be started.
  explicit Child(const Command& command) {
    Pair in;
    if (command.given_input()) in = pair(command);
    const Descriptor nothing(open("/dev/null", O_RDONLY | O_CLOEXEC));
    Pair out = pipe(command);
    Pair err = pipe(command);
    start(command, in.theirs ? in.theirs.get() : nothing.get(), out.theirs.get(), err.theirs.get());
    input = std::move(in.ours);
    output = std::move(out.ours);
    errors = std::move(err.ours);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill_all();
    reap();
  }

  // Readable when the program has ended.
  [[nodiscard]] int ended() const noexcept { return pidfd_.get(); }
  // Kills the program and what of its process group it left behind. Its number is its own until reap().
  void kill_all() const noexcept {
    if (pid_ > 0) kill(-pid_, SIGKILL);
  }
  // Waits for the end, which has come or is near. Code and signal are then known.
  void reap() noexcept {
    if (pid_ <= 0) return;
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  }

  Descriptor input;   // to write to; none where nothing is to be read
  Descriptor output;  // to read from
  Descriptor errors;
  int code = 0;
  int signal = 0;

 private:
  struct Pair {
    Descriptor ours;
    Descriptor theirs;
  };
  static std::string what(const Command& command) { return "cannot start " + command.argv().front(); }
  static Pair pipe(const Command& command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw_errno(what(command));
    Pair pair{Descriptor(ends[0]), Descriptor(ends[1])};
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return pair;
  }
  // For its input: writing to a pipe that nobody reads would raise SIGPIPE, writing to a socket need not.
  static Pair pair(const Command& command) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw_errno(what(command));
    Pair pair{Descriptor(ends[0]), Descriptor(ends[1])};
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return pair;
  }

  void start(const Command& command, int in, int out, int err) {
    std::vector<char*> argv;
    for (const std::string& text : command.argv()) argv.push_back(const_cast<char*>(text.c_str()));
    argv.push_back(nullptr);
    std::vector<std::string> set;
    std::vector<char*> variables = environment(command, set);
    const char* directory = command.folder().empty() ? nullptr : command.folder().c_str();
    Launch launch{argv.data(), variables.data(), directory, in, out, err, getpid()};
    pid_ = launch_process(launch);
    if (pid_ > 0) pidfd_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    const int error = launch.error != 0 ? launch.error : pidfd_ ? 0 : errno;
    if (error == 0) return;
    kill_all();
    reap();
    throw_errno(what(command), error);
  }

  // Ours, save what the command sets; `set` holds the text of that.
  static std::vector<char*> environment(const Command& command, std::vector<std::string>& set) {
    std::vector<char*> variables;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
      const std::string_view line(*at);
      if (!command.environment().contains(std::string(line.substr(0, line.find('='))))) variables.push_back(*at);
    }
    set.reserve(command.environment().size());
    for (const auto& [name, value] : command.environment())
      variables.push_back(set.emplace_back(name + "=" + value).data());
    variables.push_back(nullptr);
    return variables;
  }

  pid_t pid_ = -1;
  Descriptor pidfd_;
};

}  // namespace flowrra::inline sdk::detail
