#pragma once

#include <mutex>
#include <string>

#include "base/fd.hpp"

namespace flowrra::sqlite {

// Wakes other processes: ring() writes one byte to a small file that waiters watch with inotify. It is rung after a
// commit. (The WAL itself cannot be watched: its last event comes before the commit is visible.)
//
// A store has two, so that a node is not woken by its own settlements: PATH.wake for work that can be taken, PATH.done
// for tasks that finished.
class Bell {
 public:
  explicit Bell(std::string path) : path_(std::move(path)) {}

  void ring();

  // Readable after somebody rang. Where the user has no inotify watches left it is readable every 50 ms instead, and a
  // warning is logged. [any thread]
  int fd();

 private:
  std::string path_;
  UniqueFd file_;
  UniqueFd watch_;
  std::once_flag watched_;
};

}  // namespace flowrra::sqlite
