#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "store/redis/endpoint.hpp"
#include "store/redis/until.hpp"

namespace flowrra::redis {

// A connected, non-blocking socket to where the endpoint is: the unix socket, or the first address of the host that
// takes the connection. Errors as those of a stream.
Result<UniqueFd> dial(const Endpoint& endpoint, const Until& until);

}  // namespace flowrra::redis
