// expect: a lambda without captures
#include <flowrra/plugin.hpp>

FLOWRRA_PLUGIN("p", "1") {
  int factor = 2;
  plugin.cpu("t", [factor](int a) { return a * factor; });
}
