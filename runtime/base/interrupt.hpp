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

  // From now on what has come is not dropped at the end, but left to whoever handles these signals by then.
  void pass_on() { drops_ = false; }

 private:
  UniqueFd fd_;
  bool drops_ = true;
};

}  // namespace flowrra
