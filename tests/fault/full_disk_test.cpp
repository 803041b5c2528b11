// A store on a disk that becomes full while a node works: nothing more is acknowledged or begun, what was is kept, and
// all goes on when there is room again.
#include <signal.h>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "fault/small_disk.hpp"
#include "fault/soak.hpp"
#include "support/gate.hpp"
#include "support/standing.hpp"
#include "support/text.hpp"
#include "support/workplace.hpp"

using namespace flowrra::test;
using Json = nlohmann::json;

namespace {

constexpr int kLarge = 20;               // tasks
constexpr std::size_t kLarger = 900000;  // bytes of each result
constexpr long kMost = 32 * 1024;        // KiB that a node may grow

const SmallDisk& disk() {
  static const SmallDisk only(64);
  return only;
}

boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result can(disk().mounted());
  can.message() << disk().problem();
  return can;
}

Setup on_small_disk() {
  return {.plugins = {fixture("gate.so"), fixture("faulty.so")},
          .broker = "sqlite://" + disk().path() + "/flowrra.db",
          .executor =
              "lease = 60.0\nio_workers = 4\nblocking_threads = 2\ncpu_workers = 1\nretry_delay = 0.05\n"
              "kill_grace = 0.3\n"};
}

// In one transaction: large-1, large-2, ….
void submit_large(const Workplace& workplace) {
  Command command = workplace.command({"submit", "faulty.io_huge", "--batch", "-", "--id", "large"});
  for (int i = 0; i < kLarge; ++i) command.input += Json{{"args", {kLarger}}}.dump() + "\n";
  const Outcome outcome = run(command);
  BOOST_REQUIRE_MESSAGE(outcome.code() == 0, outcome.err);
}

// Submits until it is refused: the id.
std::string submit_until_refused(const Workplace& workplace) {
  const std::string argument(100'000, 'x');
  for (int i = 0; i < 1000; ++i) {
    disk().fill();
    const std::string id = "more" + std::to_string(i);
    const Outcome outcome = workplace.flowrra({"submit", "faulty.io_echo", argument, "--queue", "other", "--id", id});
    if (outcome.code() == 0) continue;
    BOOST_TEST(outcome.code() == 7);
    BOOST_TEST(outcome.out.empty());
    BOOST_TEST(has(outcome.err, "the disk is full"), outcome.err);
    return id;
  }
  throw std::runtime_error("the disk is never full");
}

int running(const Workplace& workplace) {
  const Outcome outcome = workplace.flowrra({"status", "-o", "json"});
  BOOST_REQUIRE_MESSAGE(outcome.code() == 0, outcome.err);
  return Json::parse(outcome.out)["totals"]["running"].get<int>();
}

void check_success(const Json& record) {
  BOOST_TEST(record["state"] == "success");
  BOOST_TEST(record["attempt"] == 1);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_work_keeps_what_there_is_and_work_goes_on_when_there_is_room,
                     *boost::unit_test::precondition(can_mount)) {
  const Workplace workplace(on_small_disk());
  const Gate gate(workplace);
  auto node = workplace.node();
  const std::string cpu = workplace.submit({"gate.cpu", gate.path()});
  const std::string blocking = workplace.submit({"gate.blocking", gate.path()});
  gate.reached(2);
  for (int i = 0; i < 40; ++i) (void)workplace.submit({"gate.note", workplace / "notes", std::to_string(i)});
  const long before = standing_of(node->pid()).resident;

  disk().fill(2'000'000);
  submit_large(workplace);
  node->wait_for_error_text("the disk is full");
  const std::string refused = submit_until_refused(workplace);
  BOOST_TEST(workplace.flowrra({"result", refused}).code() == 3);
  gate.open(2);
  long most = 0;
  for (int i = 0; i < 200; ++i) {
    BOOST_REQUIRE(!node->ends_within(std::chrono::milliseconds(10)));
    most = std::max(most, standing_of(node->pid()).resident);
  }
  BOOST_TEST(most <= before + kMost);
  BOOST_TEST(running(workplace) > 0);  // what has ended is not lost, but cannot be written
  BOOST_TEST(running(workplace) <= 4 + 2 + 8);

  disk().free();
  check_success(workplace.ended(cpu));
  check_success(workplace.ended(blocking));
  for (int i = 1; i <= kLarge; ++i) {
    const Json record = workplace.ended("large-" + std::to_string(i));
    check_success(record);
    BOOST_TEST(record["result"].get<std::string>().size() == kLarger);
  }
  BOOST_TEST(workplace.lines("notes", 40).size() == 40U);
  BOOST_TEST(gate.reached(2).size() == 2U);  // nothing ran twice
  report("full_disk", {{"grown_kib", most - before}});
  node->signal(SIGTERM);
  BOOST_TEST(node->wait().code() == 0);
}
