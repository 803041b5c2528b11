#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/broker.hpp"
#include "store/redis/engine.hpp"
#include "store/redis/fields.hpp"
#include "store/redis/turn_words.hpp"

namespace flowrra::redis {

// The exchanges of one broker, numbered. A turn whose answer did not come may have happened, or may happen yet: the
// next one names it, so that what it told is not told twice, and one that comes late is refused by its number.
//
// What a claim has leased is known here until it is settled: a settlement says which line the task has while it runs,
// and which it shall have, by the rules of store/standing.hpp.
class Turns {
 public:
  explicit Turns(Engine& engine);
  Result<ExchangeAnswer> run(const ExchangeRequest& request) {
    begin(request);
    return end({[] { return nullptr; }});
  }

  // As Broker::begin_exchange() and end_exchange().
  void begin(const ExchangeRequest& request);
  Result<ExchangeAnswer> end(const Broker::NextExchange& next);

 private:
  // What turns told whose answers did not come: from the first such turn on, as what is not known to have arrived is
  // told again with each.
  struct Told {
    Lease lease;
    std::int64_t turn = 0;
    std::size_t log = 0;  // bytes of lines
  };
  using Tolds = std::unordered_map<TaskId, Told>;

  struct Held {
    SessionId session;
    std::uint64_t counter = 0;
    std::string line;
    std::string lane;   // it was taken from this one; of a task whose line cannot be read
    bool told = false;  // it may have told of its progress
  };

  // What the server's clock showed some time ago. It is never ahead of that clock, nor behind the start of a task that
  // was claimed here.
  struct ServerTime {
    WallTime shown;
    BootTime heard;
  };

  // A turn whose answer is awaited.
  struct Open {
    const ExchangeRequest* request = nullptr;
    std::int64_t turn = 0;
    std::vector<std::size_t> sent;  // which settlement each digit of the answer is for
    Arguments words;
    Status begun;                         // an error: nothing was sent
    std::optional<Result<Reply>> answer;  // that was read ahead of its time
  };

  Result<Reply> receive(Open& open, int bell = -1);
  Result<Reply> receive_first(const Broker::NextExchange& next, bool& taken);
  Result<ExchangeAnswer> read(ReplyView view, const Open& done);
  void await_open();
  Result<ExchangeAnswer> run_between(const ExchangeRequest& request);
  Status fetch_unknown(const ExchangeRequest& request);
  [[nodiscard]] const Held* held(const Lease& lease) const;
  [[nodiscard]] std::string_view held_line(const Lease& lease) const;
  [[nodiscard]] std::optional<WallTime> server_time() const;
  bool add_settlement(SettlementWords& out, const Settlement& asked, bool keep_results,
                      std::optional<WallTime> now) const;
  static bool add_end(SettlementWords& out, const Settlement& asked, std::string_view line, bool keep_results,
                      WallTime now);
  [[nodiscard]] bool may_announce(const ExchangeRequest& request) const;
  void add_progress(Arguments& out, const ProgressUpdate& update);
  Arguments arguments(const ExchangeRequest& request, const SessionId& session, std::vector<std::size_t>& sent);
  void keep_told(const ExchangeRequest& request, std::int64_t turn);
  Status settle_unwanted(const ExchangeRequest& request, const std::vector<std::size_t>& which, ExchangeAnswer& answer);
  void look_again();
  void arrived(const ExchangeRequest& request);
  void forget(const ExchangeRequest& request);
  std::vector<Settlement> keep_taken(ReplyView reply, const SessionId& session, std::vector<LeasedTask>& out);

  Engine& engine_;
  std::string writer_;  // tells this broker's numbers from those of others of the same session
  std::int64_t turn_ = 0;
  std::deque<Open> open_;                  // the first was begun first
  SessionId session_;                      // of the last claim
  std::optional<ServerTime> server_time_;  // as a claim told it last
  std::unordered_map<TaskId, Held> held_;  // tasks that were leased and not settled
  Tolds outcomes_;
  Tolds progress_;
};

}  // namespace flowrra::redis
