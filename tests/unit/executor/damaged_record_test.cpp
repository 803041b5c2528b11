// What flowrra-unwind makes of records that are damaged or cut off: an answer or none, in bounded time.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "base/child.hpp"
#include "base/fd.hpp"
#include "host/crash_area.hpp"
#include "support/temp_dir.hpp"
#include "task/crash_report.hpp"
#include "unit/executor/crash_bench.hpp"

using namespace flowrra;

namespace {

std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

// The record of a real crash, as its unwinder was given it.
std::string real_record(const test::TempDir& folder) {
  const std::string program = (folder / "keeps").string();
  const std::string record = (folder / "record").string();
  std::ofstream(program) << "#!/bin/sh\nexec cat /proc/self/fd/3 > " << record << "\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  test::CrashBench<CpuExecutor>(program).crash("null");
  return read_file(record);
}

struct Answer {
  ChildEnd end;
  std::string text;
};

Answer examine(const test::TempDir& folder, const std::string& record) {
  const std::string file = (folder / "damaged").string();
  std::ofstream(file, std::ios::binary) << record;
  const UniqueFd area(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  const std::string answer = (folder / "answer").string();
  const UniqueFd out(::open(answer.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  ChildRequest request;
  request.program = test::program("flowrra-unwind");
  request.arguments = {"crashes.cpu"};
  request.environment = clean_environment();
  request.fds = {{out.get(), STDOUT_FILENO}, {area.get(), 3}};
  const auto child = start_child(request);
  BOOST_REQUIRE(child);
  pollfd ended{child->pidfd.get(), POLLIN, 0};
  BOOST_REQUIRE(::poll(&ended, 1, 60'000) == 1);
  return {wait_child(*child), read_file(answer)};
}

// Of a record without a header nothing is told: null.
void check(const Answer& answer) {
  BOOST_TEST(!answer.end.signalled, describe(answer.end));
  BOOST_TEST(answer.end.code == 0);
  BOOST_TEST(answer.text.size() <= kMaxCrashReport);
  if (answer.text != "null") BOOST_TEST(bool(crash_report_from_json(answer.text)), answer.text);
}

// Some bytes where they matter: the header, the plugins, the stack, the maps.
std::string damaged(std::string record, std::mt19937& random) {
  constexpr std::pair<std::uint64_t, std::uint64_t> kParts[] = {
      {0, sizeof(CrashHeader)}, {kCrashPluginsAt, 200}, {kCrashStackAt, 4096}, {kCrashMapsAt, 8192}};
  const auto& [at, size] = kParts[random() % std::size(kParts)];
  for (int i = 0; i < 12; ++i) {
    const std::uint64_t place = at + random() % size;
    if (place < record.size()) record[place] = static_cast<char>(random());
  }
  return record;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_damaged_crash_record_kills_no_unwinder) {
  const test::TempDir folder;
  const std::string record = real_record(folder);
  const Answer whole = examine(folder, record);
  BOOST_TEST(whole.text.find("write_through_null") != std::string::npos, whole.text);
  std::mt19937 random(7);
  for (int i = 0; i < 40; ++i) BOOST_TEST_CONTEXT("damage " << i) check(examine(folder, damaged(record, random)));
}

BOOST_AUTO_TEST_CASE(a_crash_record_that_breaks_off_kills_no_unwinder) {
  const test::TempDir folder;
  const std::string record = real_record(folder);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{100}, sizeof(CrashHeader), std::size_t{kCrashPluginsAt} + 20,
        std::size_t{kCrashStackAt} + 100, std::size_t{kCrashMapsAt} + 1000, record.size() - 1}) {
    BOOST_TEST_CONTEXT("of " << size << " bytes") check(examine(folder, record.substr(0, size)));
  }
}
