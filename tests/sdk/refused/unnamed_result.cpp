// expect: the result of this task cannot be written as JSON
#include <flowrra/plugin.hpp>

struct Result {
  int a;
};
Result task(int a) { return {a}; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task); }
