#include "base/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>

namespace flowrra {
namespace {

// What start_child() has started and wait_child() has not reaped.
struct Own {
  std::mutex mutex;
  std::set<pid_t> pids;  // guarded by the mutex
};
Own& own() {
  static Own children;
  return children;
}

constexpr int kAway = 100;  // descriptors are moved above this before they take their place in the child

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

class SpawnSetup {
 public:
  SpawnSetup() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // False when a descriptor cannot be duplicated.
  bool place(const std::vector<ChildRequest::Inherit>& fds) {
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    int highest = 2;
    for (const auto& [parent_fd, child_fd] : fds) {
      UniqueFd away(fcntl(parent_fd, F_DUPFD_CLOEXEC, kAway));
      if (!away) return false;
      posix_spawn_file_actions_adddup2(&actions_, away.get(), child_fd);
      highest = std::max(highest, child_fd);
      away_.push_back(std::move(away));
    }
    posix_spawn_file_actions_addclosefrom_np(&actions_, highest + 1);
    return true;
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  std::vector<UniqueFd> away_;
};

}  // namespace

Result<Child> start_child(const ChildRequest& request) {
  SpawnSetup setup;
  if (!setup.place(request.fds)) {
    return Error{Code::internal, "cannot pass descriptors to a child: " + errno_text(errno), "Raise `ulimit -n`."};
  }
  std::vector<std::string> arguments = request.arguments;
  arguments.insert(arguments.begin(), request.program);
  std::vector<std::string> environment = request.environment;
  Child child;
  std::unique_lock lock(own().mutex);
  const int failed = posix_spawn(&child.pid, request.program.c_str(), setup.actions(), setup.attributes(),
                                 pointers(arguments).data(), pointers(environment).data());
  if (failed == 0) own().pids.insert(child.pid);
  lock.unlock();
  if (failed != 0) return Error{Code::internal, "cannot start " + request.program + ": " + errno_text(failed), {}};
  child.pidfd.reset(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));  // CLOEXEC by itself
  if (!child.pidfd) {
    const int reason = errno;
    kill(child.pid, SIGKILL);
    wait_child(child);
    return Error{Code::internal, "pidfd_open: " + errno_text(reason), "Linux 5.3 or newer is needed."};
  }
  return child;
}

ChildEnd wait_child(const Child& child) {
  siginfo_t ended{};
  while (waitid(P_PID, static_cast<id_t>(child.pid), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  int status = 0;
  {
    const std::scoped_lock lock(own().mutex);
    waitpid(child.pid, &status, 0);
    own().pids.erase(child.pid);  // from here on the number may be another's
  }
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

std::vector<pid_t> adopted_children() {
  std::vector<pid_t> out;
  std::error_code error;
  const std::scoped_lock lock(own().mutex);
  std::filesystem::directory_iterator thread("/proc/self/task", error);
  for (; !error && thread != std::filesystem::directory_iterator(); thread.increment(error)) {
    std::ifstream children(thread->path() / "children");
    for (pid_t pid = 0; children >> pid;) {
      if (!own().pids.contains(pid)) out.push_back(pid);
    }
  }
  return out;
}

bool is_own_child(pid_t pid) {
  const std::scoped_lock lock(own().mutex);
  return own().pids.contains(pid);
}

std::string describe(const ChildEnd& end) {
  if (!end.signalled) return "exited with code " + std::to_string(end.code);
  const char* abbreviation = sigabbrev_np(end.code);
  return "died by SIG" + std::string(abbreviation != nullptr ? abbreviation : "?") + " (signal " +
         std::to_string(end.code) + ")";
}

std::vector<std::string> clean_environment() {
  std::vector<std::string> out;
  for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                           "LSAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) out.push_back(std::string(name) + "=" + value);
  }
  return out;
}

}  // namespace flowrra
