// The tasks of the comparison: one string, given back. echo.io is a coroutine, echo.cpu has a process to itself.
#include <flowrra/plugin.hpp>
#include <string>

namespace {

std::string on_a_core(flowrra::CpuContext&, const std::string& value) { return value; }
flowrra::Co<std::string> on_the_loop(std::string value) { co_return value; }

}  // namespace

FLOWRRA_PLUGIN("echo", "1.0.0") {
  plugin.cpu("echo.cpu", on_a_core, {.args = {"value"}});
  plugin.io("echo.io", on_the_loop, {.args = {"value"}});
}
