// expect: register it with plugin.io()
#include <flowrra/plugin.hpp>

flowrra::Co<int> task(flowrra::IoContext&, int a) { co_return a; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task, {.args = {"a"}}); }
