#pragma once

#include "executor/executor.hpp"
#include "support/build_tree.hpp"

namespace flowrra::test {

// Hosts that know the tasks of the fixture `faulty`.
inline HostSettings faulty_hosts() {
  HostSettings out;
  out.program = program("flowrra-host");
  out.plugins = {fixture("faulty.so")};
  return out;
}

}  // namespace flowrra::test
