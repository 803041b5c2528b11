// expect: this task asks for the wrong context
#include <flowrra/plugin.hpp>

int task(flowrra::IoContext&, int a) { return a; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task); }
