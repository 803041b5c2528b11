#pragma once

#include "base/clock.hpp"
#include "base/fd.hpp"
#include "base/result.hpp"

namespace flowrra::sqlite {

// An exclusive flock on a file of its own, held by one open store at a time, in this process or another. The kernel
// frees it when its holder dies.
class FileLock {
 public:
  explicit FileLock(UniqueFd file) : file_(std::move(file)) {}

  [[nodiscard]] bool valid() const { return static_cast<bool>(file_); }
  [[nodiscard]] int descriptor() const { return file_.get(); }

  // Code::busy when it cannot be had in time.
  Status lock(Micros timeout);
  void unlock();

  // Lets others know that this file is open here. No error: who cannot lock is taken for absent.
  void be_present();
  // True when nobody else who said so has the file open.
  [[nodiscard]] bool alone() const;

 private:
  UniqueFd file_;
};

}  // namespace flowrra::sqlite
