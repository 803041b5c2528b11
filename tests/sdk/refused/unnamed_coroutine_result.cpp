// expect: the result of this task cannot be written as JSON
#include <flowrra/plugin.hpp>

struct Result {
  int a;
};
flowrra::Co<Result> task(int a) { co_return Result{a}; }

FLOWRRA_PLUGIN("p", "1") { plugin.io("t", task); }
