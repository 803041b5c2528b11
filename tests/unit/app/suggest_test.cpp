#include "app/suggest.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/open/open.hpp"
#include "support/temp_dir.hpp"

using namespace flowrra;

namespace {

using Words = std::vector<std::string>;

TaskSpec spec() {
  TaskSpec out;
  out.name = "media.thumbnail";
  out.arguments = {"path", "fit"};
  out.schema = R"({"type":"object","properties":{"path":{"type":"string"},)"
               R"("fit":{"anyOf":[{"enum":["cover","contain"]},{"type":"null"}]},)"
               R"("grey":{"type":"boolean"},"level":{"enum":[1,2]}}})";
  return out;
}

Words texts(const std::vector<Suggestion>& suggestions) {
  Words out;
  for (const Suggestion& each : suggestions) out.push_back(each.text);
  return out;
}

Words next(const Words& words, const std::string& begun = {}) { return texts(suggest_arguments(spec(), words, begun)); }

}  // namespace

BOOST_AUTO_TEST_CASE(arguments_that_are_not_given_are_suggested_by_name) {
  BOOST_TEST(next({}) == (Words{"path=", "fit=", "grey=", "level="}));
  BOOST_TEST(next({"path=a"}) == (Words{"fit=", "grey=", "level="}));
  BOOST_TEST(next({"a", "grey=true"}) == (Words{"cover", "contain", "fit=", "level="}));
  BOOST_TEST(next({"a", "cover", "grey=true", "level=1"}).empty());
}

BOOST_AUTO_TEST_CASE(values_that_the_schema_lists_are_suggested) {
  BOOST_TEST(next({}, "fit=") == (Words{"fit=cover", "fit=contain"}));
  BOOST_TEST(next({}, "grey=t") == (Words{"grey=true", "grey=false"}));
  BOOST_TEST(next({}, "level=") == (Words{"level=1", "level=2"}));
  BOOST_TEST(next({}, "path=").empty());
  BOOST_TEST(suggest_arguments(spec(), {"a"}, {}).at(2).about == "cover|contain");
  BOOST_TEST(suggest_arguments(spec(), {}, {}).at(0).about == "string");
}

BOOST_AUTO_TEST_CASE(a_schema_that_says_nothing_suggests_the_names_alone) {
  TaskSpec bare;
  bare.arguments = {"a"};
  for (const char* schema : {"", "true", "[]", R"({"properties":{"a":true}})"}) {
    bare.schema = schema;
    BOOST_TEST(texts(suggest_arguments(bare, {}, {})) == Words{"a="});
  }
}

BOOST_AUTO_TEST_CASE(without_a_store_nothing_is_suggested_and_none_is_made) {
  const test::TempDir folder;
  ConfigSource source{{}, folder.path(), {{"HOME", folder.path().string()}}};
  source.environment["FLOWRRA_BROKER_URL"] = "sqlite://store/flowrra.db";
  Suggester suggester(source);
  BOOST_TEST(suggester.ids("", {}).empty());
  BOOST_TEST(suggester.tasks(false).empty());
  BOOST_TEST(texts(suggester.queues()) == Words{"default"});
  BOOST_TEST(std::filesystem::is_empty(folder.path() / ""));
}

BOOST_AUTO_TEST_CASE(ids_tasks_and_queues_of_the_store_are_suggested) {
  const test::TempDir folder;
  ConfigSource source{{}, folder.path(), {{"HOME", folder.path().string()}}};
  source.environment["FLOWRRA_BROKER_URL"] = "sqlite://flowrra.db";
  StoreOptions options;
  options.url = "sqlite://" + (folder / "flowrra.db").string();
  const auto store = open_store(options);
  BOOST_REQUIRE(store.ok());
  NewTask task;
  task.id = "one-task";
  task.name = "media.thumbnail";
  task.queue = "mail";
  task.args = "{}";
  BOOST_REQUIRE((*store)->broker().push({&task, 1}, 10).ok());
  const TaskSpec published = spec();
  BOOST_REQUIRE((*store)->directory().publish({&published, 1}).ok());

  Suggester suggester(source);
  const auto ids = suggester.ids("one", {State::pending});
  BOOST_REQUIRE(ids.size() == 1U);
  BOOST_TEST(ids[0].text == "one-task");
  BOOST_TEST(ids[0].about == "pending media.thumbnail");
  BOOST_TEST(suggester.ids("two", {}).empty());
  BOOST_TEST(suggester.ids("", {State::failed}).empty());
  BOOST_TEST(texts(suggester.tasks(false)) == Words{"media.thumbnail"});
  BOOST_TEST(suggester.tasks(true).empty());
  BOOST_TEST(texts(suggester.queues()) == (Words{"default", "mail"}));
  BOOST_TEST(texts(suggester.arguments("media.thumbnail", {}, "fit=", false)) == (Words{"fit=cover", "fit=contain"}));
  BOOST_TEST(suggester.arguments("unknown", {}, "", false).empty());
}
