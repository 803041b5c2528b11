#include "base/fd.hpp"

#include <array>

namespace flowrra {

bool clear_wake(int fd) {
  std::array<char, 4096> sink{};
  bool any = false;
  while (fd >= 0 && ::read(fd, sink.data(), sink.size()) > 0) any = true;
  return any;
}

}  // namespace flowrra
