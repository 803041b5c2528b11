// Real crashes in real hosts, examined by the real flowrra-unwind.
#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "support/temp_dir.hpp"
#include "unit/executor/crash_bench.hpp"

using namespace flowrra;
using flowrra::test::CrashBench;
using namespace std::chrono_literals;

namespace {

const CrashFrame* frame_of(const CrashReport& report, const std::string& function) {
  const auto found = std::ranges::find_if(
      report.frames, [&](const CrashFrame& frame) { return frame.function.find(function) != std::string::npos; });
  return found == report.frames.end() ? nullptr : &*found;
}

// The function is on the stack, as code of the plugin, with its line.
void check_named(const CrashReport& report, const std::string& function) {
  const CrashFrame* frame = frame_of(report, function);
  BOOST_REQUIRE_MESSAGE(frame != nullptr, function << " is not on the stack: " << to_json(report));
  BOOST_TEST(frame->plugin);
  BOOST_TEST(frame->module == "crashes.so");
  BOOST_TEST(frame->file.ends_with("crashes.cpp"));
  BOOST_TEST(frame->line > 20);
  BOOST_TEST(frame->offset > 0U);
  BOOST_TEST(report.thread > 0);
}

template <typename Member, typename Value>
TaskOptions with(Member member, Value value) {
  TaskOptions options;
  options.*member = value;
  return options;
}

struct Expected {
  const char* deed;
  int signal;
  const char* reason;
  const char* function;  // static and hidden in the plugin
};

constexpr Expected kExpected[] = {
    {"null", SIGSEGV, "SEGV_MAPERR", "write_through_null"},
    {"divide", SIGFPE, "FPE_INTDIV", "divide_by_zero"},
    {"abort", SIGABRT, "SI_TKILL", "give_up"},
#ifndef __SANITIZE_THREAD__  // under which a stack so deep is not followed in time
    {"overflow", SIGSEGV, "SEGV_", "deeper"},
#endif
    {"call", SIGSEGV, "SEGV_MAPERR", "call_through_null"},
    {"inlined", SIGSEGV, "SEGV_MAPERR", "put_into_another"},
    {"trap", SIGTRAP, "a breakpoint", "run_into_a_breakpoint"},
    {"throw", SIGABRT, "SI_TKILL", "throw_something"},
    {"thread", SIGSEGV, "SEGV_MAPERR", "write_through_null"},
};

template <typename Executor>
void check_all() {
  CrashBench<Executor> bench;
  for (const Expected& expected : kExpected) {
    BOOST_TEST_CONTEXT(expected.deed) {
      const CrashReport report = bench.crash(expected.deed);
      BOOST_TEST(report.signal == expected.signal);
      BOOST_TEST(report.reason.starts_with(expected.reason));
      check_named(report, expected.function);
      BOOST_TEST(to_json(report).size() <= kMaxCrashReport);
      BOOST_TEST(report.frames.size() <= kMaxCrashFrames);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crashes)

BOOST_AUTO_TEST_CASE(every_crash_of_a_cpu_task_names_its_function) { check_all<CpuExecutor>(); }

BOOST_AUTO_TEST_CASE(every_crash_on_a_pool_thread_names_its_function) {
  // One on a thread of the plugin's own cannot be told to be this task's in an io host: it runs again, alone.
  CrashBench<IoExecutor> bench;
  for (const Expected& expected : kExpected) {
    const std::string deed = expected.deed;
    if (deed == "throw" || deed == "thread") continue;
    BOOST_TEST_CONTEXT(deed) { check_named(bench.crash(deed), expected.function); }
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
BOOST_AUTO_TEST_CASE(a_stack_overflow_on_a_thread_of_the_plugins_own_is_told) {
  CrashBench<CpuExecutor> bench;
  check_named(bench.crash("deep_thread"), "deeper");
}
#endif

BOOST_AUTO_TEST_CASE(a_report_names_plugin_version_and_digests) {
  CrashBench<CpuExecutor> bench;
  const CrashReport report = bench.crash("abort");
  BOOST_TEST(report.plugin == "crashes");
  BOOST_TEST(report.plugin_version == "3.1.4");
  BOOST_TEST(report.plugin_sha256.size() == 64U);
  const auto plugin = std::ranges::find(report.modules, std::string("crashes.so"), &CrashModule::name);
  BOOST_REQUIRE((plugin != report.modules.end()));
  BOOST_TEST(plugin->sha256 == report.plugin_sha256);
  const auto library = std::ranges::find(report.modules, std::string("libc.so.6"), &CrashModule::name);
  BOOST_REQUIRE((library != report.modules.end()));
  BOOST_TEST(!library->build_id.empty());
  BOOST_TEST(bench.message().find("in give_up at ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_last_lines_of_output_are_in_it) {
  CrashBench<CpuExecutor> cpu;
  const std::vector<std::string> lines{"one", "two", "three"};
  BOOST_TEST(cpu.crash("words").output == lines, boost::test_tools::per_element());
  CrashBench<IoExecutor> io;
  BOOST_TEST(io.crash("words").output == lines, boost::test_tools::per_element());
}

// ThreadSanitizer holds signals back until the next system call: a loop has none, and a stack is then another one.
#ifndef __SANITIZE_THREAD__
BOOST_AUTO_TEST_CASE(a_task_beyond_its_cpu_time_ends_as_that_with_the_place_where_it_was) {
  CrashBench<CpuExecutor> bench;
  BOOST_TEST((bench.run("open").end == AttemptEnd::success));
  const AttemptReport report = bench.run("burn", with(&TaskOptions::cpu_time, 1s));
  BOOST_TEST((report.end == AttemptEnd::timeout));
  BOOST_TEST(report.error->code == "cpu_time");
  BOOST_TEST(report.error->message.starts_with("used more than its cpu time of 1 s: in burn at "));
  check_named(*crash_report_from_json(report.error->crash), "burn");
}
#endif

BOOST_AUTO_TEST_CASE(cpu_time_is_that_of_one_attempt_not_of_the_host) {
  CrashBench<CpuExecutor> bench;
  for (int i = 0; i < 3; ++i) {
    const AttemptReport report = bench.run("burn_a_second", with(&TaskOptions::cpu_time, 2s));
    BOOST_TEST((report.end == AttemptEnd::success));
  }
}

BOOST_AUTO_TEST_CASE(a_file_beyond_its_size_ends_the_attempt_as_that) {
  CrashBench<CpuExecutor> bench;
  const AttemptReport report = bench.run("write", with(&TaskOptions::file_size, 1000));
  BOOST_TEST((report.end == AttemptEnd::failure));
  BOOST_TEST(report.error->code == "file_size");
  BOOST_TEST(report.error->message.starts_with("wrote a file beyond its limit of 1000 bytes"));
#ifndef __SANITIZE_THREAD__
  BOOST_TEST((frame_of(*crash_report_from_json(report.error->crash), "write_a_file") != nullptr));
#endif
  BOOST_TEST(bench.run("write").result == "1");
}

BOOST_AUTO_TEST_CASE(descriptors_are_bounded_for_the_task_that_asks_and_for_no_other) {
  CrashBench<CpuExecutor> bench;
  const AttemptReport bounded = bench.run("open", with(&TaskOptions::open_files, 64));
  BOOST_TEST(std::stoi(bounded.result) < 64);
  BOOST_TEST(std::stoi(bounded.result) > 30);
  BOOST_TEST(bench.run("open").result == "200");
}

BOOST_AUTO_TEST_CASE(the_limits_of_an_io_host_are_those_of_the_executor) {
  CrashBench<IoExecutor> bench(test::program("flowrra-unwind"), test::fixture("crashes.so"),
                               {.memory = 0, .cpu_time_us = 0, .open_files = 64, .file_size = 1000, .processes = 0});
  BOOST_TEST(std::stoi(bench.run("open").result) < 64);
  BOOST_TEST(bench.run("write").error->code == "file_size");
}

BOOST_AUTO_TEST_CASE(an_exit_tells_who_called_it) {
  CrashBench<CpuExecutor> bench;
  const CrashReport report = bench.crash("exit");
  BOOST_TEST(report.exit_code.value_or(-1) == 3);
  BOOST_TEST(report.signal == 0);
  check_named(report, "leave_with_three");
  BOOST_TEST((frame_of(report, "record_exit") == nullptr));
}

BOOST_AUTO_TEST_CASE(what_leaves_no_record_is_told_as_far_as_it_is_known) {
  CrashBench<CpuExecutor> bench;
  const CrashReport left = bench.crash("leaves");
  BOOST_TEST(left.exit_code.value_or(-1) == 4);
  BOOST_TEST(left.reason.starts_with("_exit() was called"));
  BOOST_TEST(left.plugin == "crashes");
  BOOST_TEST(left.frames.empty());
  const CrashReport killed = bench.crash("killed");
  BOOST_TEST(killed.signal == SIGKILL);
  BOOST_TEST(killed.reason.starts_with("killed from outside"));
}

BOOST_AUTO_TEST_CASE(a_task_that_closes_its_hosts_socket_is_told_so) {
  CrashBench<CpuExecutor> bench;
  const CrashReport report = bench.crash("hangs_up");
  BOOST_TEST(report.signal == SIGKILL);
  BOOST_TEST(report.reason == "killed by the node: the host closed its connection to the node");
}

BOOST_AUTO_TEST_CASE(a_task_that_writes_over_what_its_host_says_is_told_so) {
  CrashBench<CpuExecutor> bench;
  const CrashReport report = bench.crash("scribbles");
  BOOST_TEST(report.signal == SIGKILL);
  BOOST_TEST(report.reason == "killed by the node: the host sent the node what is no frame");
  BOOST_TEST((bench.run("open").end == AttemptEnd::success));  // in another host
}

BOOST_AUTO_TEST_CASE(a_task_that_hides_that_it_runs_is_charged_for_its_death) {
  CrashBench<CpuExecutor> bench;
  BOOST_TEST((bench.run("denies").end == AttemptEnd::crash));
  BOOST_TEST((bench.run("open").end == AttemptEnd::success));  // in another host
}

BOOST_AUTO_TEST_CASE(a_ruined_stack_still_gives_the_place) {
  CrashBench<CpuExecutor> bench;
  check_named(bench.crash("damaged"), "damage_the_stack");
}

BOOST_AUTO_TEST_CASE(without_an_unwinder_file_and_offset_are_kept_and_the_reason_why) {
  CrashBench<CpuExecutor> none("");
  CrashReport report = none.crash("null");
  BOOST_REQUIRE(report.frames.size() == 1U);
  BOOST_TEST(report.frames[0].module == "crashes.so");
  BOOST_TEST(report.frames[0].plugin);
  BOOST_TEST(report.plugin_version == "3.1.4");
  BOOST_TEST(report.stack_note == "there is no flowrra-unwind to follow it");
  CrashBench<CpuExecutor> broken("/bin/false");
  report = broken.crash("null");
  BOOST_TEST(report.frames.size() == 1U);
  BOOST_TEST(report.stack_note == "flowrra-unwind exited with code 1");
}

BOOST_AUTO_TEST_CASE(the_digest_of_a_private_copy_is_told_without_an_unwinder) {
  const test::TempDir folder;
  const std::string digest(64, 'd');
  PluginFile plugin = test::fixture("crashes.so");
  plugin.copy = (folder / ("crashes-" + digest + ".so")).string();
  plugin.digest = "sha256:" + digest;
  std::filesystem::copy_file(plugin.path, plugin.copy);
  CrashBench<CpuExecutor> bench("/bin/false", plugin);
  BOOST_TEST(bench.crash("null").plugin_sha256 == digest);
  for (const char* deed : {"leaves", "killed"}) {
    const CrashReport report = bench.crash(deed);
    BOOST_TEST(report.plugin_sha256 == digest);
    BOOST_TEST(report.stack_note.empty());  // nothing is missing: nobody was asked
  }
}

BOOST_AUTO_TEST_CASE(an_unwinder_that_hangs_is_not_waited_for) {
  const test::TempDir folder;
  const std::string program = (folder / "hangs").string();
  std::ofstream(program) << "#!/bin/sh\nexec sleep 1000\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  CrashBench<CpuExecutor> bench(program);
  const BootTime before = system_clock().boot();
  BOOST_TEST(bench.crash("null").stack_note == "it could not be followed in time");
  BOOST_TEST((system_clock().boot() - before < 30s));
}

BOOST_AUTO_TEST_CASE(a_plugin_that_was_replaced_lends_its_symbols_to_nobody) {
  const test::TempDir folder;
  const std::string plugin = (folder / "crashes.so").string();
  std::filesystem::copy_file(test::fixture("crashes.so"), plugin);
  CrashBench<CpuExecutor> bench(test::program("flowrra-unwind"), plugin);
  check_named(bench.crash("null"), "write_through_null");
  std::filesystem::remove(plugin);
  const CrashReport report = bench.crash("null");
  BOOST_TEST((frame_of(report, "write_through_null") == nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
