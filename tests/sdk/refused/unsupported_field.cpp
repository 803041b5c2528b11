// expect: a member named by FLOWRRA_FIELDS cannot be read from JSON
#include <flowrra/plugin.hpp>

struct Args {
  int a;
  void* b;
};
FLOWRRA_FIELDS(Args, a, b);
int task(Args args) { return args.a; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task); }
