// expect: a struct with FLOWRRA_FIELDS
#include <flowrra/plugin.hpp>

struct Args {
  int a;
};
int task(flowrra::CpuContext&, std::vector<Args> all) { return all[0].a; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task); }
