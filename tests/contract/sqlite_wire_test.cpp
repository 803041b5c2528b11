// The stored form as docs/wire-format.md tells it: another program submits and reads by that page alone.

#ifdef FLOWRRA_WITH_SQLITE

#include <fstream>
#include <iterator>
#include <sstream>

#include "sqlite_access.hpp"
#include "support/build_tree.hpp"

namespace flowrra::test {

namespace {

// The n-th ```sql block of the page.
std::string sql_of_page(int n) {
  std::ifstream file(test::source_file("docs/wire-format.md"));
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const std::string fence = "```sql\n";
  std::size_t begin = 0;
  for (int i = 0; i < n; ++i) begin = page.find(fence, begin) + fence.size();
  return page.substr(begin, page.find("```", begin) - begin);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_task_submitted_by_the_page_alone_is_taken_and_its_result_read) {
  const TempDir folder;
  const auto store = must(try_open(path_of(folder)));
  Session session;
  session.id = "node";
  must(store->directory().open_session(session, 600s));
  RawDatabase other(path_of(folder));
  other.run("BEGIN IMMEDIATE;" + sql_of_page(1) + "COMMIT");
  const auto taken = must(store->broker().take({"node", "node", {"default"}, {{1, {"text.add"}}}}));
  BOOST_REQUIRE_EQUAL(taken.size(), 1);
  BOOST_TEST(taken.front().task.id == "my-id");
  BOOST_TEST(taken.front().task.args == "[2, 3]");
  const auto now = system_clock().wall();
  BOOST_TEST((now - taken.front().task.submitted_at < 60s && taken.front().task.submitted_at - now < 60s));
  auto done = to(State::success, taken.front());
  done.result = "5";
  BOOST_TEST(must(store->broker().settle({done})).front());
  // A statement that breaks a CHECK fails the test.
  other.run(
      "CREATE TEMP TABLE seen (state CHECK (state = 4), result CHECK (result = '5'), code, message);"
      "CREATE TEMP TABLE rows (count CHECK (count = 1));"
      "INSERT INTO seen " +
      sql_of_page(2) + "INSERT INTO rows SELECT count(*) FROM seen");
  BOOST_TEST(must(store->broker().counts()).front().count == 1);
}

}  // namespace flowrra::test

#endif
