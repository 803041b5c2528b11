#include "store/redis/quiet_thread.hpp"

#include <signal.h>

#include <string>
#include <system_error>
#include <utility>

namespace flowrra::redis {

Result<std::thread> start_quiet_thread(std::function<void()> work) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread;
  std::string problem;
  try {
    thread = std::thread(std::move(work));
  } catch (const std::system_error& failure) {
    problem = failure.what();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!thread.joinable()) return Error{Code::internal, "cannot start a thread: " + problem, {}};
  return thread;
}

}  // namespace flowrra::redis
