// A plugin for tests that have to know when a task runs and to say when it ends (support/gate.hpp).
//
//   gate.cpu PATH, gate.blocking PATH   writes the line "ID ATTEMPT" to the file PATH and waits for a byte from the
//                                       FIFO PATH.go; the result is the attempt
//   gate.note PATH LABEL                writes the line "LABEL ATTEMPT" to the file PATH
#include "support/at_gate.hpp"

namespace {

using flowrra::test::wait_at_gate;

int cpu(flowrra::CpuContext& ctx, const std::string& path) { return wait_at_gate(ctx, path); }
int blocking(flowrra::BlockingContext& ctx, const std::string& path) { return wait_at_gate(ctx, path); }
void note(flowrra::CpuContext& ctx, const std::string& path, const std::string& label) {
  flowrra::test::write_line(path, label, ctx.attempt());
}

}  // namespace

FLOWRRA_PLUGIN("gate", "1.0.0") {
  plugin.cpu("gate.cpu", cpu, {.args = {"path"}});
  plugin.io("gate.blocking", blocking, {.args = {"path"}});
  plugin.cpu("gate.note", note, {.args = {"path", "label"}});
}
