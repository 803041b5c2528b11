// expect: whose parameter types are spelled out
#include <flowrra/plugin.hpp>

FLOWRRA_PLUGIN("p", "1") {
  plugin.cpu("t", [](auto a) { return a; });
}
