// expect: a lambda without captures
#include <flowrra/plugin.hpp>

FLOWRRA_PLUGIN("p", "1") {
  int factor = 2;
  plugin.io("t", [factor](int a) -> flowrra::Co<int> { co_return a* factor; });
}
