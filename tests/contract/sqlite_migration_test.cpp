// A store of an older version is brought to this one when it is opened, and stays usable for programs of the older one.

#ifdef FLOWRRA_WITH_SQLITE

#include <filesystem>
#include <thread>

#include "sqlite_access.hpp"
#include "support/build_tree.hpp"

namespace flowrra::test {

namespace {

std::string old_store(const TempDir& folder, const std::string& name = "store-v1.db") {
  std::filesystem::copy_file(test::source_file("tests/data/" + name), path_of(folder));
  return path_of(folder);
}

TakeRequest take_all() { return {"node", "node", {"default"}, {{10, {"text.add", "text.count"}}}}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_migration)

BOOST_AUTO_TEST_CASE(whether_a_store_is_older_is_told_without_changing_it) {
  const TempDir folder;
  const std::string path = old_store(folder);
  const StoreOptions options{.url = "sqlite://" + path};
  BOOST_TEST(must(store_is_older(options)));
  BOOST_TEST(must(store_is_older(options)));
  must(try_open(path));
  BOOST_TEST(!must(store_is_older(options)));
}

BOOST_AUTO_TEST_CASE(a_store_of_version_1_keeps_all_it_had_and_can_do_all_that_is_new) {
  const TempDir folder;
  const auto store = must(try_open(old_store(folder)));
  const auto done = must(store->backend().get("done")).value();
  BOOST_TEST(done.result == "5");
  BOOST_TEST(done.log.empty());
  const auto failed = must(store->backend().get("failed")).value();
  BOOST_TEST(failed.state == State::failed);
  BOOST_TEST(must(store->broker().find("delayed")).value().queue == "mail");
  BOOST_TEST(must(store->directory().specs()).size() > 3);

  Session session;
  session.id = "node";
  must(store->directory().open_session(session, 600s));
  BOOST_TEST((must(store->broker().replay(std::vector{failed})).front() == ReplayOutcome::replayed));
  auto taken = must(store->broker().take(take_all()));
  BOOST_REQUIRE_EQUAL(taken.size(), 2);
  BOOST_TEST(taken.front().task.id == "waiting");  // its priority is better
  BOOST_TEST(taken.front().task.options.max_retries.value() == 7);
  auto outcome = to(State::success, taken.front());
  outcome.log = "line\n";
  BOOST_TEST(must(store->broker().settle({outcome})).front());
  BOOST_TEST(must(store->backend().get("waiting")).value().log == "line\n");
  must(store->directory().set_paused("mail", true));
  BOOST_TEST(must(try_open(path_of(folder)))->directory().paused_queues().ok());
}

BOOST_AUTO_TEST_CASE(a_store_of_version_2_keeps_all_it_had_and_can_do_all_that_is_new) {
  const TempDir folder;
  const auto store = must(try_open(old_store(folder, "store-v2.db")));
  BOOST_TEST(must(store->backend().get("done")).value().result == "5");
  BOOST_TEST(must(store->broker().find("cancelled")).value().state == State::cancelled);
  BOOST_TEST(must(store->broker().find("waiting")).value().expires_at.has_value());
  BOOST_TEST(must(store->directory().paused_queues()) == (std::vector<std::string>{"mail"}));
  BOOST_TEST((must(store->broker().stale_counts()) == StaleCounts{}));

  Session session;
  session.id = "node";
  session.plugins = {{"/lib/a.so", "a", "1.0", "sha256:11", ""}};
  must(store->directory().open_session(session, 600s));
  must(store->directory().heartbeat("node", 600s, "{}"));
  BOOST_TEST(must(store->directory().ask_reload("node")) == 1);
  const auto nodes = must(store->directory().nodes());
  BOOST_TEST((nodes.at(0).session.plugins == session.plugins));
  BOOST_TEST(nodes.at(0).health == "{}");
  const auto answer = must(store->broker().exchange({{}, {}, take_all(), true}));
  BOOST_TEST(answer.reload == 1);
  BOOST_REQUIRE_EQUAL(answer.taken.size(), 1);
  Settlement late = to(State::success, answer.taken.front());
  ++late.lease.counter;
  BOOST_TEST(!must(store->broker().settle({late})).front());
  BOOST_TEST(must(store->broker().stale_counts()).settlements == 1);
}

BOOST_AUTO_TEST_CASE(a_store_of_version_3_keeps_what_is_due_and_forgets_who_should_have_ended) {
  const TempDir folder;
  const auto store = must(try_open(old_store(folder, "store-v3.db")));
  BOOST_TEST(must(store->backend().get("done")).value().result == "5");
  BOOST_TEST(must(store->broker().find("waiting")).value().expires_at.has_value());

  Session session;
  session.id = "node";
  must(store->directory().open_session(session, 600s));
  const auto first = must(store->broker().exchange({{}, {}, take_all(), true}));
  BOOST_REQUIRE_EQUAL(first.taken.size(), 2);  // what waits, and what is due
  BOOST_TEST(first.cancel.empty());
  BOOST_REQUIRE(first.next_due.has_value());  // of the other
  BOOST_TEST((*first.next_due > 24h));
  BOOST_TEST((must(store->broker().cancel(std::vector<TaskId>{"delayed", "later"})) ==
              std::vector{CancelOutcome::requested, CancelOutcome::cancelled}));

  const auto second = must(store->broker().exchange({{}, {}, take_all(), true}));
  BOOST_TEST((second.cancel == std::vector<TaskId>{"delayed"}));
  BOOST_TEST(!second.next_due.has_value());
  for (const LeasedTask& leased : first.taken) {
    BOOST_TEST(must(store->broker().settle({to(State::success, leased)})).front());
  }
  BOOST_TEST(must(store->broker().find("delayed")).value().state == State::success);
  BOOST_TEST(RawDatabase(path_of(folder)).number("SELECT count(*) FROM task WHERE cancel = 1") == 0);
}

BOOST_AUTO_TEST_CASE(many_that_open_an_old_store_at_once_bring_it_forward_once) {
  const TempDir folder;
  const std::string path = old_store(folder);
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto store = try_open(path);
      if (store && (*store)->broker().find("waiting").ok()) ++good;
    });
  }
  for (auto& thread : threads) thread.join();
  BOOST_TEST(good == 8);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test

#endif
