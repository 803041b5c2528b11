#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/broker.hpp"
#include "store/redis/engine.hpp"
#include "store/redis/fields.hpp"

namespace flowrra::redis {

// The exchanges of one broker, numbered. A turn whose answer did not come may have happened, or may happen yet: the
// next one names it, so that what it told is not told twice, and one that comes late is refused by its number.
class Turns {
 public:
  explicit Turns(Engine& engine);
  Result<ExchangeAnswer> run(const ExchangeRequest& request);

 private:
  // What turns told whose answers did not come: from the first such turn on, as what is not known to have arrived is
  // told again with each.
  struct Told {
    Lease lease;
    std::int64_t turn = 0;
    std::size_t log = 0;  // bytes of lines
  };
  using Tolds = std::unordered_map<TaskId, Told>;

  Arguments arguments(const ExchangeRequest& request, const SessionId& session);
  void add_settlements(Arguments& out, const ExchangeRequest& request) const;
  void add_progress(Arguments& out, const ExchangeRequest& request) const;
  void keep_lost(const ExchangeRequest& request);

  Engine& engine_;
  std::string writer_;  // tells this broker's numbers from those of others of the same session
  std::int64_t turn_ = 0;
  Tolds outcomes_;
  Tolds progress_;
};

}  // namespace flowrra::redis
