#include "task/crash_report.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

namespace flowrra {
namespace {

CrashFrame frame(const std::string& function, int line) {
  return {"media.so", 0x1139, function, "media.cpp", line, false, true};
}

CrashReport example() {
  CrashReport report;
  report.signal = SIGSEGV;
  report.reason = signal_reason(SIGSEGV, SEGV_MAPERR);
  report.address = 0;
  report.sender = 17;
  report.sender_uid = 1000;
  report.thread = 4711;
  report.thread_name = "flowrra-cpu";
  report.plugin = "media";
  report.plugin_version = "1.2.0";
  report.plugin_sha256 = std::string(64, 'a');
  report.frames = {{"libc.so.6", 0x8aeec, "raise", "", 0, false, false}, frame("crunch(int)", 17), frame("run", 0)};
  report.frames.back().inlined = true;
  report.modules = {{"libc.so.6", "", "93ac"}, {"media.so", std::string(64, 'a'), ""}};
  report.stack_note = "it ends early";
  report.output = {"one", "two"};
  return report;
}

bool has_line(const CrashReport& report, const std::string& part) {
  const auto lines = crash_lines(report);
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(crash_report)

BOOST_AUTO_TEST_CASE(a_report_survives_its_stored_form) {
  const auto again = crash_report_from_json(to_json(example()));
  BOOST_REQUIRE(again);
  BOOST_TEST((*again == example()));
  CrashReport exited;
  exited.exit_code = 0;
  BOOST_TEST((*crash_report_from_json(to_json(exited)) == exited));
  BOOST_TEST(to_json(exited) == R"({"exit_code":0})");
}

BOOST_AUTO_TEST_CASE(what_is_no_report_is_refused_and_what_is_odd_passed_over) {
  for (const char* text : {"", "null", "[]", "\"text\"", "{", "17"}) BOOST_TEST(!crash_report_from_json(text));
  const auto odd = crash_report_from_json(
      R"({"signal_number":"x","frames":{"a":1},"modules":[1,{}],"thread":3,"address":17,"output":[1,"b"],"new":[]})");
  BOOST_REQUIRE(odd);
  BOOST_TEST(odd->signal == 0);
  BOOST_TEST(odd->frames.empty());
  BOOST_TEST((odd->output == std::vector<std::string>{"b"}));
}

BOOST_AUTO_TEST_CASE(a_report_is_bounded_and_says_what_it_left_out) {
  CrashReport report = example();
  report.output.assign(20, std::string(300, 'x'));
  report.frames.assign(64, frame(std::string(300, 'f') + "\x80", 1));
  const std::string text = to_json(report);
  BOOST_TEST(text.size() <= kMaxCrashReport);
  const auto again = crash_report_from_json(text);
  BOOST_REQUIRE(again);
  BOOST_TEST(again->frames.size() >= 16);
  BOOST_TEST(again->frames.size() < 64);
  BOOST_TEST(again->stack_note == "the report keeps " + std::to_string(again->frames.size()) + " frames of 64");
}

BOOST_AUTO_TEST_CASE(people_read_what_happened_where_and_what_was_said_last) {
  const CrashReport report = example();
  BOOST_TEST(crash_lines(report).front() ==
             "SIGSEGV (11), SEGV_MAPERR: the address is not mapped, at address 0x0, sent by process 17 of user 1000");
  BOOST_TEST(has_line(report, "plugin media 1.2.0, sha256:aaaa"));
  BOOST_TEST(has_line(report, "  #0  raise in libc.so.6 + 0x8aeec"));
  BOOST_TEST(has_line(report, "> #1  crunch(int) at media.cpp:17 in media.so + 0x1139"));
  BOOST_TEST(has_line(report, "  #2  run (inlined) at media.cpp in media.so"));
  BOOST_TEST(has_line(report, "output: two"));
  BOOST_TEST(crash_place(report) == "crunch(int) at media.cpp:17");
}

BOOST_AUTO_TEST_CASE(a_recursion_is_told_in_few_lines) {
  CrashReport report = example();
  report.frames.assign(60, frame("deeper", 3));
  BOOST_TEST(crash_lines(report).size() < 10);
  BOOST_TEST(has_line(report, "59 times more"));
}

BOOST_AUTO_TEST_CASE(a_place_without_symbols_is_the_file_and_the_offset) {
  CrashReport report;
  BOOST_TEST(crash_place(report).empty());
  report.frames = {{"", 0x10, "", "", 0, false, false}};
  BOOST_TEST(crash_place(report).empty());
  report.frames.push_back({"media.so", 0x1139, "", "", 0, false, true});
  BOOST_TEST(crash_place(report) == "media.so + 0x1139");
  report.frames = {{"libc.so.6", 0x10, "abort", "", 0, false, false}, {"shop", 0x20, "crash()", "", 0, false, false}};
  BOOST_TEST(crash_place(report) == "crash()");
}

BOOST_AUTO_TEST_CASE(signals_without_a_name_have_their_number) {
  BOOST_TEST(signal_name(SIGXCPU) == "SIGXCPU");
  BOOST_TEST(signal_name(1000) == "signal 1000");
  BOOST_TEST(signal_reason(SIGTERM, 12345).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
