// A plugin that was built when ABI version 1 was frozen loads and runs in the host of today.

#include <boost/test/unit_test.hpp>

#include "host_process.hpp"

#if defined(__x86_64__)

using namespace flowrra;
using namespace flowrra::test;

namespace {

std::vector<std::string> old_plugin() { return {source_file("tests/data/plugins/v1.so")}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(old_plugins)

BOOST_AUTO_TEST_CASE(its_cpu_tasks_run) {
  HostProcess host(Kind::cpu, old_plugin());
  const ReadyFrame ready = host.ready();
  BOOST_TEST(ready.refused.empty());
  BOOST_TEST(host.run(1, "v1.cpu", R"({"what":1})").text == R"({"what":1})");
  const FinishedFrame refused = host.run(2, "v1.cpu", "{}");
  BOOST_TEST((refused.end == CallEnd::permanent));
  BOOST_TEST(refused.text == "nothing to say");
}

BOOST_AUTO_TEST_CASE(its_io_tasks_run_on_the_loop_and_on_threads) {
  HostProcess host(Kind::io, old_plugin());
  BOOST_TEST(host.run(1, "v1.nap", "[]").text == "\"slept\"");
  BOOST_TEST(host.run(2, "v1.blocking", "[true]").text == "[true]");
  host.start(3, "v1.nap", "[\"long\"]");
  host.tell(CancelFrame{3});
  BOOST_TEST((host.finished().end == CallEnd::cancelled));
}

BOOST_AUTO_TEST_SUITE_END()

#endif
