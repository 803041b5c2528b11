#include "app/client.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "base/id.hpp"
#include "support/temp_dir.hpp"
#include "task/schema.hpp"
#include "unit/app/client_bench.hpp"

using namespace flowrra;
using namespace flowrra::test;

BOOST_AUTO_TEST_CASE(a_submitted_task_can_be_looked_up) {
  over_stores([](Bench& bench) {
    bench.publish("demo.one");
    const CheckedSpec spec(Bench::take(bench.client->spec("demo.one")));
    const TaskId id = Bench::take(bench.client->submit(task("demo.one"), &spec));
    const TaskRecord record = Bench::take(bench.client->find(id));
    BOOST_TEST((record.state == State::pending));
    BOOST_TEST((record.kind == Kind::io));
    BOOST_TEST(Bench::take(bench.client->find(id.substr(0, 20))).id == id);
    BOOST_TEST(Bench::take(bench.client->list({})).size() == 1U);
    BOOST_TEST(!Bench::take(bench.client->get("unknown")));
    BOOST_TEST((code_of(bench.client->find("unknown")) == Code::not_found));
  });
}

BOOST_AUTO_TEST_CASE(arguments_names_and_bounds_are_checked_before_anything_is_queued) {
  Bench bench("memory://bounds");
  bench.publish("demo.one");
  const CheckedSpec spec(Bench::take(bench.client->spec("demo.one")));
  BOOST_TEST((code_of(bench.client->submit(task("demo.one", R"({"n":"x"})"), &spec)) == Code::invalid));
  BOOST_TEST((code_of(bench.client->submit(task("demo.one", "{"), nullptr)) == Code::invalid));
  BOOST_TEST((code_of(bench.client->submit(task("demo.one", "\"" + std::string(kMaxArgsBytes, 'a') + "\""), nullptr)) ==
              Code::too_large));
  BOOST_TEST((code_of(bench.client->submit(task("bad name"), nullptr)) == Code::invalid));
  NewTask bad_queue = task("demo.one");
  bad_queue.queue = "a/b";
  BOOST_TEST((code_of(bench.client->submit(bad_queue, nullptr)) == Code::invalid));
  NewTask bad_id = task("demo.one");
  bad_id.id = "a b";
  BOOST_TEST((code_of(bench.client->submit(bad_id, nullptr)) == Code::invalid));
  BOOST_TEST(Bench::take(bench.client->list({})).empty());
}

BOOST_AUTO_TEST_CASE(the_same_id_is_one_task_and_another_task_under_it_is_refused) {
  over_stores([](Bench& bench) {
    NewTask first = task("demo.one");
    first.id = "mine";
    BOOST_TEST(Bench::take(bench.client->submit(first, nullptr)) == "mine");
    BOOST_TEST(Bench::take(bench.client->submit(first, nullptr)) == "mine");
    BOOST_TEST(Bench::take(bench.client->list({})).size() == 1U);
    bench.publish("demo.one");
    first.args = " [1]";  // the same, written otherwise
    BOOST_TEST(Bench::take(bench.client->submit(first, nullptr)) == "mine");
    first.args = R"({"n":2})";
    BOOST_TEST((code_of(bench.client->submit(first, nullptr)) == Code::duplicate));
    first = task("demo.two");
    first.id = "mine";
    BOOST_TEST((code_of(bench.client->submit(first, nullptr)) == Code::duplicate));
  });
}

BOOST_AUTO_TEST_CASE(a_store_that_fails_refuses_no_task) {
  const TempDir folder;
  Bench bench("sqlite://" + (folder / "broker.db").string(), "sqlite://" + (folder / "results.db").string());
  NewTask first = task("demo.one");
  first.id = "mine";
  Bench::take(bench.client->submit(first, nullptr));
  bench.finish(bench.lease("demo.one"), "1");
  Config config = bench.config;
  std::ofstream(folder / "file") << "no folder";
  config.backend.url = "sqlite://" + (folder / "file" / "results.db").string();  // what became of the task is not known
  auto client = Bench::take(Client::open(config));
  const auto fates = client->submit_many({&first, 1});
  BOOST_TEST((code_of(fates) != Code::duplicate));
}

// Two versions of demo.one, as nodes with different plugins have them: one takes `n`, the other `n` and `m`.
BOOST_AUTO_TEST_CASE(arguments_that_fit_another_version_of_the_task_are_accepted) {
  over_stores([](Bench& bench) {
    TaskSpec newest = spec_of("demo.one");
    TaskSpec older = newest;
    older.kind = Kind::cpu;
    older.schema =
        R"({"type":"object","properties":{"n":{"type":"integer"},"m":{"type":"integer"}},"required":["n","m"]})";
    older.arguments = {"n", "m"};
    std::vector<TaskSpec> specs{newest, newest, older};
    specs[1].name = version_of(newest);
    specs[2].name = version_of(older);
    BOOST_REQUIRE(bench.node->directory().publish(specs).ok());
    const CheckedSpec spec(Bench::take(bench.client->spec("demo.one")));
    const NewTask both = task("demo.one", R"({"n":1,"m":2})");
    BOOST_TEST(Bench::take(bench.client->versions_beside(spec.spec)).size() == 1U);  // while no node lives
    const auto open = [&bench](const TaskSpec& version) {
      Session life;
      life.id = new_ulid(system_clock());
      life.node = "node";
      life.pid = getpid();
      life.tasks = {"demo.one", version_of(version)};
      BOOST_REQUIRE(bench.node->directory().open_session(life, 60s).ok());
    };
    open(newest);
    BOOST_TEST((code_of(bench.client->submit(both, &spec)) == Code::invalid));  // no living node has it
    open(older);
    const TaskId id = Bench::take(bench.client->submit(both, &spec));
    BOOST_TEST((Bench::take(bench.client->find(id)).kind == Kind::cpu));
    BOOST_TEST((code_of(bench.client->submit(task("demo.one", R"({"m":2})"), &spec)) == Code::invalid));
    BOOST_TEST(Bench::take(bench.client->specs()).size() == 1U);
  });
}

