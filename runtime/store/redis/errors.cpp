#include "store/redis/errors.hpp"

#include <string>

namespace flowrra::redis {
namespace {

struct Meaning {
  std::string_view word;
  Code code;
  std::string_view hint;
};

constexpr std::string_view kPasses = "This passes by itself.";
constexpr std::string_view kCredentials = "Check user and password in the URL, or the password_file.";

constexpr Meaning kMeanings[] = {
    {"LOADING", Code::busy, "The server still reads its data; this passes by itself."},
    {"BUSY", Code::busy,
     "A script of somebody runs for long; `redis-cli SCRIPT KILL` ends one that has written nothing."},
    {"MASTERDOWN", Code::busy, kPasses},
    {"CLUSTERDOWN", Code::busy, "Some of the cluster's nodes are down; see `redis-cli CLUSTER INFO`."},
    {"TRYAGAIN", Code::busy, kPasses},
    {"ASK", Code::busy, "The keys are being moved to another node; this passes by itself."},
    {"NOREPLICAS", Code::busy, "Too few replicas are connected (min-replicas-to-write)."},
    {"OOM", Code::busy,
     "Raise maxmemory of the server, or remove old results (`flowrra rm`, a shorter ttl of the backend)."},
    {"MISCONF", Code::busy, "The server cannot save to its disk: see its log and its disk's free space."},
    {"READONLY", Code::unreachable, "This server is a replica; the URL must lead to the primary."},
    {"WRONGTYPE", Code::corrupt,
     "Another program has written to a key of this prefix; `flowrra doctor` says what still agrees."},
    {"NOAUTH", Code::denied, "Put user and password into the URL, or name a password_file."},
    {"WRONGPASS", Code::denied, kCredentials},
    {"NOPERM", Code::denied, "Let the ACL of this user have the command, the keys or the channel that is named."},
    {"DENIED", Code::denied, "The server is in protected mode: give it a password, or bind it to this machine alone."},
};

// "MOVED 3999 10.0.0.7:6381" names the node that has the keys.
Error moved(std::string_view text) {
  const std::string node(text.substr(text.rfind(' ') + 1));
  return {Code::config, "the keys of this prefix are on another node of the cluster (" + std::string(text) + ")",
          "Name that node in the URL: " + node + "."};
}

}  // namespace

std::string_view error_word(std::string_view text) {
  // Before 7.0 the error of a command within a script stands behind those of the script.
  constexpr std::string_view kInScript = ": -";
  if (text.starts_with("ERR Error running script")) {
    if (const std::size_t at = text.rfind(kInScript); at != std::string_view::npos) text.remove_prefix(at + 3);
  }
  return text.substr(0, text.find(' '));
}

Error server_error(std::string_view text) {
  constexpr std::size_t kMostShown = 500;
  const std::string_view word = error_word(text);
  text = text.substr(0, kMostShown);
  if (word == "MOVED") return moved(text);
  if (text.starts_with("ERR max number of clients")) {
    return {Code::unreachable, std::string(text), "Raise maxclients of the server, or run fewer programs."};
  }
  if (text.starts_with("ERR The user executing the script can't")) {
    return {
        Code::denied, std::string(text),
        "Its ACL lacks a command, the keys or the channels: `redis-cli ACL LOG` names it, docs/redis.md all of them."};
  }
  for (const Meaning& each : kMeanings) {
    if (each.word == word) return {each.code, std::string(text), std::string(each.hint)};
  }
  return {Code::internal, std::string(text), {}};
}

bool asks_for_reconnect(std::string_view text) { return error_word(text) == "READONLY"; }

}  // namespace flowrra::redis
