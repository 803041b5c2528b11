// run(): real programs, on the loop of testing.hpp. tests/unit/host/awaitables_test.cpp does it in a real host.

#include <sys/wait.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <thread>

#include "flowrra/plugin.hpp"
#include "flowrra/testing.hpp"

BOOST_AUTO_TEST_SUITE(programs)

namespace {

using flowrra::Co;
using flowrra::Command;
using flowrra::Exit;
using flowrra::IoContext;
using flowrra::testing::Bench;
using flowrra::testing::End;
using flowrra::testing::Outcome;
using namespace std::chrono_literals;

Co<std::string> shell(IoContext& ctx, std::string script) {
  const Exit exit = co_await flowrra::run(ctx, Command("sh", "-c", script));
  co_return exit.out + "|" + exit.err + "|" + exit.text();
}
std::string shell(const std::string& script) {
  const Outcome outcome = Bench().io(static_cast<Co<std::string> (*)(IoContext&, std::string)>(shell), script);
  return outcome ? outcome.value<std::string>() : outcome.message;
}
// Neither a process nor a zombie of ours is left.
bool childless() { return waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

// A process whose end nobody has asked for yet does not run any more.
bool is_running(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  const std::string line{std::istreambuf_iterator<char>(stat), {}};
  const std::size_t name = line.rfind(") ");
  return name != std::string::npos && line[name + 2] != 'Z';
}

struct NoChildren {
  ~NoChildren() { BOOST_TEST(childless()); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_program_runs_and_its_output_and_end_are_seen) {
  const NoChildren after;
  BOOST_TEST(shell("echo out; echo err >&2") == "out\n|err\n|exited with code 0");
  BOOST_TEST(shell("echo first >&2; echo last >&2; exit 3") == "|first\nlast\n|exited with code 3: last");
  BOOST_TEST(shell("kill -9 $$") == "||was ended by signal 9");
  BOOST_TEST(shell("cat") == "||exited with code 0");  // nothing to read
}

#if !defined(__SANITIZE_THREAD__)  // whose vfork() shares no memory
BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_named) {
  const NoChildren after;
  const Outcome outcome = Bench().io(
      [](IoContext& ctx) -> Co<> { const Exit exit = co_await flowrra::run(ctx, Command("no-such-program-at-all")); });
  BOOST_TEST((outcome.end == End::failure));
  BOOST_TEST(outcome.message == "cannot start no-such-program-at-all: No such file or directory");
  const Outcome folder = Bench().io([](IoContext& ctx) -> Co<> {
    Command command("true");
    command.directory("/no/such/folder");
    const Exit exit = co_await flowrra::run(ctx, command);
  });
  BOOST_TEST(folder.message == "cannot start true: No such file or directory");
}
#endif

BOOST_AUTO_TEST_CASE(arguments_pass_as_they_are_and_folder_variables_and_input_are_set) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<std::string> {
    Command command("sh", "-c", "pwd; echo \"$GREETING $1\"; cat", "sh", "a 'b' $HOME *");
    command.directory("/").set("GREETING", "hello").input(std::string(300'000, 'x'));
    const Exit exit = co_await flowrra::run(ctx, std::move(command));
    co_return exit.out.substr(0, 30) + std::to_string(exit.out.size());
  });
  BOOST_TEST(outcome.value<std::string>() == "/\nhello a 'b' $HOME *\nxxxxxxxx300022");
}

BOOST_AUTO_TEST_CASE(a_program_that_does_not_read_its_input_is_no_error) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<int> {
    Command command("true");
    command.input(std::string(1'000'000, 'x'));
    const Exit exit = co_await flowrra::run(ctx, std::move(command));
    co_return exit.code;
  });
  BOOST_TEST(outcome.json == "0");
}

BOOST_AUTO_TEST_CASE(output_is_received_line_by_line_while_the_program_runs) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<std::vector<std::string>> {
    std::vector<std::string> lines;
    Command command("sh", "-c", "printf 'one\\ntwo\\n\\nlast'; printf 'bad\\n' >&2");
    command.lines([&](std::string_view line) { lines.emplace_back(line); });
    command.error_lines([&](std::string_view line) { lines.push_back("! " + std::string(line)); });
    const Exit exit = co_await flowrra::run(ctx, command);
    std::sort(lines.begin(), lines.end());
    lines.push_back(exit.out + exit.err);
    co_return lines;
  });
  BOOST_TEST(outcome.json == R"(["","! bad","last","one","two",""])");
}

BOOST_AUTO_TEST_CASE(what_is_kept_is_bounded_and_the_rest_is_counted) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<std::string> {
    Command command("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' y; echo end");
    command.keep(10);
    const Exit exit = co_await flowrra::run(ctx, command);
    co_return exit.out + std::to_string(exit.dropped);
  });
  BOOST_TEST(outcome.value<std::string>() == "yyyyyyend\n2999994");
}

BOOST_AUTO_TEST_CASE(cancelling_kills_the_whole_group) {
  const NoChildren after;
  Bench bench;
  bench.cancel_when = [](const Outcome& so_far) { return !so_far.log.empty(); };
  const Outcome outcome = bench.io([](IoContext& ctx) -> Co<> {
    Command command("sh", "-c", "sleep 1000 & echo $!; wait");
    command.lines([&](std::string_view line) { ctx.info(line); });
    const Exit exit = co_await flowrra::run(ctx, command);
    ctx.error("went on");
  });
  BOOST_TEST((outcome.end == End::cancelled));
  BOOST_REQUIRE(outcome.log.size() == 1U);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (is_running(std::stoi(outcome.log[0].text)) && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  BOOST_TEST(!is_running(std::stoi(outcome.log[0].text)));
}

BOOST_AUTO_TEST_CASE(a_timeout_kills_and_the_task_goes_on) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<std::string> {
    try {
      co_await flowrra::with_timeout(50ms, shell(ctx, "sleep 1000"));
    } catch (const flowrra::TimedOut&) {
      co_return childless() ? "gone" : "still there";
    }
    co_return "ended";
  });
  BOOST_TEST(outcome.value<std::string>() == "gone");
}

BOOST_AUTO_TEST_CASE(what_a_receiver_throws_kills_the_program_and_ends_the_await) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<> {
    Command command("sh", "-c", "echo bad; sleep 1000");
    command.lines([](std::string_view line) { throw flowrra::Permanent("unexpected " + std::string(line)); });
    const Exit exit = co_await flowrra::run(ctx, command);
  });
  BOOST_TEST(outcome.message == "unexpected bad");
}

BOOST_AUTO_TEST_CASE(what_a_program_leaves_behind_in_its_group_is_killed_and_does_not_keep_the_task) {
  const NoChildren after;
  BOOST_TEST(shell("sleep 1000 & echo done") == "done\n||exited with code 0");
}

BOOST_AUTO_TEST_CASE(many_programs_run_at_once) {
  const NoChildren after;
  const Outcome outcome = Bench().io([](IoContext& ctx) -> Co<std::string> {
    std::vector<Co<std::string>> works;
    works.reserve(20);
    for (int i = 0; i < 20; ++i) works.push_back(shell(ctx, "echo " + std::to_string(i)));
    std::string text;
    for (const std::string& each : co_await flowrra::all(std::move(works)))
      text += each.substr(0, each.find('\n')) + " ";
    co_return text;
  });
  BOOST_TEST(outcome.value<std::string>() == "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ");
}

BOOST_AUTO_TEST_SUITE_END()
