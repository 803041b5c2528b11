#pragma once

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <flowrra/plugin.hpp>
#include <string>
#include <string_view>

// The task's side of a gate (support/gate.hpp).
namespace flowrra::test {

// Adds the line "LABEL ATTEMPT" to the file.
inline void write_line(const std::string& path, std::string_view label, int attempt) {
  const std::string line = std::string(label) + " " + std::to_string(attempt) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(file);
  if (!written) throw Permanent("cannot write " + path);
}

// Writes "ID ATTEMPT", then waits for a byte from the FIFO beside the file; the attempt. The test holds the FIFO open,
// so that opening it never waits.
inline int wait_at_gate(Context& ctx, const std::string& path) {
  write_line(path, ctx.id(), ctx.attempt());
  const int fifo = ::open((path + ".go").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fifo < 0) throw Permanent("cannot open " + path + ".go");
  char byte = 0;
  while (::read(fifo, &byte, 1) != 1) {
    ctx.throw_if_cancelled();
    pollfd entry{fifo, POLLIN, 0};
    ::poll(&entry, 1, 20);
  }
  ::close(fifo);
  return ctx.attempt();
}

}  // namespace flowrra::test
