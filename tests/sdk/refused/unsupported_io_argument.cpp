// expect: an argument of this task cannot be read from JSON
#include <flowrra/plugin.hpp>

flowrra::Co<void> task(std::string_view) { co_return; }

FLOWRRA_PLUGIN("p", "1") { plugin.io("t", task); }
