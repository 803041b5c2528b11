#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace flowrra {

// The variable by which a host and all that descends from it are told apart.
inline constexpr std::string_view kHostMark = "FLOWRRA_HOST";

// What the marks of this process's hosts begin with: its PID namespace, its number and start, and what nobody can
// guess.
std::string new_node_mark();

// True when the mark names a node of this PID namespace that no longer runs.
bool is_of_dead_node(std::string_view mark);

// The mark that the process inherited. Nothing where it has none, has taken it off, or may not be looked into.
std::optional<std::string> host_mark(pid_t pid);

// Whether the process, or its ancestor, was put under no_new_privs, which nothing lifts.
bool has_no_new_privileges(pid_t pid);

}  // namespace flowrra