BOOST_AUTO_TEST_CASE(a_full_queue_refuses_and_names_its_bound) {
  Bench bench("memory://full");
  Config config = bench.config;
  config.executor.max_queue_size = 1;
  auto client = Bench::take(Client::open(config));
  Bench::take(client->submit(task("demo.one"), nullptr));
  const auto refused = client->submit(task("demo.one"), nullptr);
  BOOST_TEST((code_of(refused) == Code::queue_full));
  BOOST_TEST(refused.error().message.find("max_queue_size = 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_unknown_task_is_refused_with_the_nearest_name) {
  Bench bench("memory://unknown");
  const auto nobody = bench.client->spec("demo.one");
  BOOST_TEST((code_of(nobody) == Code::not_found));
  BOOST_TEST(nobody.error().hint == "Start a node (flowrra run) or name the plugins in [plugins] paths.");
  bench.publish("demo.one");
  BOOST_TEST(bench.client->spec("demo.onne").error().hint == "Did you mean 'demo.one'?");
  BOOST_TEST(bench.client->spec("other").error().hint == "Known tasks: demo.one.");
  BOOST_TEST((code_of(bench.client->spec("a b\n")) == Code::not_found));
}

BOOST_AUTO_TEST_CASE(results_in_a_store_of_their_own_are_listed_with_what_waits) {
  Bench bench("memory://split-broker", "memory://split-results");
  const TaskId first = Bench::take(bench.client->submit(task("demo.one"), nullptr));
  bench.finish(bench.lease("demo.one"), "7");
  const TaskId second = Bench::take(bench.client->submit(task("demo.one"), nullptr));
  BOOST_TEST(Bench::take(bench.client->find(first)).result == "7");
  const auto all = Bench::take(bench.client->list({}));
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[0].id == second);
  BOOST_TEST(all[1].result == "7");
  ListQuery page;
  page.limit = 1;
  page.offset = 1;
  BOOST_TEST(Bench::take(bench.client->list(page)).front().id == first);
}

BOOST_AUTO_TEST_CASE(local_plugins_are_probed_once_while_no_node_has_published) {
  const TempDir folder;
  const std::string plugin = (folder / "a.so").string();
  std::ofstream(plugin) << "x";
  Config config;
  config.broker.url = config.backend.url = "memory://local";
  config.plugins.paths = {plugin};
  int probes = 0;
  ClientOptions options;
  options.manifest_folder = (folder / "data").string();
  options.probe = [&](const std::vector<std::string>& files) -> Result<std::vector<Manifest>> {
    ++probes;
    Manifest manifest;
    manifest.path = files.front();
    manifest.plugin = "a";
    manifest.tasks = {spec_of("local.one")};
    return std::vector<Manifest>{manifest};
  };
  BOOST_TEST(Bench::take(Bench::take(Client::open(config, options))->spec("local.one")).arguments.front() == "n");
  BOOST_TEST(Bench::take(Bench::take(Client::open(config, options))->specs()).size() == 1U);
  BOOST_TEST(probes == 1);
  std::ofstream(plugin) << "another build";
  BOOST_TEST(Bench::take(Bench::take(Client::open(config, options))->specs()).size() == 1U);
  BOOST_TEST(probes == 2);
  options.manifest_folder.clear();
  BOOST_TEST(Bench::take(Bench::take(Client::open(config, options))->specs()).size() == 1U);
  BOOST_TEST(probes == 3);
}

BOOST_AUTO_TEST_CASE(a_plugin_that_cannot_be_used_is_left_out_and_asked_again) {
  const TempDir folder;
  const std::string plugin = (folder / "bad.so").string();
  std::ofstream(plugin) << "x";
  Config config;
  config.broker.url = config.backend.url = "memory://bad";
  config.plugins.paths = {plugin};
  int probes = 0;
  ClientOptions options;
  options.manifest_folder = folder.path().string();
  options.probe = [&](const std::vector<std::string>& files) -> Result<std::vector<Manifest>> {
    ++probes;
    return std::vector<Manifest>{refusal(files.front(), {Code::invalid, "it crashed", {}})};
  };
  auto client = Bench::take(Client::open(config, options));
  BOOST_TEST(Bench::take(client->specs()).empty());
  BOOST_TEST(Bench::take(client->specs()).empty());
  BOOST_TEST(probes == 2);
}
