#pragma once

#include <hiredis/hiredis.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/id.hpp"
#include "bench/rates.hpp"

namespace flowrra::bench {

// The same data through few variadic commands a batch, pipelined, and nothing else: no scripts, no fencing, no
// sessions, no counts. What a careless queue over Redis could do at best.
class BareRedis {
 public:
  explicit BareRedis(int port) : connection_(redisConnect("127.0.0.1", port)) {
    if (connection_ == nullptr || connection_->err != 0) std::abort();
  }

  void push_all(int tasks, int batch) {
    for (int done = 0; done < tasks; done += batch) receive(push(std::min(batch, tasks - done)));
  }

  using Words = std::vector<std::string>;

  // Appends the ids of what has ended, where they are wanted.
  void drain_all(int tasks, int batch, Words* ended = nullptr) {
    send({"HSET", "bare:run", "", std::string(65, ' ')});  // or the server looks for each field from the hash's start
    receive();
    Words ids;
    for (int claimed = 0, done = 0; done < tasks;) {
      const int settles = settle(ids);
      const int more = std::min(batch, tasks - claimed);
      if (more > 0) look_for(more);
      receive(settles);
      done += static_cast<int>(ids.size());
      if (ended != nullptr) ended->insert(ended->end(), ids.begin(), ids.end());
      ids = more > 0 ? chosen() : Words();
      claimed += static_cast<int>(ids.size());
      if (!ids.empty()) claim(ids);
    }
  }

  // They were never there.
  void forget(const Words& ids) {
    if (ids.empty()) return;
    for (const auto& [command, key] :
         {std::pair{"HDEL", "bare:state"}, {"HDEL", "bare:args"}, {"ZREM", "bare:all"}, {"ZREM", "bare:done"}}) {
      Words words{command, key};
      words.insert(words.end(), ids.begin(), ids.end());
      send(words);
    }
    receive(4);
  }

  // The life of one task with nothing else in the store, in four round trips: it is queued, and who claims is told; it
  // is looked for; claimed; and its outcome is kept, and who waits is told.
  void one_life() {
    const int pushes = push(1);
    send({"PUBLISH", "bare:wake", ""});
    receive(pushes + 1);
    look_for(1);
    const Words ids = chosen();
    claim(ids);
    const int settles = settle(ids);
    send({"PUBLISH", "bare:done", ""});
    receive(settles + 1);
  }

 private:
  struct Free {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
    void operator()(redisContext* context) const { redisFree(context); }
  };
  using Reply = std::unique_ptr<redisReply, Free>;

  // As long as a task's line in the store.
  static constexpr const char* kLine =
      "2 default:noop 0 0 123456 1795428076295722 1 0 0 0 0 1 0 - - 1795428076296595 - bench bench - - "
      "9nmd0tvngm0fdsa3 "
      "0";
  // As long as what its session has of it.
  static constexpr const char* kLease = "2 1 1 01hgn8m4v0c9s7d2k5x1a3b4c6 1795428076296595 bench ";

  static void append(Words& words, std::initializer_list<std::string_view> more) {
    words.insert(words.end(), more.begin(), more.end());
  }

  // Each sends commands, and returns how many.
  int push(int tasks) {
    Words line{"HSET", "bare:state"}, args{"HSET", "bare:args"}, ready{"ZADD", "bare:ready"}, all{"ZADD", "bare:all"};
    for (int i = 0; i < tasks; ++i) {
      const std::string id = new_ulid(system_clock());
      const std::string seq = std::to_string(pushed_++);
      append(line, {id, kLine});
      append(args, {id, kArgs});
      append(ready, {"0", seq + ":" + id});
      append(all, {seq, id});
    }
    for (const Words& words : {line, args, ready, all}) send(words);
    return 4;
  }

  int settle(const Words& ids) {
    if (ids.empty()) return 0;
    const std::string outcome = std::string(kLine) + kArgs;
    Words line{"HSET", "bare:state"}, run{"HDEL", "bare:run"}, done{"ZADD", "bare:done"};
    for (const std::string& id : ids) {
      append(line, {id, outcome});
      append(run, {id});
      append(done, {"1795428076297130", id});
    }
    for (const Words& words : {line, run, done}) send(words);
    return 3;
  }

  void look_for(int tasks) {
    send({"ZRANGE", "bare:ready", "0", std::to_string(tasks - 1)});
    send({"ZREMRANGEBYRANK", "bare:ready", "0", std::to_string(tasks - 1)});
  }

  // The ids that were looked for.
  Words chosen() {
    Words ids;
    const Reply members = receive();
    receive();
    for (std::size_t i = 0; i < members->elements; ++i) {
      const std::string_view member(members->element[i]->str, members->element[i]->len);
      ids.emplace_back(member.substr(member.find(':') + 1));
    }
    return ids;
  }

  void claim(const Words& ids) {
    Words read_line{"HMGET", "bare:state"}, args{"HMGET", "bare:args"}, run{"HSET", "bare:run"};
    for (const std::string& id : ids) {
      append(read_line, {id});
      append(args, {id});
      append(run, {id, kLease});
    }
    for (const Words& words : {read_line, args, run}) send(words);
    receive(3);
  }

  void send(const Words& words) {
    std::vector<const char*> texts;
    std::vector<std::size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    redisAppendCommandArgv(connection_.get(), static_cast<int>(words.size()), texts.data(), sizes.data());
  }

  Reply receive() {
    void* reply = nullptr;
    if (redisGetReply(connection_.get(), &reply) != REDIS_OK) std::abort();
    Reply out(static_cast<redisReply*>(reply));
    if (out->type == REDIS_REPLY_ERROR) std::abort();
    return out;
  }

  void receive(int replies) {
    for (int i = 0; i < replies; ++i) receive();
  }

  std::unique_ptr<redisContext, Free> connection_;
  std::int64_t pushed_ = 0;
};

}  // namespace flowrra::bench
