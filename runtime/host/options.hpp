#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/plugin_file.hpp"
#include "task/limits.hpp"
#include "task/task.hpp"

namespace flowrra {

// The command line of flowrra-host. Only our own programs write it.
//   flowrra-host manifest --fd N [--parent PID] PLUGIN
//   flowrra-host run --kind io|cpu --socket-fd N --page-fd M --parent PID [--crash-fd C]
//                    [--blocking-threads K] [--memory BYTES] [--open-files N] [--file-size BYTES] [--processes N]
//                    PLUGIN…
// A PLUGIN is a path, or --copy COPY and the path by which people know the plugin whose copy it is.
struct HostOptions {
  enum class Command { manifest, run };
  Command command = Command::run;
  int manifest_fd = -1;
  Kind kind = Kind::cpu;
  int socket_fd = -1;
  int page_fd = -1;
  int crash_fd = -1;
  pid_t parent = 0;  // 0: any
  int blocking_threads = 4;
  Limits limits;  // of an io host
  std::vector<PluginFile> plugins;
};

// Code::usage when it is none of the two forms.
Result<HostOptions> parse_host_options(const std::vector<std::string>& arguments);

}  // namespace flowrra
