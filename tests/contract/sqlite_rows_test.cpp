// Rows of a SQLite store that another program has spoiled.

#ifdef FLOWRRA_WITH_SQLITE

#include "sqlite_access.hpp"

namespace flowrra::test {

BOOST_AUTO_TEST_SUITE(sqlite_rows)

BOOST_AUTO_TEST_CASE(rows_that_cannot_be_read_are_kept_as_failed_and_the_rest_goes_on) {
  Bench<Sqlite> bench;
  std::vector<NewTask> tasks{task("good1"), task("options"), task("kind"), task("tags"), task("good2"), task("odd")};
  bench.push(tasks);
  RawDatabase raw(path_of(bench.folder()));
  raw.run(
      "UPDATE task SET options = '{{{' WHERE id = 'options'; UPDATE task SET kind = 77 WHERE id = 'kind';"
      "UPDATE task SET tags = x'fffe00' WHERE id = 'tags';"
      "UPDATE task SET args = 12.5, priority = 'x', attempt = 'many', submitted_at = x'00' WHERE id = 'odd'");
  const int outcomes = bench.backend().wake_fd();
  BOOST_TEST(ids(bench.take(3)) == Ids{"good1"});
  BOOST_TEST(rings(outcomes));
  bench.take(100);
  for (const std::string id : {"options", "kind", "tags"}) {
    const TaskRecord failed = bench.find(id);
    BOOST_TEST(failed.state == State::failed);
    BOOST_TEST(failed.error->code == "undecodable");
    BOOST_TEST(failed.args == "[]");
  }
  BOOST_TEST(bench.state("good2") == State::running);
  BOOST_TEST(bench.count(State::running) == 3);
  BOOST_TEST(bench.count(State::failed) == 3);
}

BOOST_AUTO_TEST_CASE(running_tasks_whose_session_was_deleted_are_found_by_their_state) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b")});
  const auto taken = bench.take(2);
  RawDatabase raw(path_of(bench.folder()));
  raw.run("UPDATE task SET session = NULL WHERE id = 'b'");
  BOOST_TEST(must(bench.broker().recover()) == 1);
  BOOST_TEST(bench.state("b") == State::pending);
  BOOST_TEST(bench.state("a") == State::running);
  raw.run("DELETE FROM session");
  BOOST_TEST(must(bench.broker().recover()) == 1);
  BOOST_TEST(bench.state("a") == State::pending);
  for (const auto& leased : taken) BOOST_TEST(!bench.settle(to(State::success, leased)));
}

BOOST_AUTO_TEST_CASE(rows_of_no_lane_or_state_do_not_stop_a_list) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b"), task("c")});
  RawDatabase raw(path_of(bench.folder()));
  raw.run("UPDATE task SET lane = 999 WHERE id = 'a'; UPDATE task SET state = 55 WHERE id = 'b'");
  BOOST_TEST(must(bench.broker().list({})).size() >= 2);
  BOOST_TEST(must(bench.broker().find("b")).has_value());
  BOOST_TEST(ids(bench.take()) == Ids{"c"});
  BOOST_TEST(must(bench.broker().cancel(Ids{"b"})).front() == CancelOutcome::unknown);
}

BOOST_AUTO_TEST_CASE(running_tasks_are_recovered_by_state_whatever_session_they_name) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b"), task("c")});
  bench.take();
  RawDatabase raw(path_of(bench.folder()));
  raw.run("UPDATE task SET session = NULL WHERE id = 'a'; UPDATE task SET session = 12345 WHERE id = 'b'");
  BOOST_TEST(must(bench.broker().recover()) == 2);
  BOOST_TEST(bench.state("c") == State::running);
  raw.run("DELETE FROM session");
  BOOST_TEST(must(bench.broker().recover()) == 1);
}

BOOST_AUTO_TEST_CASE(everything_is_there_after_reopening) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b")});
  const auto leased = bench.take_one();
  bench.reopen();
  BOOST_TEST(bench.settle(to(State::success, leased)));
  BOOST_TEST(ids(bench.take()) == Ids{"b"});
}

BOOST_AUTO_TEST_CASE(a_wrong_count_of_pending_tasks_hides_none_from_the_next_node) {
  Bench<Sqlite> bench;
  bench.push(std::vector{task("a"), task("b", "other")});
  RawDatabase(path_of(bench.folder())).run("UPDATE lane SET pending = 0");
  BOOST_TEST(bench.take().empty());
  bench.open_session("next");
  BOOST_TEST(bench.take(10, {"work", "other"}, {"default"}, "next").size() == 2);
  BOOST_TEST(bench.count(State::pending) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
