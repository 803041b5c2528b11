#include "store/redis/connection.hpp"

#include <array>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "store/redis/command.hpp"
#include "store/redis/errors.hpp"
#include "store/redis/handshake.hpp"
#include "store/redis/pause.hpp"
#include "store/redis/slot.hpp"

namespace flowrra::redis {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

class LiveConnection final : public Connection {
 public:
  LiveConnection(Endpoint endpoint, Slot slot) : endpoint_(std::move(endpoint)), slot_(std::move(slot)) {}

  Status connect(int stop_fd = -1);

  Result<Reply> call(Words words) override;
  Status send(const Script& script, std::string_view key, std::span<const std::string_view> arguments) override;
  Result<Reply> receive(const Script& script, std::string_view key, std::span<const std::string_view> arguments,
                        int bell) override;
  [[nodiscard]] bool goes_ahead(const Script& script) const override {
    return link_ && awaited_.size() == 1 && known_ == script.sha1;
  }

  [[nodiscard]] bool outcome_unknown() const override { return outcome_unknown_; }
  [[nodiscard]] const ServerInfo& server() const override { return server_; }
  [[nodiscard]] const Endpoint& endpoint() const override { return endpoint_; }

 private:
  Result<Reply> exchange(Words head, Words rest);
  Status put(Words head, Words rest);
  Result<Reply> get(int bell = -1);
  Error lost(const Error& error);
  Error refused(const Reply& reply);

  Endpoint endpoint_;
  Slot slot_;
  std::unique_ptr<Link> link_;  // null: to be made anew
  ServerInfo server_;
  std::string out_;            // the command that is being sent; kept for its memory
  std::deque<Until> awaited_;  // the answers of what was sent
  std::string_view known_;     // the script that the server ran last on this connection
  bool outcome_unknown_ = false;
  Pause pause_;
  SteadyTime not_before_;        // the end of the pause after a failed attempt
  std::optional<Error> failed_;  // why it failed
};

Status LiveConnection::connect(int stop_fd) {
  if (!awaited_.empty()) return link_ ? Status() : Status(lost({Code::unreachable, "the connection is lost", {}}));
  if (link_ && link_->is_idle()) return {};
  link_.reset();
  known_ = {};
  if (failed_ && std::chrono::steady_clock::now() < not_before_) return *failed_;
  auto greeted = greet(endpoint_, stop_fd);
  if (!greeted) {
    failed_ = greeted.error();
    not_before_ = std::chrono::steady_clock::now() + pause_.next();
    return *failed_;
  }
  failed_.reset();
  pause_.reset();
  link_ = std::move(greeted->link);
  server_ = std::move(greeted->server);
  return {};
}

// One command there, one answer back, which may be an error of the server's.
Result<Reply> LiveConnection::exchange(Words head, Words rest) {
  if (auto sent = put(head, rest); !sent) return sent.error();
  return get();
}

Status LiveConnection::put(Words head, Words rest) {
  constexpr std::size_t kMostKept = std::size_t{4} << 20U;
  outcome_unknown_ = false;
  if (auto connected = connect(); !connected) return connected.error();
  if (out_.capacity() > kMostKept) std::string().swap(out_);
  out_.clear();
  append_command(out_, head, rest);
  const Until until = Until::after(endpoint_.timeout);
  if (auto sent = link_->send(out_, until); !sent) return lost(sent.error());
  awaited_.push_back(until);
  return {};
}

// Half a command does nothing, a whole one may have run.
Result<Reply> LiveConnection::get(int bell) {
  outcome_unknown_ = true;
  Until until = awaited_.front();
  until.stop_fd = bell;
  auto reply = link_ ? link_->receive(until) : Error{Code::unreachable, "the connection is lost", {}};
  if (!reply && reply.error().code == Code::interrupted) return reply;
  awaited_.pop_front();
  if (!reply) return lost(reply.error());
  outcome_unknown_ = false;
  return reply;
}

Error LiveConnection::lost(const Error& error) {
  link_.reset();
  Error out = error.in(endpoint_.name());
  out.code = Code::unreachable;
  return out;
}

Error LiveConnection::refused(const Reply& reply) {
  const std::string_view text = reply.view().text();
  if (asks_for_reconnect(text)) link_.reset();
  return server_error(text).in(endpoint_.name());
}

Result<Reply> LiveConnection::call(Words words) {
  auto reply = exchange(words, {});
  if (reply && reply->view().is_error()) return refused(*reply);
  return reply;
}

Status LiveConnection::send(const Script& script, std::string_view key, std::span<const std::string_view> arguments) {
  const std::array<std::string_view, 4> head = {"EVALSHA", script.sha1, "1", key};
  return put(head, arguments);
}

Result<Reply> LiveConnection::receive(const Script& script, std::string_view key,
                                      std::span<const std::string_view> arguments, int bell) {
  auto reply = get(bell);
  if (reply && reply->view().is_error() && error_word(reply->view().text()) == "NOSCRIPT") {
    if (!awaited_.empty()) {
      known_ = {};
      return Error{Code::busy, "the server has forgotten script " + std::string(script.name), "It is sent again."};
    }
    const std::array<std::string_view, 4> head = {"EVAL", script.text, "1", key};
    reply = exchange(head, arguments);
  }
  if (reply) known_ = script.sha1;
  if (reply && reply->view().is_error()) {
    const Error error = refused(*reply);
    return error.code == Code::internal ? error.in("script " + std::string(script.name)) : error;
  }
  return reply;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(Endpoint endpoint, int stop_fd) {
  auto slot = Slot::take(endpoint);
  if (!slot) return slot.error();
  auto connection = std::make_unique<LiveConnection>(std::move(endpoint), *std::move(slot));
  if (auto connected = connection->connect(stop_fd); !connected) return connected.error();
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace flowrra::redis
