// expect: by value or const reference
#include <flowrra/plugin.hpp>

int task(flowrra::CpuContext&, int& a) { return a; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task); }
