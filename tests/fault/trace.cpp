#include "fault/trace.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <time.h>

#include <fstream>
#include <sstream>

#include "base/fd.hpp"

namespace flowrra::test {

std::int64_t monotonic_now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

Trace::Trace(std::string path) : path_(std::move(path)) {
  std::ofstream created(path_);
  reader_ = std::jthread([this](const std::stop_token& stop) { follow(stop); });
}

Trace::~Trace() {
  reader_.request_stop();
  std::ofstream(path_, std::ios::app).flush();  // opening and closing it wakes the reader
}

std::size_t Trace::finished() const {
  const std::lock_guard lock(mutex_);
  return finished_.size();
}

bool Trace::wait_for_finished(std::size_t tasks, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [&] { return finished_.size() >= tasks; });
}

std::map<std::string, Runs> Trace::runs() const {
  std::map<std::string, Runs> out;
  std::ifstream file(path_);
  std::string what;
  std::string id;
  int attempt = 0;
  std::int64_t at = 0;
  pid_t node = 0;
  while (file >> what >> id >> attempt >> at >> node) {
    if (what == "begin") out[id].begins.push_back({at, node});
    if (what == "end") out[id].ends.push_back(at);
  }
  return out;
}

// [reader thread]
void Trace::follow(const std::stop_token& stop) {
  const UniqueFd changes(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  inotify_add_watch(changes.get(), path_.c_str(), IN_MODIFY | IN_CLOSE_WRITE);
  while (!stop.stop_requested()) {
    read_on();
    pollfd entry{changes.get(), POLLIN, 0};
    ::poll(&entry, 1, 1000);
    clear_wake(changes.get());
  }
}

// [reader thread] Takes the whole lines behind the last one taken.
void Trace::read_on() {
  std::ifstream file(path_);
  file.seekg(position_);
  std::vector<std::string> ids;
  for (std::string line; std::getline(file, line) && !file.eof();) {
    position_ += static_cast<std::int64_t>(line.size()) + 1;
    std::istringstream words(line);
    std::string what;
    std::string id;
    if (words >> what >> id && what == "end") ids.push_back(id);
  }
  const std::lock_guard lock(mutex_);
  finished_.insert(ids.begin(), ids.end());
  changed_.notify_all();
}

}  // namespace flowrra::test
