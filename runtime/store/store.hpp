#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "store/backend.hpp"
#include "store/broker.hpp"
#include "store/directory.hpp"

namespace flowrra {

enum class Durability : std::uint8_t {
  full,    // an acknowledged change survives loss of power
  normal,  // it survives death of any process, but the last moments before a loss of power may be gone
};

// What only a store on the network looks at.
struct NetworkOptions {
  int max_connections = 50;            // of this process to one store; one more is refused
  bool retry_on_timeout = true;        // a call that was not answered in time is made once more
  std::string key_prefix = "flowrra";  // of every key
  std::string password_file;           // the password, where the URL has none
  std::string ca_file;                 // PEM: who may have signed the server's certificate; empty: the system's own
  std::string certificate;             // PEM: of this client, with its private key below; empty: none
  std::string private_key;
  bool insecure = false;  // also without encryption to another machine, and without a check of the certificate

  bool operator==(const NetworkOptions&) const = default;
};

struct StoreOptions {
  std::string url;
  Durability durability = Durability::full;
  Micros busy_timeout = std::chrono::seconds(5);  // how long to wait for others that hold the store, or for its answer
  const Clock* clock = nullptr;                   // null: the system's, or the server's; else it outlives the store
  NetworkOptions network = {};
  int stop_fd = -1;  // once it is readable, opening a store on the network does not wait for its server any more
};

// One thing that a store was asked about its own state, as people get to read it.
struct StoreCheck {
  enum class Level : std::uint8_t { ok, warning, error };
  Level level = Level::ok;
  std::string subject;  // "integrity", "free space"
  std::string message;
  std::string hint = {};  // what to do about it
};

// One open store, in whichever roles it is used. Belongs to one thread; open it again for another.
class Store {
 public:
  virtual ~Store() = default;
  virtual Broker& broker() = 0;
  virtual Directory& directory() = 0;
  virtual Backend& backend() = 0;

  // Looks at the store itself: whether it can be written, is whole, has room. Reads all of it: for people, not for a
  // node.
  virtual std::vector<StoreCheck> check() { return {}; }

  // What an acknowledged change survives, for the log of a node that starts. Nothing where the options alone decide it.
  virtual std::optional<StoreCheck> durability() { return std::nullopt; }
};

}  // namespace flowrra
