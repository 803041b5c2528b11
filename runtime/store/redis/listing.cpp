#include "store/redis/listing.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "store/redis/counts.hpp"

namespace flowrra::redis {
namespace {

constexpr std::int64_t kFew = 2000;  // are read and sorted rather than looked for among all
constexpr std::int64_t kPage = 500;  // of a walk
constexpr std::size_t kReadAtOnce = 100;
constexpr std::size_t kMostBeginnings = 10000;  // ids with one beginning that are looked at

// What the index of a state has of tasks: an id; of those that are pending a place in front of ids.
void add_member(std::string_view id, std::vector<TaskId>& out) {
  if (!id.empty()) out.emplace_back(id);
}
void add_block(std::string_view block, std::vector<TaskId>& out) {
  constexpr std::size_t kPlace = 17;  // "%016d:"
  for (std::size_t at = kPlace; at < block.size();) {
    const std::size_t end = std::min(block.find(' ', at), block.size());
    add_member(block.substr(at, end - at), out);
    at = end + 1;
  }
}

std::vector<TaskRecord> page_of(std::vector<Stored> all, const ListQuery& query) {
  std::vector<TaskRecord> out;
  for (auto at = static_cast<std::size_t>(query.offset); at < all.size() && std::ssize(out) < query.limit; ++at) {
    out.push_back(std::move(all[at].task));
  }
  return out;
}

bool has(const std::vector<State>& states, State state) { return std::ranges::find(states, state) != states.end(); }

}  // namespace

// So many at a time: their texts may be large, and the server does nothing else meanwhile.
Result<std::vector<Stored>> Listing::read(const Ids& ids, bool with_logs) {
  std::vector<Stored> out;
  for (std::size_t at = 0; at < ids.size(); at += kReadAtOnce) {
    const auto some = std::span(ids).subspan(at, std::min(kReadAtOnce, ids.size() - at));
    if (auto status = read_into(out, some, with_logs); !status) return status.error();
  }
  return out;
}

Status Listing::read_into(std::vector<Stored>& out, std::span<const TaskId> ids, bool with_logs) {
  Arguments words = engine_.arguments();
  words.add(with_logs);
  for (const TaskId& id : ids) words.add(id);
  auto reply = engine_.run(engine_.scripts.read, words);
  if (!reply) return reply.error();
  const ReplyView view = reply->view();
  std::set<std::string_view> unwanted;
  for (std::size_t i = 0; i < view[5].size(); ++i) unwanted.insert(view[5][i].text());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (view[0][i].is_nil()) continue;
    const Texts texts{.extra = view[1][i], .error = view[2][i], .progress = view[3][i], .log = view[4][i]};
    out.push_back(read_stored(ids[i], view[0][i].text(), texts));
    TaskRecord& task = out.back().task;
    task.cancel_requested = task.state == State::running && unwanted.contains(ids[i]);
  }
  return {};
}

Result<std::optional<TaskRecord>> Listing::find(const TaskId& id) {
  auto found = read({id}, true);
  if (!found) return found.error();
  if (found->empty()) return std::optional<TaskRecord>();
  Stored& stored = found->front();
  if (shown_ == Shown::outcomes && (stored.tombstone || !is_final(stored.task.state))) {
    return std::optional<TaskRecord>();
  }
  return std::optional(std::move(stored.task));
}

bool Listing::wanted(const Stored& stored, const ListQuery& query) const {
  const TaskRecord& task = stored.task;
  if (shown_ == Shown::outcomes && stored.tombstone) return false;
  return has(query.states, task.state) && (!query.queue || task.queue == *query.queue) &&
         (!query.name || task.name == *query.name) && (!query.id_begin || task.id.starts_with(*query.id_begin)) &&
         (!query.tag || std::ranges::find(task.tags, *query.tag) != task.tags.end());
}

// No more tasks than this are in the query's states, queue and name.
Result<std::int64_t> Listing::most(const ListQuery& query) {
  auto counts = stored_counts(engine_);
  if (!counts) return counts.error();
  std::int64_t sum = 0;
  for (const StateCount& each : *counts) {
    if (has(query.states, each.state) && (!query.queue || each.queue == *query.queue)) sum += each.count;
  }
  return sum;
}

Result<std::vector<TaskRecord>> Listing::list(ListQuery query) {
  if (query.states.empty()) query.states.assign(kStates.begin(), kStates.end());
  const bool ended = shown_ == Shown::outcomes || query.order == ListQuery::Order::finished_last;
  if (ended) std::erase_if(query.states, [](State state) { return !is_final(state); });
  if (query.states.empty() || query.limit <= 0) return std::vector<TaskRecord>();
  if (query.order == ListQuery::Order::finished_last) return by_end(query);
  if (query.id_begin) {
    auto ids = with_beginning(*query.id_begin);
    if (!ids) return ids.error();
    return sorted(*ids, query);
  }
  const auto count = most(query);
  if (!count) return count.error();
  if (*count > kFew) return by_arrival(query);
  auto ids = in_states(query);
  if (!ids) return ids.error();
  return sorted(*ids, query);
}

Result<std::vector<Stored>> Listing::read_wanted(const Ids& ids, const ListQuery& query) {
  auto all = read(ids, false);
  if (!all) return all.error();
  std::erase_if(*all, [&](const Stored& each) { return !wanted(each, query); });
  return all;
}

