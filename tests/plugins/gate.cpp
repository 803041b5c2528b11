// A plugin for tests that have to know when a task runs and to say when it ends (support/gate.hpp).
//
//   gate.cpu PATH, gate.blocking PATH   writes the line "ID ATTEMPT" to the file PATH and waits for a byte from the
//                                       FIFO PATH.go; the result is the attempt
//   gate.note PATH LABEL                writes the line "LABEL ATTEMPT" to the file PATH
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <flowrra/plugin.hpp>
#include <string>
#include <string_view>

namespace {

void write_line(const std::string& path, std::string_view label, int attempt) {
  const std::string line = std::string(label) + " " + std::to_string(attempt) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  const bool written = file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(file);
  if (!written) throw flowrra::Permanent("cannot write " + path);
}

// The test holds the FIFO open, so that opening it never waits.
int wait_at_gate(flowrra::Context& ctx, const std::string& path) {
  write_line(path, ctx.id(), ctx.attempt());
  const int fifo = ::open((path + ".go").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fifo < 0) throw flowrra::Permanent("cannot open " + path + ".go");
  char byte = 0;
  while (::read(fifo, &byte, 1) != 1) {
    ctx.throw_if_cancelled();
    pollfd entry{fifo, POLLIN, 0};
    ::poll(&entry, 1, 20);
  }
  ::close(fifo);
  return ctx.attempt();
}

int cpu(flowrra::CpuContext& ctx, const std::string& path) { return wait_at_gate(ctx, path); }
int blocking(flowrra::BlockingContext& ctx, const std::string& path) { return wait_at_gate(ctx, path); }
void note(flowrra::CpuContext& ctx, const std::string& path, const std::string& label) {
  write_line(path, label, ctx.attempt());
}

}  // namespace

FLOWRRA_PLUGIN("gate", "1.0.0") {
  plugin.cpu("gate.cpu", cpu, {.args = {"path"}});
  plugin.io("gate.blocking", blocking, {.args = {"path"}});
  plugin.cpu("gate.note", note, {.args = {"path", "label"}});
}
