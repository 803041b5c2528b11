#include <atomic>
#include <boost/test/unit_test.hpp>
#include <functional>

#include "store/redis/redis_store.hpp"
#include "support/must.hpp"
#include "unit/store_redis/scripted_server.hpp"

using namespace flowrra;
using namespace flowrra::test;

namespace {

// A server whose connection ends at the first script, when that has had its effect, and which answers the others.
class Forgetful {
 public:
  explicit Forgetful(std::string answer)
      : server_([this, answer = std::move(answer)](const ScriptedServer::Command& command) {
          if (command.front() == "GET") return ScriptedServer::Answer{"$-1\r\n"};  // the form
          return ++scripts_ == 1 ? ScriptedServer::Answer{"", true} : ScriptedServer::Answer{answer};
        }) {}
  [[nodiscard]] std::unique_ptr<Store> open() const {
    StoreOptions options;
    options.url = server_.url();
    return must(open_redis_store(options));
  }
  [[nodiscard]] int scripts() const { return scripts_; }

 private:
  std::atomic<int> scripts_ = 0;
  ScriptedServer server_;
};

using Act = std::function<Status(Store&)>;

template <typename T>
Status status(const Result<T>& result) {
  return result ? Status() : Status(result.error());
}

const std::vector<TaskId> kIds{"a"};

std::vector<TaskRecord> records() {
  std::vector<TaskRecord> out(1);
  out.front().id = "a";
  return out;
}

std::vector<NewTask> tasks() {
  std::vector<NewTask> out(1);
  out.front().id = "a";
  out.front().name = "work";
  out.front().args = "[]";
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_repeat)

BOOST_AUTO_TEST_CASE(what_would_answer_otherwise_the_second_time_is_not_repeated) {
  const std::pair<std::string, Act> acts[] = {
      {"$1\r\n1\r\n", [](Store& store) { return status(store.broker().cancel(kIds)); }},
      {"$1\r\n1\r\n", [](Store& store) { return status(store.broker().replay(records())); }},
      {":0\r\n", [](Store& store) { return status(store.broker().purge("default")); }},
      {"$1\r\n0\r\n", [](Store& store) { return status(store.backend().remove(kIds)); }},
      {":0\r\n", [](Store& store) { return status(store.backend().remove_older(Micros(1), 10)); }},
      {":2\r\n", [](Store& store) { return status(store.directory().ask_reload("node")); }},
  };
  for (const auto& [answer, act] : acts) {
    const Forgetful server(answer);
    const auto store = server.open();
    const Status done = act(*store);
    BOOST_REQUIRE(!done);
    BOOST_TEST((done.error().code == Code::unreachable));
    BOOST_TEST(server.scripts() == 1);
    BOOST_TEST(act(*store).ok());  // who repeats it is answered
  }
}

BOOST_AUTO_TEST_CASE(what_has_its_effect_once_and_answers_the_same_is_repeated) {
  const std::pair<std::string, Act> acts[] = {
      {"$1\r\n0\r\n", [](Store& store) { return status(store.broker().push(tasks(), 10)); }},
      {":1\r\n", [](Store& store) { return store.directory().heartbeat("node", Micros(1)); }},
      {":1\r\n", [](Store& store) { return store.directory().set_paused("default", true); }},
  };
  for (const auto& [answer, act] : acts) {
    const Forgetful server(answer);
    const auto store = server.open();
    BOOST_TEST(act(*store).ok());
    BOOST_TEST(server.scripts() == 2);
  }
}

BOOST_AUTO_TEST_SUITE_END()
