#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "app/client.hpp"

namespace flowrra::library {

// Clients of one configuration, for as many threads as ask at once: each works with one of its own, and a few are kept
// open for the next. [any thread]
class Clients {
 public:
  explicit Clients(flowrra::Config config) : config_(std::move(config)) {}

  // A client while this lives; afterwards it is kept for others, unless it was dropped.
  class Lent {
   public:
    Lent(Clients& home, std::unique_ptr<Client> client) : home_(home), client_(std::move(client)) {}
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    ~Lent() { home_.give_back(std::move(client_)); }
    Client* operator->() const { return client_.get(); }
    // Its store did not work: the next one shall open it anew.
    void drop() { client_.reset(); }

   private:
    Clients& home_;
    std::unique_ptr<Client> client_;
  };

  // Opens the store where no client is idle; throws.
  Lent lend();

 private:
  void give_back(std::unique_ptr<Client> client);

  flowrra::Config config_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Client>> idle_;  // guarded by mutex_
};

}  // namespace flowrra::library
