#pragma once

#include <memory>
#include <string_view>

#include "store/redis/connection.hpp"
#include "store/redis/link.hpp"

namespace flowrra::redis {

// A link to a server that knows who is talking and has said what it is.
struct Greeted {
  std::unique_ptr<Link> link;
  ServerInfo server;
};

// Connects, and in one round trip presents itself, with the password that its file holds by now, and asks for what
// Connection::open() looks at. Errors as there, with the endpoint's name in front, and interrupted.
Result<Greeted> greet(const Endpoint& endpoint, int stop_fd = -1);

// Reads what INFO says into `out`; true when the server is still reading its data.
bool read_info(std::string_view text, ServerInfo& out);

// Whether tasks are safe with this server.
Status check_server(const ServerInfo& server);

}  // namespace flowrra::redis
