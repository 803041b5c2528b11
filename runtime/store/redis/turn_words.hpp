#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "store/broker.hpp"
#include "store/redis/arguments.hpp"
#include "store/redis/fields.hpp"

// How one exchange is put into words and read from the answer: the head of scripts/exchange.lua.
namespace flowrra::redis {

// The answer's fields.
enum TurnField : std::size_t {
  kWord,
  kSettled,
  kDue,
  kExpiry,
  kReload,
  kCancel,
  kCredits,
  kIds,
  kLines,
  kLanes,
  kExtras,
  kErrors,
  kLogs,
  kRuns
};

void add_take(Arguments& out, const TakeRequest& take);

// The beginning of a running task's line, which its session has: all that a claim changes. Empty where there is no such
// line.
std::string_view beginning_of(std::string_view line);

// The settlements of a turn: those that only say how a task ended, in groups of what is alike, and all others.
class SettlementWords {
 public:
  // `line` is the one that the task has, and `becomes` what it shall be, with its texts.
  void add_end(const Settlement& asked, std::string_view line, std::string_view lane, std::string becomes);
  // `line` is empty where it is not held. What follows of earlier turns is to be added by the caller.
  Arguments& add_change(const Settlement& asked, std::string_view line, const Stored& becomes);

  // Which settlement each digit of the answer is for.
  std::vector<std::size_t> add_to(Arguments& out) &&;

  // The index of the settlement that is added next.
  void next(std::size_t index) { index_ = index; }

 private:
  struct Group {
    SessionId session;
    std::string beginning;
    std::string lane;
    State state;
    std::vector<std::size_t> indexes;
    Arguments words;
  };
  Group& group_of(const Settlement& asked, std::string_view line, std::string_view lane);

  std::size_t index_ = 0;
  std::vector<Group> groups_;
  std::vector<std::size_t> changes_;
  Arguments change_words_;
};

// A task as it was taken, and the lane that it was taken from.
struct Taken {
  TaskId id;
  std::string line;
  std::string_view lane;
  Texts texts;
};
std::vector<Taken> read_taken(ReplyView reply);

// The server's time as it was when it ran the turn; nothing when it took no tasks.
std::optional<WallTime> time_of(ReplyView reply);

char settled_digit(ReplyView reply, std::size_t index);

// Everything but what became of the settlements, and the taken tasks.
void read_plain(ReplyView reply, const ExchangeRequest& request, ExchangeAnswer& out);

// What is known of a lease, if it is known of this one and no other of the same task.
template <typename Tolds>
const typename Tolds::mapped_type* told_of(const Tolds& tolds, const Lease& lease) {
  const auto found = tolds.find(lease.task);
  if (found == tolds.end()) return nullptr;
  const Lease& old = found->second.lease;
  return old.session == lease.session && old.counter == lease.counter ? &found->second : nullptr;
}

// The turn that may have told it already, or ''.
void add_since(Arguments& out, const auto* told) { told != nullptr ? out.add(told->turn) : out.add(""); }

// Likewise, and how many bytes of the lines it told.
void add_told(Arguments& out, const auto* told, std::string_view log) {
  add_since(out, told);
  out.add(told != nullptr ? std::min(told->log, log.size()) : std::size_t{0});
}

}  // namespace flowrra::redis
