#include "base/fd.hpp"

#include <array>

namespace flowrra {

bool clear_wake(int fd) {
  std::array<char, 4096> sink{};
  constexpr ssize_t kPerhapsMore = sink.size() / 2;  // a wake-up that does not fit in any more is shorter
  bool any = false;
  ssize_t got = kPerhapsMore;
  while (fd >= 0 && got >= kPerhapsMore) {
    got = ::read(fd, sink.data(), sink.size());
    any = any || got > 0;
  }
  return any;
}

}  // namespace flowrra