Result<std::vector<TaskRecord>> Listing::sorted(const Ids& ids, const ListQuery& query) {
  auto all = read_wanted(ids, query);
  if (!all) return all.error();
  std::ranges::sort(*all, {}, &Stored::seq);
  if (query.order == ListQuery::Order::newest) std::ranges::reverse(*all);
  return page_of(*std::move(all), query);
}

// Walks through all tasks until the page is full.
Result<std::vector<TaskRecord>> Listing::by_arrival(const ListQuery& query) {
  const bool up = query.order == ListQuery::Order::oldest;
  std::string from = up ? "-" : "+";
  std::vector<Stored> found;
  while (std::ssize(found) < query.offset + query.limit) {
    auto reply =
        engine_.read(up ? "XRANGE" : "XREVRANGE", "all", {from, up ? "+" : "-", "COUNT", std::to_string(kPage)});
    if (!reply) return reply.error();
    const ReplyView entries = reply->view();
    if (entries.size() == 0) break;
    Ids ids;
    for (std::size_t i = 0; i < entries.size(); ++i) ids.emplace_back(entries[i][1][1].text());
    from = "(" + std::string(entries[entries.size() - 1][0].text());
    auto some = read_wanted(ids, query);
    if (!some) return some.error();
    std::ranges::move(*some, std::back_inserter(found));
  }
  return page_of(std::move(found), query);
}

// The last of each state, and of these the last; more of each as long as too few of them are wanted.
Result<std::vector<TaskRecord>> Listing::by_end(const ListQuery& query) {
  for (std::int64_t last = query.offset + query.limit;; last *= 4) {
    Ids ids;
    bool whole = true;
    for (const State state : query.states) {
      const std::size_t before = ids.size();
      auto reply =
          engine_.read("ZREVRANGE", "done:" + std::to_string(static_cast<int>(state)), {"0", std::to_string(last - 1)});
      if (!reply) return reply.error();
      for (std::size_t i = 0; i < reply->view().size(); ++i) add_member(reply->view()[i].text(), ids);
      whole &= static_cast<std::int64_t>(ids.size() - before) < last;
    }
    auto found = read_wanted(ids, query);
    if (!found) return found.error();
    if (!whole && std::ssize(*found) < query.offset + query.limit) continue;
    std::ranges::sort(*found, std::ranges::greater(),
                      [](const Stored& each) { return std::pair(each.task.finished_at, each.seq); });
    return page_of(*std::move(found), query);
  }
}

Result<Listing::Ids> Listing::with_beginning(const std::string& begin) {
  std::string pattern;
  for (const char c : begin) {
    if (std::string_view("*?[]\\^").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  pattern += '*';
  Ids out;
  std::string cursor = "0";
  do {
    auto reply = engine_.read("HSCAN", "state", {cursor, "MATCH", pattern, "COUNT", "2000"});
    if (!reply) return reply.error();
    cursor = reply->view()[0].text();
    const ReplyView pairs = reply->view()[1];
    for (std::size_t i = 0; i < pairs.size(); i += 2) out.emplace_back(pairs[i].text());
  } while (cursor != "0" && !cursor.empty() && out.size() < kMostBeginnings);
  std::ranges::sort(out);  // a scan may name one twice
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// The ids of few tasks, from the indexes of their states.
Result<Listing::Ids> Listing::in_states(const ListQuery& query) {
  Ids out;
  const auto add = [&](std::string_view command, const std::string& key, const auto& add_ids) -> Status {
    auto reply = command == "HKEYS" ? engine_.read(command, key) : engine_.read(command, key, {"0", "-1"});
    if (!reply) return reply.error();
    for (std::size_t i = 0; i < reply->view().size(); ++i) add_ids(reply->view()[i].text(), out);
    return {};
  };
  const auto add_lanes = [&](std::string_view command, const char* lanes, const char* index,
                             const auto& add_ids) -> Status {
    auto reply = command == "SMEMBERS" ? engine_.read(command, lanes) : engine_.read(command, lanes, {"0", "-1"});
    if (!reply) return reply.error();
    for (std::size_t i = 0; i < reply->view().size(); ++i) {
      const std::string lane(reply->view()[i].text());
      if (query.queue && !lane.starts_with(*query.queue + ":")) continue;
      if (auto added = add("ZRANGE", index + lane, add_ids); !added) return added;
    }
    return {};
  };
  Status status;
  if (has(query.states, State::pending)) status = add_lanes("SMEMBERS", "lanes", "ready:", add_block);
  if (status && (has(query.states, State::scheduled) || has(query.states, State::retrying))) {
    status = add_lanes("ZRANGE", "due", "due:", add_member);
  }
  if (status && has(query.states, State::running)) {
    auto runners = engine_.read("SMEMBERS", "runners");
    if (!runners) return runners.error();
    for (std::size_t i = 0; status && i < runners->view().size(); ++i) {
      status = add("HKEYS", "run:" + std::string(runners->view()[i].text()), add_member);
    }
  }
  for (const State state : query.states) {
    if (status && is_final(state))
      status = add("ZRANGE", "done:" + std::to_string(static_cast<int>(state)), add_member);
  }
  if (!status) return status.error();
  return out;
}

}  // namespace flowrra::redis
