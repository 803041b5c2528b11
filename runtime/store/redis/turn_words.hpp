#pragma once

#include <algorithm>
#include <string_view>

#include "store/broker.hpp"
#include "store/redis/arguments.hpp"
#include "store/redis/fields.hpp"

// How one exchange is put into words and read from the answer: the heads of scripts/settle.lua and claim.lua.
namespace flowrra::redis {

// The answer's fields, and how many each taken task has.
enum TurnField : std::size_t { kWord, kSettled, kDue, kExpiry, kReload, kCancel, kCredits, kTaken };
inline constexpr std::size_t kPerTask = 6;

void add_take(Arguments& out, const TakeRequest& take);

// A settlement, but for what follows of earlier turns: the line that the task has, empty where it is not held, and what
// it shall become.
void add_change(Arguments& out, const Settlement& asked, std::string_view line, const Stored& becomes);

char settled_digit(ReplyView reply, std::size_t index);
Texts taken_texts(ReplyView reply, std::size_t at);

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
