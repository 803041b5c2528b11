#pragma once

// How a program is its own host.

namespace flowrra::library {

class TaskRegistry;

// Call it at the beginning of main(), after the registry is filled and before anything else.
//
// Tasks run in hosts: child processes that may crash without harm to this one. A program with functions of its own is
// its own host: its executors start it again, with other arguments and a clean environment (PATH, HOME, LANG, LC_ALL,
// TZ, TMPDIR and nothing else). In such a process this function runs tasks until it is told to end, and does not
// return. Otherwise it seals the registry and returns: the program goes on.
//
// Throws HostError when it is called twice. [main thread, before others are started]
void run_host_if_asked(int argc, char** argv, const TaskRegistry& registry);

}  // namespace flowrra::library
