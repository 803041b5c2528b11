#pragma once

#include <memory>

#include "store/redis/stream.hpp"

namespace flowrra::redis {

// TLS 1.2 or newer over a connected socket. The server's certificate must be signed by one that is trusted (ca_file, or
// those of the system) and must name the host, unless network.insecure. Shows the client certificate where there is
// one. Errors: as those of a stream; config (a file of certificates or keys cannot be used).
Result<std::unique_ptr<Stream>> tls_stream(UniqueFd socket, const Endpoint& endpoint, const Until& until);

}  // namespace flowrra::redis
