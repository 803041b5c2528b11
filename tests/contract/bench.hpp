#pragma once

#include <poll.h>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/fd.hpp"
#include "base/id.hpp"
#include "store/open/open.hpp"
#include "support/fake_clock.hpp"
#include "support/must.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace flowrra {

// For messages of failed checks.
inline std::ostream& operator<<(std::ostream& out, State state) { return out << name(state); }
inline std::ostream& operator<<(std::ostream& out, Code code) { return out << name(code); }
inline std::ostream& operator<<(std::ostream& out, Micros micros) { return out << micros.count() << " us"; }
inline std::ostream& operator<<(std::ostream& out, WallTime time) { return out << to_rfc3339(time); }
inline std::ostream& operator<<(std::ostream& out, CancelOutcome outcome) { return out << static_cast<int>(outcome); }
inline std::ostream& operator<<(std::ostream& out, ReplayOutcome outcome) { return out << static_cast<int>(outcome); }
inline std::ostream& operator<<(std::ostream& out, PushOutcome outcome) { return out << static_cast<int>(outcome); }

}  // namespace flowrra

namespace flowrra::test {

using namespace std::chrono_literals;

struct Memory {
  static std::string url(const TempDir& folder) { return "memory://" + folder.path().string(); }
};
struct Sqlite {
  static std::string url(const TempDir& folder) { return "sqlite://" + (folder / "store.db").string(); }
};

// Keys of their own for each folder, in one server of the whole program.
struct Redis {
  static std::string url(const TempDir&) { return RedisServer::shared().url(); }
};

// Every driver there is. A contract test is a BOOST_AUTO_TEST_CASE_TEMPLATE over them.
using Drivers = boost::mpl::list<Memory
#ifdef FLOWRRA_WITH_SQLITE
                                 ,
                                 Sqlite
#endif
#ifdef FLOWRRA_WITH_REDIS
                                 ,
                                 Redis
#endif
                                 >;

template <typename T>
Code code_of(const Result<T>& result) {
  BOOST_REQUIRE(!result.ok());
  return result.error().code;
}

// True when the descriptor becomes readable in time. The time is a deadline, not a pause.
inline bool rings(int fd, int within_ms = 5000) {
  pollfd entry{fd, POLLIN, 0};
  return ::poll(&entry, 1, within_ms) == 1;
}
// True when nothing has rung. What rings does so before its call returns, so there is nothing to wait for.
inline bool is_silent(int fd) { return !rings(fd, 0); }

inline NewTask task(std::string id, std::string name = "work") {
  NewTask out;
  out.id = std::move(id);
  out.name = std::move(name);
  out.args = "[]";
  return out;
}

inline std::vector<std::string> ids(const std::vector<LeasedTask>& tasks) {
  std::vector<std::string> out;
  for (const auto& leased : tasks) out.push_back(leased.task.id);
  return out;
}
inline std::vector<std::string> ids(const std::vector<TaskRecord>& tasks) {
  std::vector<std::string> out;
  for (const auto& record : tasks) out.push_back(record.id);
  return out;
}

using Ids = std::vector<std::string>;

inline Settlement to(State state, const LeasedTask& leased) {
  Settlement out;
  out.lease = leased.lease;
  out.to = state;
  if (state == State::success) out.result = "\"done\"";
  if (state == State::failed || state == State::retrying) out.error = TaskError{"error", "it broke", ""};
  return out;
}

inline Settlement retry_after(Micros delay, const LeasedTask& leased) {
  Settlement out = to(State::retrying, leased);
  out.delay = delay;
  return out;
}

inline Settlement released(const LeasedTask& leased) {
  Settlement out = to(State::pending, leased);
  out.refund_attempt = true;
  return out;
}

// One store of a driver with a clock that stands still, a node's session "node" in it, and short words for what tests
// do most.
template <typename Driver>
class Bench {
 public:
  static constexpr Micros kLease = 30s;

  Bench() : store_(open()) { open_session("node"); }

  // Another Store object over the same data, as another process or thread has.
  std::unique_ptr<Store> open() {
    StoreOptions options;
    options.url = Driver::url(folder_);
    options.clock = &clock;
    options.network.key_prefix = folder_.path().filename().string();
    options.busy_timeout = 10s;
    return must(open_store(options));
  }

  Store& store() { return *store_; }
  Broker& broker() { return store_->broker(); }
  Backend& backend() { return store_->backend(); }
  Directory& directory() { return store_->directory(); }
  const TempDir& folder() { return folder_; }
  void reopen() {
    store_.reset();
    store_ = open();
  }

  void open_session(const SessionId& id) {
    Session session;
    session.id = id;
    session.node = id + "-name";
    session.tasks = {"work"};
    session.queues = {"default"};
    must(directory().open_session(session, kLease));
  }

  std::vector<PushOutcome> push(const std::vector<NewTask>& tasks, std::int64_t bound = 1'000'000) {
    return must(broker().push(tasks, bound));
  }
  void push(const std::string& id) { push(std::vector{task(id)}); }

  static TakeRequest request(int limit, const std::vector<std::string>& names = {"work"},
                             std::vector<std::string> queues = {"default"}, SessionId session = "node") {
    return {session, session + "-name", std::move(queues), {{limit, TaskNames({names.begin(), names.end()})}}};
  }
  std::vector<LeasedTask> take(int limit = 100, const std::vector<std::string>& names = {"work"},
                               std::vector<std::string> queues = {"default"}, const SessionId& session = "node") {
    return must(broker().take(request(limit, names, std::move(queues), session)));
  }
  std::vector<LeasedTask> take_as(const SessionId& session) { return take(100, {"work"}, {"default"}, session); }
  LeasedTask take_one() {
    auto taken = take(1);
    BOOST_REQUIRE_EQUAL(taken.size(), 1);
    return taken.front();
  }

  bool settle(const Settlement& settlement, bool keep_results = true) {
    return must(broker().settle({settlement}, keep_results)).front();
  }

  TaskRecord find(const TaskId& id) {
    auto found = must(broker().find(id));
    BOOST_REQUIRE_MESSAGE(found, "no task " + id);
    return *found;
  }
  State state(const TaskId& id) { return find(id).state; }

  std::int64_t count(State state) {
    std::int64_t sum = 0;
    for (const auto& entry : must(broker().counts())) sum += entry.state == state ? entry.count : 0;
    return sum;
  }

  void check_is_whole() {
    for (const StoreCheck& each : store().check()) {
      if (each.subject == "integrity") BOOST_TEST((each.level == StoreCheck::Level::ok), each.message);
    }
  }

  FakeClock clock;

 private:
  TempDir folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace flowrra::test
