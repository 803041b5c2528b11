// Broker and backend in two stores, of which one or both are in Redis.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/looks.hpp"
#include "support/redis_place.hpp"
#include "support/text.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

Setup with(const std::string& broker, const std::string& broker_more, const std::string& backend,
           const std::string& backend_more) {
  Setup out;
  out.plugins = {fixture("faulty.so")};
  out.broker = broker;
  out.broker_more = broker_more;
  out.backend = backend;
  out.backend_more = backend_more;
  out.executor = RedisPlace::kExecutor;
  return out;
}

// One of everything: success, failure with its log, retries, replay, cancellation, removal, and what doctor says.
void check_all(const Setup& setup) {
  const Workplace place(setup);
  const std::string early = place.submit({"faulty.cpu_echo", "1", "--tag", "early"});
  const std::string cancelled = place.submit({"faulty.cpu_echo", "1"});
  BOOST_TEST(place.flowrra({"cancel", cancelled}).code() == 0);
  BOOST_TEST(place.record(cancelled)["state"] == "cancelled");
  auto node = place.node();
  const std::string flaky = place.submit({"faulty.io_flaky", "2"});
  const std::string fails = place.submit({"faulty.cpu_fail", "--max-retries", "1", "--retry-delay", "0.01"});
  const std::string said = place.submit({"faulty.cpu_log"});
  const Json first = place.ended(early);
  BOOST_TEST(first["state"] == "success");
  BOOST_TEST(first["tags"][0] == "early");
  BOOST_TEST(place.ended(flaky)["attempt"] == 2);
  BOOST_TEST(place.ended(fails)["attempt"] == 2);
  BOOST_TEST(place.ended(said)["state"] == "success");
  BOOST_TEST(look(place, {"logs", said})[0]["message"] == "a line of the task");
  BOOST_TEST(look(place, {"logs", fails}).size() == 2);
  BOOST_TEST(place.flowrra({"retry", fails}).code() == 0);
  BOOST_TEST(place.ended(fails)["attempt"] == 4);
  BOOST_TEST(look(place, {"logs", fails}).size() == 4);
  const std::string runs = place.submit({"faulty.cpu_sleep", "60000"});
  wait_for_state(place, runs, "running");
  BOOST_TEST(place.flowrra({"cancel", runs}).code() == 0);
  BOOST_TEST(place.ended(runs)["state"] == "cancelled");
  BOOST_TEST(place.flowrra({"submit", "faulty.cpu_echo", "--id", early}).code() == 6);  // the id is taken
  BOOST_TEST(look(place, {"ps", "--all"}).size() == 6);
  BOOST_TEST(place.flowrra({"rm", fails}).code() == 0);
  BOOST_TEST(place.flowrra({"result", fails}).code() == 3);
  const Outcome doctor = place.flowrra({"doctor", "-o", "json"});
  BOOST_TEST(doctor.code() == 0, doctor.out);
  BOOST_TEST((has(doctor.out, "broker integrity") && has(doctor.out, "backend integrity")), doctor.out);
}

}  // namespace

BOOST_AUTO_TEST_CASE(tasks_in_redis_and_results_in_sqlite) {
  const RedisPlace place;
  check_all(with(place.server().url(), place.key_line(), "sqlite://results.db", ""));
}

BOOST_AUTO_TEST_CASE(tasks_in_sqlite_and_results_in_redis) {
  const RedisPlace place;
  check_all(with("", "", place.server().url(), place.key_line()));
}

BOOST_AUTO_TEST_CASE(tasks_and_results_in_two_databases_of_one_server) {
  const RedisPlace place;
  check_all(with(place.server().url(1), place.key_line(), place.server().url(2), place.key_line()));
}

BOOST_AUTO_TEST_CASE(tasks_and_results_under_two_prefixes_of_one_database) {
  const RedisPlace tasks;
  const RedisPlace results;
  check_all(with(tasks.server().url(), tasks.key_line(), results.server().url(), results.key_line()));
}
