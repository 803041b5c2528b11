#pragma once

#include <hiredis/hiredis.h>

#include <algorithm>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
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
    for (int done = 0; done < tasks; done += batch) {
      std::vector<std::string> line{"HSET", "bare:state"}, args{"HSET", "bare:args"}, ready{"ZADD", "bare:ready"};
      std::vector<std::string> all{"ZADD", "bare:all"};
      for (int i = 0; i < std::min(batch, tasks - done); ++i) {
        const std::string id = new_ulid(system_clock());
        const std::string seq = std::to_string(done + i);
        append(line, {id, kLine});
        append(args, {id, kArgs});
        append(ready, {"0", seq + ":" + id});
        append(all, {seq, id});
      }
      for (const auto& words : {line, args, ready, all}) send(words);
      for (int i = 0; i < 4; ++i) receive();
    }
  }

  void drain_all(int tasks, int batch) {
    send({"HSET", "bare:run", "", std::string(65, ' ')});  // or the server looks for each field from the hash's start
    receive();
    std::vector<std::string> ids;
    for (int done = 0; done < tasks;) {
      const int settles = settle(ids);
      send({"ZRANGE", "bare:ready", "0", std::to_string(batch - 1)});
      send({"ZREMRANGEBYRANK", "bare:ready", "0", std::to_string(batch - 1)});
      for (int i = 0; i < settles; ++i) receive();
      done += static_cast<int>(ids.size());
      ids.clear();
      const Reply members = receive();
      receive();
      for (std::size_t i = 0; i < members->elements; ++i) {
        const std::string_view member(members->element[i]->str, members->element[i]->len);
        ids.emplace_back(member.substr(member.find(':') + 1));
      }
      if (!ids.empty()) claim(ids);
    }
  }

  // One task there and back by commands that wait for each other: it is queued; claimed; its outcome is kept; and who
  // claims and who waits are told of it, which is a message each, together as long as one command.
  void one_life() {
    send({"HSET", "bare:state", "one", kLine});
    receive();
    send({"PING"});
    receive();
    send({"HGET", "bare:state", "one"});
    receive();
    send({"HSET", "bare:state", "one", kLine});
    receive();
  }

 private:
  using Words = std::vector<std::string>;
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

  void claim(const Words& ids) {
    Words read_line{"HMGET", "bare:state"}, args{"HMGET", "bare:args"}, run{"HSET", "bare:run"};
    for (const std::string& id : ids) {
      append(read_line, {id});
      append(args, {id});
      append(run, {id, kLease});
    }
    for (const Words& words : {read_line, args, run}) send(words);
    for (int i = 0; i < 3; ++i) receive();
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

  std::unique_ptr<redisContext, Free> connection_;
};

}  // namespace flowrra::bench
