#include "store/redis/turn_words.hpp"

#include "store/fair_share.hpp"

namespace flowrra::redis {
namespace {

std::optional<Micros> duration(ReplyView view) {
  if (view.text().empty()) return std::nullopt;
  return Micros(view.number());
}

}  // namespace

void add_take(Arguments& out, const TakeRequest& take) {
  const bool shared = is_shared(take.weights, take.queues.size());
  out.add(true).add(take.session).own(word(take.node)).add(shared).add(take.queues.size());
  for (std::size_t i = 0; i < take.queues.size(); ++i) {
    out.add(take.queues[i]);
    if (shared) out.add(take.weights[i]);
  }
  out.add(take.wants.size());
  for (const auto& want : take.wants) {
    out.add(want.limit).add(want.names.size());
    for (const auto& name : want.names) out.add(name);
    out.add(want.credits.size());
    for (const int credit : want.credits) out.add(credit);
  }
  out.add(take.holds ? static_cast<std::int64_t>(take.holds->size()) : std::int64_t{-1});
  if (!take.holds) return;
  for (const auto& id : *take.holds) out.add(id);
}

void add_change(Arguments& out, const Settlement& asked, std::string_view line, const Stored& becomes) {
  const TaskRecord& task = becomes.task;
  const bool waits = !is_final(task.state);
  Line changed = line_of(becomes);
  out.add(asked.lease.task).add(asked.lease.session).add(line).own(lane_of(task.queue, task.name));
  out.add(static_cast<int>(task.state)).own(std::move(changed.before)).own(std::move(changed.after));
  out.add(std::clamp(asked.delay, Micros(0), kLongestDelay)).add(task.priority);
  waits ? out.own(place_of(becomes)) : out.add("");
  waits&& task.expires_at ? out.add(to_micros(*task.expires_at)) : out.add("");
  out.add(asked.result).own(error_text(asked.error)).add(asked.progress).add(asked.log);
}

char settled_digit(ReplyView reply, std::size_t index) {
  const std::string_view digits = reply[kSettled].text();
  return index < digits.size() ? digits[index] : '0';
}

Texts taken_texts(ReplyView reply, std::size_t at) {
  return {.args = reply[at + 2],
          .extra = reply[at + 3],
          .result = {},
          .error = reply[at + 4],
          .progress = {},
          .log = reply[at + 5]};
}

void read_plain(ReplyView reply, const ExchangeRequest& request, ExchangeAnswer& out) {
  out.next_due = duration(reply[kDue]);
  out.next_expiry = duration(reply[kExpiry]);
  out.reload = reply[kReload].number();
  for (std::size_t i = 0; i < reply[kCancel].size(); ++i) out.cancel.emplace_back(reply[kCancel][i].text());
  if (!request.take || !is_shared(request.take->weights, request.take->queues.size())) return;
  for (std::size_t i = 0; i < reply[kCredits].size(); ++i) {
    const ReplyView want = reply[kCredits][i];
    auto& credits = out.credits.emplace_back();
    for (std::size_t n = 0; n < want.size(); ++n) credits.push_back(static_cast<int>(want[n].number()));
  }
}

}  // namespace flowrra::redis
