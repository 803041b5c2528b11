#pragma once

#include "base/fd.hpp"

namespace flowrra {

// While it lives, SIGINT and SIGTERM make fd() readable instead of ending the program. [main thread]
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }

  // What has come, and what comes until its end, is not dropped then, but left to whoever handles these signals by then.
  void pass_on() { drops_ = false; }

 private:
  UniqueFd fd_;
  bool drops_ = true;
};

}  // namespace flowrra
