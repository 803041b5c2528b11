// flowrra-unwind TASK: a disposable child of a node that reads what a dead host left (descriptor 3) and prints the
// crash report as JSON. Dump and debug information may be damaged in any way: this process may die of them, nobody
// else.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

#include "unwind/examine.hpp"

namespace {

constexpr int kAreaFd = 3;
constexpr rlim_t kMemory = rlim_t{2} << 30U;  // of address space: large debug information is mapped, not read
constexpr rlim_t kSeconds = 10;               // the node does not wait so long

void limit(__rlimit_resource resource, rlim_t value) {
  const rlimit bound{value, value};
  setrlimit(resource, &bound);
}

void settle_in() {
  prctl(PR_SET_NAME, "flowrra-unwind", 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, kSeconds);
  limit(RLIMIT_NOFILE, 256);
#ifndef __SANITIZE_ADDRESS__
#ifndef __SANITIZE_THREAD__
  limit(RLIMIT_AS, kMemory);
#endif
#endif
}

}  // namespace

int main(int argc, char** argv) {
  settle_in();
  const flowrra::CrashArea area((flowrra::UniqueFd(kAreaFd)));
  const std::string text = to_json(examine_crash(area, argc > 1 ? argv[1] : ""));
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0 ? 0 : 1;
}
