#include "store/redis/handshake.hpp"

#include <charconv>
#include <string>

#include "store/redis/command.hpp"
#include "store/redis/errors.hpp"

namespace flowrra::redis {
namespace {

constexpr std::string_view kSections[] = {"server", "memory", "persistence"};

void append(std::string& out, std::initializer_list<std::string_view> words) {
  append_command(out, {words.begin(), words.size()});
}

std::string greeting(const Endpoint& endpoint) {
  std::string out;
  if (!endpoint.user.empty()) {
    append(out, {"AUTH", endpoint.user, endpoint.password});
  } else if (!endpoint.password.empty()) {
    append(out, {"AUTH", endpoint.password});
  }
  if (endpoint.database != 0) append(out, {"SELECT", std::to_string(endpoint.database)});
  append(out, {"CLIENT", "SETNAME", "flowrra"});
  for (const std::string_view section : kSections) append(out, {"INFO", section});
  return out;
}

// Some of the server's messages repeat what was sent to it: of those to AUTH only what is known is shown.
Error about_auth(std::string_view text) {
  if (text.starts_with("ERR AUTH")) {
    return {Code::config, "the server has no password, but the URL or the password_file does",
            "Give the server the password, or remove it here."};
  }
  if (error_word(text) == "ERR" && !text.starts_with("ERR max number of clients")) {
    return {Code::denied, "the server did not accept user and password",
            "Check user and password in the URL, or the password_file."};
  }
  return server_error(text);
}

Error about_select(std::string_view text) {
  Error error = server_error(text);
  if (error.code == Code::internal) {
    error.code = Code::config;
    error.hint = "Name another database at the end of the URL, or none.";
  }
  return error;
}

// What many users may not do, and what is not needed.
bool can_do_without(std::string_view text) {
  return error_word(text) == "NOPERM" || server_error(text).code == Code::internal;
}

Result<ServerInfo> read_answers(Link& link, const Endpoint& endpoint, const Until& until) {
  if (!endpoint.user.empty() || !endpoint.password.empty()) {
    const auto auth = link.receive(until);
    if (!auth) return auth.error();
    if (auth->view().is_error()) return about_auth(auth->view().text());
  }
  if (endpoint.database != 0) {
    const auto select = link.receive(until);
    if (!select) return select.error();
    if (select->view().is_error()) return about_select(select->view().text());
  }
  ServerInfo server;
  bool loading = false;
  for (std::size_t i = 0; i < 1 + std::size(kSections); ++i) {
    const auto answer = link.receive(until);
    if (!answer) return answer.error();
    const std::string_view text = answer->view().text();
    if (!answer->view().is_error()) {
      loading = read_info(text, server) || loading;
    } else if (!can_do_without(text)) {
      return server_error(text);
    }
  }
  if (loading) return Error{Code::unreachable, "LOADING: the server still reads its data", "This passes by itself."};
  return server;
}

Result<Greeted> attempt(const Endpoint& endpoint, const Until& until) {
  auto stream = open_stream(endpoint, until);
  if (!stream) return stream.error();
  Greeted out{std::make_unique<Link>(*std::move(stream)), {}};
  if (auto sent = out.link->send(greeting(endpoint), until); !sent) return sent.error();
  auto server = read_answers(*out.link, endpoint, until);
  if (!server) {
    Error error = server.error();
    if (error.code == Code::unreachable && error.hint.empty() && !endpoint.tls && endpoint.path.empty()) {
      error.hint = "Check host and port; if the server expects TLS there, write rediss://.";
    }
    return error;
  }
  out.server = *std::move(server);
  if (auto checked = check_server(out.server); !checked) return checked.error();
  return out;
}

}  // namespace

Result<Greeted> greet(const Endpoint& endpoint, int stop_fd) {
  auto greeted = attempt(endpoint.refreshed(), Until::after(endpoint.timeout, stop_fd));
  if (greeted) return greeted;
  Error error = greeted.error().in(endpoint.name());
  if (error.code == Code::timed_out) error.code = Code::unreachable;
  if (error.code == Code::busy) error.code = Code::unreachable;
  if (error.code == Code::unreachable && error.hint.empty()) {
    error.hint = "Check that the server runs there and can be reached from this machine.";
  }
  return error;
}

bool read_info(std::string_view text, ServerInfo& out) {
  bool loading = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view key = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (key == "redis_version") out.version = value;
    if (key == "maxmemory_policy") out.maxmemory_policy = value;
    if (key == "loading") loading = value == "1";
    if (key == "aof_enabled") {
      out.aof_known = true;
      out.append_only = value == "1";
    }
  }
  return loading;
}

Status check_server(const ServerInfo& server) {
  if (server.maxmemory_policy.starts_with("allkeys-")) {
    return Error{Code::config, "the server may throw tasks away (maxmemory-policy " + server.maxmemory_policy + ")",
                 "Run `redis-cli CONFIG SET maxmemory-policy noeviction`, and write the same into its redis.conf."};
  }
  int major = 0;
  int minor = 0;
  const char* const end = server.version.data() + server.version.size();
  const char* at = std::from_chars(server.version.data(), end, major).ptr;
  if (at != end && *at == '.') std::from_chars(at + 1, end, minor);
  if (!server.version.empty() && (major < 6 || (major == 6 && minor < 2))) {
    return Error{Code::config, "the server is Redis " + server.version + ", which is too old",
                 "Use Redis 6.2 or newer; 7.0 is what Flowrra is tested with."};
  }
  return {};
}

}  // namespace flowrra::redis
