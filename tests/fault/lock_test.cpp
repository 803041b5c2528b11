// A store that another program keeps locked for longer than a lease.
#include <signal.h>
#include <sqlite3.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "support/gate.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

const Setup kSetup{.plugins = {fixture("gate.so")},
                   .executor = "lease = 1.0\ncpu_workers = 1\nretry_delay = 0.05\nkill_grace = 0.3\n"};

// A transaction of another program, open while this lives.
class Lock {
 public:
  explicit Lock(const std::string& database) {
    BOOST_REQUIRE(sqlite3_open(database.c_str(), &handle_) == SQLITE_OK);
    sqlite3_busy_timeout(handle_, 10'000);
    BOOST_REQUIRE(sqlite3_exec(handle_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(handle_);
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_node_that_cannot_renew_its_lease_ends_its_tasks_itself_and_goes_on_when_the_lock_is_gone) {
  const Workplace workplace(kSetup);
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string runs = workplace.submit({"gate.cpu", gate.path(), "--max-retries", "0"});
  gate.reached(1);
  {
    const Lock lock(workplace / "store/flowrra.db");
    const Outcome refused = workplace.flowrra({"submit", "gate.cpu", gate.path(), "--id", "refused"});
    BOOST_TEST(refused.code() == 7);
    BOOST_TEST(has(refused.err, "locked"), refused.err);
    BOOST_TEST(workplace.record(runs)["state"] == "running");  // reading goes on
    node->wait_for_error_text("the session is lost");
  }
  BOOST_TEST(workplace.flowrra({"result", "refused"}).code() == 3);
  gate.reached(2);
  gate.open(2);
  const Json record = workplace.ended(runs);
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 1);
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}
