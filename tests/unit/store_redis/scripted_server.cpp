#include "unit/store_redis/scripted_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <stdexcept>

#include "store/redis/reply.hpp"

namespace flowrra::test {

ScriptedServer::ScriptedServer(Script script, bool greets)
    : script_(std::move(script)),
      greets_(greets),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_.get(), generic, size) != 0 || listen(listener_.get(), 16) != 0 ||
      getsockname(listener_.get(), generic, &size) != 0) {
    throw std::runtime_error("a port for the scripted server");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

std::string ScriptedServer::bulk(const std::string& text) {
  return "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
}

bool ScriptedServer::readable(int fd) const {
  std::array<pollfd, 2> fds = {{{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
  return poll(fds.data(), fds.size(), -1) > 0 && fds[1].revents == 0;
}

void ScriptedServer::serve() {
  while (readable(listener_.get())) {
    const UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) continue;
    ++connections_;
    serve(client.get());
  }
}

// Commands have the form of answers, so the reader of those takes them apart.
void ScriptedServer::serve(int client) {
  redis::ReplyReader reader;
  std::array<char, 4096> room{};
  while (readable(client)) {
    const ssize_t got = recv(client, room.data(), room.size(), 0);
    if (got <= 0) return;
    reader.feed({room.data(), static_cast<std::size_t>(got)});
    while (const auto command = reader.next()) {
      Command words;
      for (std::size_t i = 0; i < command->view().size(); ++i) words.emplace_back(command->view()[i].text());
      const Answer said = answer(words);
      send(client, said.bytes.data(), said.bytes.size(), MSG_NOSIGNAL);
      if (said.close) return;
    }
  }
}

ScriptedServer::Answer ScriptedServer::answer(const Command& command) const {
  const std::string& word = command.front();
  if (greets_ && (word == "AUTH" || word == "CLIENT")) return {"+OK\r\n"};
  if (greets_ && word == "INFO") return {bulk("redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\nloading:0\r\n")};
  return script_(command);
}

}  // namespace flowrra::test
