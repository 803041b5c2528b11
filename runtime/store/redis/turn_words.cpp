#include "store/redis/turn_words.hpp"

#include <fmt/core.h>

#include <charconv>

#include "store/fair_share.hpp"

namespace flowrra::redis {
namespace {

std::optional<Micros> duration(ReplyView view) {
  if (view.text().empty()) return std::nullopt;
  return Micros(view.number());
}

// What the line of a taken task has become. It was "1 attempt counter - - - …".
std::string taken_line(std::string_view before, std::string_view runs) {
  const std::string_view beginning = beginning_of(before);
  if (beginning.size() < 2) return std::string(before);
  int attempt = 0;
  std::uint64_t counter = 0;
  const char* const end = beginning.data() + beginning.size();
  const char* const second = std::from_chars(beginning.data() + 2, end, attempt).ptr;
  if (second != end) std::from_chars(second + 1, end, counter);
  return fmt::format("2 {} {}{}{}", attempt + 1, counter + 1, runs, before.substr(beginning.size()));
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

std::string_view beginning_of(std::string_view line) {
  std::size_t end = 0;
  for (int fields = 0; fields < 6; ++fields) {
    end = line.find_first_of(" \n", end + 1);
    if (end == std::string_view::npos || line[end] == '\n') return {};
  }
  return line.substr(0, end);
}

SettlementWords::Group& SettlementWords::group_of(const Settlement& asked, std::string_view line,
                                                  std::string_view lane) {
  const std::string_view beginning = beginning_of(line);
  const auto found = std::ranges::find_if(groups_, [&](const Group& group) {
    return group.beginning == beginning && group.lane == lane && group.state == asked.to;
  });
  if (found != groups_.end()) return *found;
  return groups_.emplace_back(asked.lease.session, std::string(beginning), std::string(lane), asked.to);
}

void SettlementWords::add_end(const Settlement& asked, std::string_view line, std::string_view lane,
                              std::string becomes) {
  Group& group = group_of(asked, line, lane);
  group.words.add(asked.lease.task).own(std::move(becomes));
  group.indexes.push_back(index_);
}

Arguments& SettlementWords::add_change(const Settlement& asked, std::string_view line, const Stored& becomes) {
  const TaskRecord& task = becomes.task;
  const bool waits = !is_final(task.state);
  Line changed = line_of(becomes);
  if (!becomes.tombstone) add_texts(changed.after, task.args, asked.result);
  Arguments& out = change_words_;
  out.add(asked.lease.task)
      .add(asked.lease.session)
      .own(std::string(beginning_of(line)))
      .own(lane_of(task.queue, task.name));
  out.add(static_cast<int>(task.state)).own(std::move(changed.before)).own(std::move(changed.after));
  out.add(std::clamp(asked.delay, Micros(0), kLongestDelay)).add(task.priority);
  waits ? out.own(place_of(becomes)) : out.add("");
  waits&& task.expires_at ? out.add(to_micros(*task.expires_at)) : out.add("");
  out.own(error_text(asked.error)).add(asked.progress).add(asked.log);
  changes_.push_back(index_);
  return out;
}

std::vector<std::size_t> SettlementWords::add_to(Arguments& out) && {
  std::vector<std::size_t> order;
  out.add(groups_.size());
  for (Group& group : groups_) {
    out.own(std::move(group.session)).own(std::move(group.beginning)).own(std::move(group.lane));
    out.add(static_cast<int>(group.state)).add(group.indexes.size()).take(std::move(group.words));
    order.insert(order.end(), group.indexes.begin(), group.indexes.end());
  }
  out.add(changes_.size()).take(std::move(change_words_));
  order.insert(order.end(), changes_.begin(), changes_.end());
  return order;
}

// Of " SESSION TIME NODE".
std::optional<WallTime> time_of(ReplyView reply) {
  const std::string_view runs = reply[kRuns].text();
  const auto behind_session = runs.find(' ', 1);
  if (behind_session == std::string_view::npos) return std::nullopt;
  std::int64_t micros = 0;
  const auto end = std::from_chars(runs.data() + behind_session + 1, runs.data() + runs.size(), micros);
  return end.ec == std::errc() ? std::optional(wall_from_micros(micros)) : std::nullopt;
}

char settled_digit(ReplyView reply, std::size_t index) {
  const std::string_view digits = reply[kSettled].text();
  return index < digits.size() ? digits[index] : '0';
}

std::vector<Taken> read_taken(ReplyView reply) {
  const ReplyView ids = reply[kIds];
  const std::string_view runs = reply[kRuns].text();
  std::vector<Taken> out;
  out.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    Taken& task = out.emplace_back(TaskId(ids[i].text()), taken_line(reply[kLines][i].text(), runs));
    task.texts.extra = reply[kExtras][i];
  }
  std::size_t nth = 0;
  for (std::size_t i = 0; i + 1 < reply[kLanes].size(); i += 2) {
    const auto end = nth + static_cast<std::size_t>(std::max<std::int64_t>(reply[kLanes][i + 1].number(), 0));
    for (; nth < std::min(end, out.size()); ++nth) out[nth].lane = reply[kLanes][i].text();
  }
  const auto each_of = [&](TurnField field, ReplyView Texts::*text) {
    for (std::size_t i = 0; i + 1 < reply[field].size(); i += 2) {
      const auto number = static_cast<std::size_t>(reply[field][i].number());
      if (number >= 1 && number <= out.size()) out[number - 1].texts.*text = reply[field][i + 1];
    }
  };
  each_of(kErrors, &Texts::error);
  each_of(kLogs, &Texts::log);
  return out;
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
