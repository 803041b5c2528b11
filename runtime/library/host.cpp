#include <cstdlib>
#include <flowrra/library/host.hpp>

#include "host/program.hpp"
#include "library/registered.hpp"
#include "plugin/host_environment.hpp"

namespace flowrra::library {

void run_host_if_asked(int argc, char** argv, const TaskRegistry& registry) {
  seal(RegistryAccess::tasks(registry));
  if (std::getenv(kHostMarker) == nullptr) return;
  // As if main() had returned: what the program's libraries want to do at exit is done.
  std::exit(run_host_program({argv + 1, argv + argc}, &sealed_plugin()));
}

}  // namespace flowrra::library
