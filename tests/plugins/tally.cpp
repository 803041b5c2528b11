// Counts how often each of its tasks ran, in the bytes of a file that all hosts share: tally.io and tally.cpu take the
// file, which is as long as there are tasks, and the place of theirs; they give the place back.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <flowrra/plugin.hpp>
#include <stdexcept>
#include <string>

namespace {

struct Bytes {
  std::string path;
  std::uint8_t* begin = nullptr;
  long size = 0;
};

Bytes map(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  struct stat about {};
  if (file < 0 || ::fstat(file, &about) != 0) throw std::runtime_error("cannot open " + path);
  void* const begin =
      ::mmap(nullptr, static_cast<std::size_t>(about.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (begin == MAP_FAILED) throw std::runtime_error("cannot map " + path);
  return {path, static_cast<std::uint8_t*>(begin), about.st_size};
}

// A host sees one file in its life.
long count(const std::string& path, long place) {
  static const Bytes bytes = map(path);
  if (path != bytes.path || place < 0 || place >= bytes.size) throw std::runtime_error("no such place");
  std::atomic_ref(bytes.begin[place]).fetch_add(1);
  return place;
}

long on_a_core(flowrra::CpuContext&, const std::string& path, long place) { return count(path, place); }
flowrra::Co<long> on_the_loop(std::string path, long place) { co_return count(path, place); }

}  // namespace

FLOWRRA_PLUGIN("tally", "1.0.0") {
  plugin.cpu("tally.cpu", on_a_core, {.args = {"path", "place"}});
  plugin.io("tally.io", on_the_loop, {.args = {"path", "place"}});
}
