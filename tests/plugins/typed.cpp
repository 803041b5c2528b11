// Tasks that give back what they were given, for tests of arguments.
//   typed.text   one string                     typed.mixed  a path, optionally a width and a list of tags
//   typed.number one integer                    typed.fail   fails for good with the message it is given
//   typed.later  one integer, as an io task
#include <flowrra/plugin.hpp>
#include <optional>
#include <string>
#include <vector>

namespace {

struct MixedArgs {
  std::string path;
  int width = 256;
  std::optional<std::vector<std::string>> tags;
};
FLOWRRA_FIELDS(MixedArgs, path, width, tags);

std::string text(flowrra::CpuContext&, const std::string& value) { return value; }
long number(flowrra::CpuContext&, long value) { return value; }
flowrra::Co<long> later(long value) { co_return value; }
MixedArgs mixed(flowrra::CpuContext&, MixedArgs args) { return args; }
int fail(flowrra::CpuContext&, const std::string& message) { throw flowrra::Permanent(message); }

}  // namespace

FLOWRRA_PLUGIN("typed", "1.0.0") {
  plugin.cpu("typed.text", text, {.args = {"value"}, .doc = "Give back a text"});
  plugin.cpu("typed.number", number, {.args = {"value"}});
  plugin.io("typed.later", later, {.args = {"value"}});
  plugin.cpu("typed.mixed", mixed);
  plugin.cpu("typed.fail", fail, {.args = {"message"}});
}
