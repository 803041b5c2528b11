#pragma once

#include "base/fd.hpp"

namespace flowrra::test {

// A port of 127.0.0.1 that nobody listens on now; another process may take it at once. It lies below those that the
// system gives to outgoing connections: one of them could take the port of a server that is being restarted, and a
// client that knocks at it could reach itself. [any thread]
int free_port();

// Listens on that port of 127.0.0.1, without blocking; nothing when somebody else does.
UniqueFd listen_on(int port);

}  // namespace flowrra::test
