#pragma once

#include <string>
#include <vector>

struct flowrra_plugin;

namespace flowrra {

// The whole of flowrra-host: a child of a node that loads plugins and runs their tasks, or reads the manifest of one.
// `arguments` is the command line without the program's name. `built_in`, which may be null and outlives the process,
// is a plugin that is part of this program; the path kThisProgram asks for it. Returns the exit code. [main thread,
// once, before anything else of the program runs]
int run_host_program(const std::vector<std::string>& arguments, const flowrra_plugin* built_in);

}  // namespace flowrra
