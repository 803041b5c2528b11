#include "store/sqlite/bell.hpp"

#include <sys/inotify.h>
#include <sys/timerfd.h>

#include <cerrno>

#include "base/log.hpp"
#include "store/sqlite/files.hpp"

namespace flowrra::sqlite {
namespace {

UniqueFd watch(const std::string& path) {
  const UniqueFd made = open_file(path);  // it must exist to be watched
  UniqueFd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (fd && inotify_add_watch(fd.get(), path.c_str(), IN_MODIFY | IN_DONT_FOLLOW) >= 0) return fd;
  log::warning("cannot watch " + path + " (" + errno_text(errno) +
               "), looking every 50 ms instead; raise fs.inotify.max_user_instances");
  UniqueFd timer(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
  itimerspec every{};
  every.it_value.tv_nsec = every.it_interval.tv_nsec = 50'000'000;
  timerfd_settime(timer.get(), 0, &every, nullptr);
  return timer;
}

}  // namespace

void Bell::ring() {
  if (!file_) file_ = open_file(path_);
  if (::pwrite(file_.get(), "!", 1, 0) != 1) log::warning("cannot write to " + path_ + ": " + errno_text(errno));
}

int Bell::fd() {
  std::call_once(watched_, [this] { watch_ = watch(path_); });
  return watch_.get();
}

}  // namespace flowrra::sqlite
