#include "app/config_show.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace flowrra;
using flowrra::test::has;
using nlohmann::json;

namespace {

Config load(const ConfigSource& source) {
  auto config = load_config(source);
  BOOST_REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
  return *std::move(config);
}

// What a process sees that has this file and these variables.
struct Place {
  test::TempDir folder;
  ConfigSource source{{}, folder.path(), {{"HOME", "/home/somebody"}}};

  Config with(const std::string& text) const {
    std::ofstream(folder / "flowrra.toml") << text;
    std::filesystem::permissions(folder / "flowrra.toml", std::filesystem::perms::owner_read);
    return load(source);
  }
};

constexpr const char* kEverything = R"([broker]
url = "sqlite://a \"b\" \u007f.db"
socket_timeout = 0.25
durability = "normal"
[backend]
url = "sqlite://results.db"
ttl = 86400
retry_on_timeout = false
[executor]
cpu_workers = 3
retry_delay = 2
backoff = "fixed"
max_crashes = 2
memory = "512 MiB"
queues = ["a", "b"]
[plugins]
paths = ["one.so", "two/*.so"]
host = "/usr/libexec/flowrra-host"
pin = { "a \"b\".so" = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
[queues]
a = 3
"b.c" = 1
[tasks."media.thumbnail"]
timeout = 0.000001
max_retries = 0
[log]
level = "error"
)";

bool same_settings(const Config& a, const Config& b) {
  return a.broker == b.broker && a.backend == b.backend && a.executor == b.executor && a.plugins == b.plugins &&
         a.queues == b.queues && a.tasks == b.tasks && a.log_level == b.log_level;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_shown_can_be_read_again_and_says_the_same) {
  const Place first;
  const Config everything = first.with(kEverything);
  for (const bool origins : {false, true}) {
    const Place second;
    BOOST_TEST(same_settings(second.with(config_toml(everything, origins)), everything));
  }
  const Place empty;
  const Place third;
  BOOST_TEST(same_settings(third.with(config_toml(load(empty.source), true)), load(empty.source)));
}

BOOST_AUTO_TEST_CASE(every_key_names_where_its_value_comes_from) {
  Place place;
  place.source.environment["FLOWRRA_EXECUTOR_IO_WORKERS"] = "7";
  Config config = place.with("[executor]\nio_workers = 5\nlease = 4.0\n[tasks.\"a.b\"]\ntimeout = 5\n");
  BOOST_REQUIRE(set_value(config, "log.level", "debug", {Origin::Source::flag, "--log-level"}).ok());
  const std::string file = (place.folder / "flowrra.toml").string();
  const std::string shown = config_toml(config, true);
  BOOST_TEST(has(shown, "\nio_workers = 7  # environment FLOWRRA_EXECUTOR_IO_WORKERS\n"), shown);
  BOOST_TEST(has(shown, "\nlease = 4.0  # file " + file + ":3\n"), shown);
  BOOST_TEST(has(shown, "\n[tasks.\"a.b\"]\ntimeout = 5.0  # file " + file + ":5\n"), shown);
  BOOST_TEST(has(shown, "\nlevel = \"debug\"  # flag --log-level\n"), shown);
  BOOST_TEST(has(shown, "\n# ttl is not set  # built-in\n"), shown);
  BOOST_TEST(has(shown, "\n# url = \"sqlite:///home/somebody/.local/share/flowrra/flowrra.db\"  # built-in\n"), shown);
  BOOST_TEST(!has(config_toml(config, false), "# built-in"));
}

BOOST_AUTO_TEST_CASE(passwords_are_not_shown) {
  const Place place;
  const Config config = place.with("[broker]\nurl = \"redis://user:hunter2@localhost/0\"\n");
  for (const std::string& text : {config_toml(config, true), config_json(config, true)}) {
    BOOST_TEST(!has(text, "hunter2"));
    BOOST_TEST(has(text, "redis://user:***@localhost/0"));
  }
}

BOOST_AUTO_TEST_CASE(what_the_backend_takes_from_the_broker_is_a_comment) {
  const Place place;
  const std::string text = "[broker]\nurl = \"redis://a\"\nqueue_key = \"shop\"\n";
  const std::string shown = config_toml(place.with(text), false);
  BOOST_TEST(has(shown, "\n# queue_key = \"shop\"\n"), shown);
  BOOST_TEST(has(shown, "\n# password_file is not set\n"), shown);
  const Place apart;
  const std::string another = config_toml(apart.with(text + "[backend]\nurl = \"redis://b\"\n"), false);
  BOOST_TEST(has(another, "\nqueue_key = \"flowrra\"\n"), another);
}

BOOST_AUTO_TEST_CASE(as_json_it_is_an_object_of_sections) {
  const Place place;
  const Config config = place.with(kEverything);
  const json plain = json::parse(config_json(config, false));
  BOOST_TEST(plain["executor"]["cpu_workers"] == 3);
  BOOST_TEST(plain["executor"]["memory"] == 536870912);
  BOOST_TEST(plain["broker"]["socket_timeout"] == 0.25);
  BOOST_TEST(plain["queues"]["b.c"] == 1);
  BOOST_TEST(plain["tasks"]["media.thumbnail"]["max_retries"] == 0);
  BOOST_TEST(plain["plugins"]["paths"].size() == 2U);
  BOOST_TEST(plain["plugins"]["pin"]["a \"b\".so"].get<std::string>().starts_with("sha256:0123"));
  const json origins = json::parse(config_json(config, true));
  BOOST_TEST(origins["queues"]["a"]["value"] == 3);
  BOOST_TEST(origins["queues"]["a"]["source"] == "file");
  BOOST_TEST(origins["queues"]["a"]["where"] == (place.folder / "flowrra.toml").string() + ":21");
  BOOST_TEST(origins["executor"]["io_hosts"]["source"] == "built-in");
  BOOST_TEST(origins["executor"]["io_hosts"]["where"].is_null());
}
