#pragma once

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "app/client.hpp"
#include "base/id.hpp"
#include "store/open/open.hpp"
#include "support/redis_server.hpp"
#include "support/temp_dir.hpp"

namespace flowrra::test {

using namespace std::chrono_literals;

inline TaskSpec spec_of(const std::string& name) {
  TaskSpec spec;
  spec.name = name;
  spec.kind = Kind::io;
  spec.schema =
      R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"],"additionalProperties":false})";
  spec.arguments = {"n"};
  return spec;
}

inline NewTask task(const std::string& name, const std::string& args = R"({"n":1})") {
  NewTask out;
  out.name = name;
  out.args = args;
  return out;
}

// Stores of some kind, a client of them, and a node's side of them: a second opening in which tests do what nodes do.
struct Bench {
  explicit Bench(const std::string& broker, const std::string& backend = {}) {
    config.broker.url = broker;
    config.backend.url = backend.empty() ? broker : backend;
    node = take(open_store(config.broker_options()));
    if (!config.one_store()) results = take(open_store(config.backend_options()));
    client = take(Client::open(config));
  }
  template <typename T>
  static T take(Result<T> result) {
    BOOST_REQUIRE_MESSAGE(result, (result ? "" : result.error().message));
    return std::move(*result);
  }
  void publish(const std::string& name) {
    const TaskSpec spec = spec_of(name);
    BOOST_REQUIRE(node->directory().publish({&spec, 1}).ok());
  }
  LeasedTask lease(const std::string& name) {
    const SessionId session = new_ulid(system_clock());
    Session life;
    life.id = session;
    life.node = "node";
    life.pid = getpid();
    BOOST_REQUIRE(node->directory().open_session(life, 60s).ok());
    TakeRequest request;
    request.session = session;
    request.node = "node";
    request.queues = {"default"};
    request.wants = {{1, {name}}};
    auto taken = take(node->broker().take(std::move(request)));
    BOOST_REQUIRE(taken.size() == 1U);
    return taken.front();
  }
  void finish(const LeasedTask& leased, const std::string& result) {
    if (results) {
      TaskRecord record = leased.task;
      record.state = State::success;
      record.result = result;
      record.finished_at = system_clock().wall();
      BOOST_REQUIRE(results->backend().store({&record, 1}).ok());
    }
    Settlement settlement;
    settlement.lease = leased.lease;
    settlement.result = result;
    BOOST_REQUIRE(take(node->broker().settle({settlement}, !results)).front());
  }

  Config config;
  std::unique_ptr<Store> node;
  std::unique_ptr<Store> results;
  std::unique_ptr<Client> client;
};

// Runs a test over each arrangement of stores.
inline void over_stores(const std::function<void(Bench&)>& body) {
  const TempDir folder;
  const std::string file = "sqlite://" + folder.path().string();
#ifdef FLOWRRA_WITH_REDIS
  const RedisServer redis;
#endif
  const std::pair<std::string, std::string> arrangements[] = {{"memory://client", ""},
                                                              {file + "/one.db", ""},
                                                              {file + "/broker.db", file + "/results.db"},
                                                              {"memory://b", "memory://r"},
#ifdef FLOWRRA_WITH_REDIS
                                                              {redis.url(), ""}
#endif
  };
  for (const auto& [broker, backend] : arrangements) {
    BOOST_TEST_CONTEXT("broker " << broker << " backend " << backend) {
      Bench bench(broker, backend);
      body(bench);
    }
  }
}

template <typename T>
Code code_of(const Result<T>& result) {
  BOOST_REQUIRE(!result);
  return result.error().code;
}

}  // namespace flowrra::test
