// expect: an argument of this task cannot be read from JSON
#include <flowrra/plugin.hpp>

int task(const char* text) { return text[0]; }

FLOWRRA_PLUGIN("p", "1") { plugin.cpu("t", task); }
