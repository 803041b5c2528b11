// A write transaction that goes on from what was read before it.

#ifdef FLOWRRA_WITH_SQLITE

#include "sqlite_access.hpp"
#include "store/sqlite/connection.hpp"

namespace flowrra::test {
namespace {

// Two connections to one store, and what another program does to it.
struct TwoWriters {
  TwoWriters() { bench.push("a"); }

  std::unique_ptr<sqlite::Connection> connect() {
    StoreOptions options;
    options.busy_timeout = 50ms;
    return must(sqlite::Connection::open(must(sqlite::store_files("sqlite://" + path_of(bench.folder()))), options));
  }
  static int tasks_in(sqlite::Connection& connection) {
    sqlite::Statement count(connection, "SELECT count(*) FROM task");
    sqlite::Rows rows = count.query();
    return rows.next() ? rows.small(0) : -1;
  }

  Bench<Sqlite> bench;
  std::unique_ptr<sqlite::Connection> one = connect();
  std::unique_ptr<sqlite::Connection> other = connect();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_moment)

BOOST_AUTO_TEST_CASE(what_was_read_holds_where_nobody_has_written_since) {
  TwoWriters two;
  sqlite::ReadTransaction moment(*two.one);
  BOOST_TEST(two.tasks_in(*two.one) == 1);
  sqlite::WriteTransaction write(moment);
  must(write.begun());
  BOOST_TEST(write.same_moment());
  {
    const sqlite::WriteTransaction late(*two.other);
    BOOST_TEST(code_of(Result<int>(late.begun().error())) == Code::busy);
  }
  two.one->run("UPDATE task SET priority = 7");
  must(write.commit({}));
  BOOST_TEST(two.bench.find("a").priority == 7);
}

BOOST_AUTO_TEST_CASE(what_was_read_is_looked_at_again_where_somebody_has) {
  TwoWriters two;
  sqlite::ReadTransaction moment(*two.one);
  BOOST_TEST(two.tasks_in(*two.one) == 1);
  two.bench.push("b");
  BOOST_TEST(two.tasks_in(*two.one) == 1);
  sqlite::WriteTransaction write(moment);
  must(write.begun());
  BOOST_TEST(!write.same_moment());
  BOOST_TEST(two.tasks_in(*two.one) == 2);
  must(write.commit({}));
}

BOOST_AUTO_TEST_CASE(who_waits_for_the_lock_keeps_no_moment) {
  TwoWriters two;
  sqlite::ReadTransaction moment(*two.one);
  BOOST_TEST(two.tasks_in(*two.one) == 1);
  {
    const sqlite::WriteTransaction first(*two.other);
    must(first.begun());
    const sqlite::WriteTransaction write(moment);
    BOOST_TEST(code_of(Result<int>(write.begun().error())) == Code::busy);
    BOOST_TEST(sqlite3_get_autocommit(two.one->handle()) != 0);
  }
  const sqlite::WriteTransaction write(*two.one);
  must(write.begun());
}

BOOST_AUTO_TEST_CASE(who_cannot_write_leaves_no_transaction_behind) {
  TwoWriters two;
  RawDatabase raw(path_of(two.bench.folder()));  // SQLite's lock, without that of the store
  raw.run("BEGIN IMMEDIATE");
  {
    sqlite::ReadTransaction moment(*two.one);
    BOOST_TEST(two.tasks_in(*two.one) == 1);
    const sqlite::WriteTransaction write(moment);
    BOOST_TEST(code_of(Result<int>(write.begun().error())) == Code::busy);
  }
  raw.run("COMMIT");
  two.bench.push("b");
  sqlite::ReadTransaction moment(*two.one);
  BOOST_TEST(two.tasks_in(*two.one) == 2);
  const sqlite::WriteTransaction write(moment);
  must(write.begun());
  BOOST_TEST(write.same_moment());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
