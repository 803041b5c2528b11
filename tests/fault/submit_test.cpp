// A submission that is killed, or whose disk fails, at any step: what was acknowledged is there, and what was not can
// be submitted again under its id without becoming two.
#include <errno.h>
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "fault/shim.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr int kMostSteps = 2000;  // a submission that takes more never ends

Command submission(const Workplace& workplace, const std::string& id) {
  return workplace.command({"submit", "any.task", "1", "--unchecked", "--id", id});
}

// How many tasks have the id.
std::size_t count(const Workplace& workplace, const std::string& id) {
  const Outcome listed = workplace.flowrra({"ps", "--all", "-o", "json"});
  BOOST_REQUIRE_MESSAGE(listed.code() == 0, listed.err);
  std::size_t found = 0;
  for (const Json& task : Json::parse(listed.out)) found += task.at("id") == id ? 1U : 0U;
  return found;
}

// Kills a submission at each of its steps; how many there are. `prepare` makes the store that it meets.
template <typename Prepare>
int kill_at_every_step(Prepare prepare) {
  for (int step = 1; step < kMostSteps; ++step) {
    const Workplace workplace{Setup{}};
    prepare(workplace);
    const Outcome killed = run(with_shim(submission(workplace, "one"), {{"KILL", std::to_string(step)}}));
    if (killed.code() == 0) {
      BOOST_TEST(count(workplace, "one") == 1U);
      return step - 1;
    }
    BOOST_TEST_CONTEXT("step " << step) {
      BOOST_TEST(killed.code() == 128 + SIGKILL);
      BOOST_TEST(killed.out.empty());  // the id is printed when it is durable
      const Outcome again = run(submission(workplace, "one"));
      BOOST_TEST(again.code() == 0, again.err);
      BOOST_TEST(count(workplace, "one") == 1U);
    }
  }
  BOOST_ERROR("it never ends");
  return kMostSteps;
}

// A submission whose n-th call that writes or syncs fails, and so many after it. True when it did not notice.
bool unhurt_by(int call, const std::string& error, const std::string& times) {
  const Workplace workplace{Setup{}};
  BOOST_REQUIRE(run(submission(workplace, "first")).code() == 0);
  const Outcome outcome = run(
      with_shim(submission(workplace, "one"), {{"FAIL", std::to_string(call)}, {"TIMES", times}, {"ERRNO", error}}));
  BOOST_TEST_CONTEXT("call " << call << ", " << outcome.err) {
    BOOST_TEST(!outcome.end.signalled);
    BOOST_TEST((outcome.code() == 0 || outcome.code() == 7));
    if (outcome.code() == 0) BOOST_TEST(count(workplace, "one") == 1U);
    if (outcome.code() != 0) BOOST_TEST(!outcome.err.empty());
    const Outcome again = run(submission(workplace, "one"));
    BOOST_TEST(again.code() == 0, again.err);
    BOOST_TEST(count(workplace, "one") == 1U);
    BOOST_TEST(count(workplace, "first") == 1U);
  }
  return outcome.code() == 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_submission_killed_at_any_step_is_one_task_when_it_is_repeated) {
  const int first = kill_at_every_step([](const Workplace&) {});
  BOOST_TEST_MESSAGE(first << " steps where there is no store yet");
  BOOST_TEST(first > 20);
  const int later = kill_at_every_step(
      [](const Workplace& workplace) { BOOST_REQUIRE(run(submission(workplace, "earlier")).code() == 0); });
  BOOST_TEST_MESSAGE(later << " steps where there is one");
  BOOST_TEST(later > 5);
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_told_and_loses_nothing) {
  int calls = 1;
  while (calls < kMostSteps && !unhurt_by(calls, std::to_string(ENOSPC), "1000000")) ++calls;
  BOOST_TEST_MESSAGE(calls - 1 << " calls whose failure is fatal when nothing works after them");
  BOOST_TEST(calls > 3);
  BOOST_TEST(calls < kMostSteps);
  for (int call = 1; call <= calls + 2; ++call) (void)unhurt_by(call, std::to_string(EIO), "1");
}
