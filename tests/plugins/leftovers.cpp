// Tasks that leave processes behind: leftovers.cpu, leftovers.io (on the loop) and leftovers.blocking FIFO WHAT END.
// Each process holds the FIFO open and has written a byte to it.
//   WHAT  child    one of the host's process group, which ignores SIGTERM
//         daemon   one in a session of its own, whose parent has ended
//         bare     the same, another program without any environment
//         bomb     200, in groups and sessions of their own and not, with parents that live and that have ended
//         all      child, daemon, bare and bomb: 203
//         endless  as many as can be: each forks for ever
//   END   return   abort   hang (ignores SIGTERM)
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <flowrra/plugin.hpp>
#include <string>

namespace {

void say(int fifo) {
  if (write(fifo, ".", 1) != 1) _exit(1);
}

[[noreturn]] void stay() {
  for (;;) pause();
}

void leave_child(int fifo) {
  if (fork() != 0) return;
  signal(SIGTERM, SIG_IGN);
  say(fifo);
  stay();
}

void leave_daemon(int fifo, bool bare) {
  const pid_t middle = fork();
  if (middle != 0) {
    waitpid(middle, nullptr, 0);
    return;
  }
  setsid();
  if (fork() != 0) _exit(0);
  say(fifo);
  char* const nothing[] = {nullptr};
  if (bare) execle("/bin/sleep", "sleep", "1000000", nullptr, nothing);
  stay();
}

[[noreturn]] void branch(int fifo, int number) {
  number % 2 == 0 ? static_cast<void>(setsid()) : static_cast<void>(signal(SIGTERM, SIG_IGN));
  for (int leaf = 0; leaf < 9; ++leaf) {
    if (fork() != 0) continue;
    if (leaf % 3 == 0) setsid();
    if (leaf % 3 == 1) setpgid(0, 0);
    say(fifo);
    stay();
  }
  say(fifo);
  if (number % 3 == 0) _exit(0);
  stay();
}

void leave_bomb(int fifo) {
  for (int i = 0; i < 20; ++i) {
    if (fork() == 0) branch(fifo, i);
  }
}

[[noreturn]] void fork_for_ever(int fifo) {
  const timespec a_moment{0, 5'000'000};
  for (;;) {
    const pid_t child = fork();
    if (child == 0) say(fifo);
    if (child < 0) nanosleep(&a_moment, nullptr);
  }
}

void leave(int fifo, const std::string& what) {
  if (what == "endless" && fork() == 0) fork_for_ever(fifo);
  if (what == "child" || what == "all") leave_child(fifo);
  if (what == "daemon" || what == "all") leave_daemon(fifo, false);
  if (what == "bare" || what == "all") leave_daemon(fifo, true);
  if (what == "bomb" || what == "all") leave_bomb(fifo);
}

int run(const std::string& path, const std::string& what, const std::string& end) {
  const int fifo = open(path.c_str(), O_WRONLY);  // NOLINT: the programs that are started shall have it
  if (fifo < 0) throw flowrra::Permanent("cannot open " + path);
  leave(fifo, what);
  close(fifo);
  if (end == "abort") std::abort();
  if (end == "hang") {
    signal(SIGTERM, SIG_IGN);
    stay();
  }
  return 0;
}

int cpu(flowrra::CpuContext&, const std::string& fifo, const std::string& what, const std::string& end) {
  return run(fifo, what, end);
}
int blocking(flowrra::BlockingContext&, const std::string& fifo, const std::string& what, const std::string& end) {
  return run(fifo, what, end);
}
flowrra::Co<int> on_loop(flowrra::IoContext&, std::string fifo, std::string what, std::string end) {
  co_return run(fifo, what, end);
}

}  // namespace

FLOWRRA_PLUGIN("leftovers", "1.0.0") {
  plugin.cpu("leftovers.cpu", cpu, {.args = {"fifo", "what", "end"}, .max_retries = 0});
  plugin.io("leftovers.io", on_loop, {.args = {"fifo", "what", "end"}, .max_retries = 0});
  plugin.io("leftovers.blocking", blocking, {.args = {"fifo", "what", "end"}, .max_retries = 0});
}
