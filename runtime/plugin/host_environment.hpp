#pragma once

#include <string>
#include <vector>

namespace flowrra {

// The plugin path that means: the tasks that are part of the host's own program. Such a program is node and host at
// once; as a path it is also how a program executes itself again, even when its file was replaced meanwhile.
inline constexpr const char* kThisProgram = "/proc/self/exe";

// The variable that tells a program that it was started as a host. Hosts take it out of their environment at once.
inline constexpr const char* kHostMarker = "FLOWRRA_RUN_AS_HOST";

// What hosts and probes are started with: clean_environment() and the marker.
std::vector<std::string> host_environment();

}  // namespace flowrra
