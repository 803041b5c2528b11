#pragma once

#include "base/fd.hpp"

namespace flowrra::cli {

// While it lives, SIGINT and SIGTERM make fd() readable instead of ending the program. [main thread]
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace flowrra::cli
