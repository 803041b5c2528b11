#pragma once

#include <netdb.h>

#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/redis/until.hpp"

namespace flowrra::redis {

struct FreeAddresses {
  void operator()(addrinfo* first) const { freeaddrinfo(first); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

// The addresses of a host. The system's resolver knows no deadline: a name is resolved in a thread of its own, which is
// left behind when it takes too long. Errors: unreachable (no such host, not in time), interrupted.
Result<Addresses> resolve(const std::string& host, int port, const Until& until);

}  // namespace flowrra::redis
