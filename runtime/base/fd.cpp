#include "base/fd.hpp"

#include <array>

namespace flowrra {

void clear_wake(int fd) {
  std::array<char, 4096> sink{};
  while (fd >= 0 && ::read(fd, sink.data(), sink.size()) > 0) {
  }
}

}  // namespace flowrra
