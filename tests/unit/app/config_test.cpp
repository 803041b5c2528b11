#include "app/config.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "app/config_keys.hpp"
#include "app/redact.hpp"
#include "support/build_tree.hpp"
#include "unit/app/config_place.hpp"

using namespace flowrra;
using flowrra::test::ConfigPlace;
namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

bool same_settings(const Config& a, const Config& b) {
  return a.broker == b.broker && a.backend == b.backend && a.executor == b.executor && a.plugins == b.plugins &&
         a.queues == b.queues && a.tasks == b.tasks && a.log_level == b.log_level;
}

std::string shipped() {
  std::ifstream in(test::source_file("flowrra.toml"));
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_a_file_there_is_one_store_per_user) {
  ConfigPlace place;
  BOOST_TEST(place.load().broker.url == "sqlite:///home/somebody/.local/share/flowrra/flowrra.db");
  BOOST_TEST(place.load().one_store());
  BOOST_TEST(place.load().file == "");
  place.source.environment["XDG_DATA_HOME"] = "/data";
  BOOST_TEST(place.load().broker.url == "sqlite:///data/flowrra/flowrra.db");
  place.source.environment["XDG_DATA_HOME"] = "relative";
  BOOST_TEST(place.load().broker.url == "sqlite:///home/somebody/.local/share/flowrra/flowrra.db");
}

BOOST_AUTO_TEST_CASE(the_shipped_file_says_the_built_in_defaults) {
  const ConfigPlace place;
  const Config defaults = place.load();
  place.write(shipped());
  const Config config = place.load();
  BOOST_TEST(same_settings(config, defaults));
  BOOST_TEST(!config.origins.empty());
}

BOOST_AUTO_TEST_CASE(the_shipped_file_explains_every_key_where_it_belongs) {
  const std::string text = shipped();
  for (const ConfigKey& key : config_keys()) {
    const std::size_t section = text.find("\n[" + std::string(key.section) + "]");
    BOOST_REQUIRE_MESSAGE(section != std::string::npos, key.section);
    const std::string body = text.substr(section, text.find("\n[", section + 1) - section);
    const bool there = body.find("\n" + std::string(key.name) + " = ") != std::string::npos ||
                       body.find("\n# " + std::string(key.name) + " = ") != std::string::npos;
    BOOST_TEST(there, key.section << "." << key.name << " is missing in flowrra.toml");
  }
}

BOOST_AUTO_TEST_CASE(every_key_can_be_set_in_the_file) {
  const ConfigPlace place;
  place.write(R"(
[broker]
url = "memory://a"
max_connections = 7
socket_timeout = 2
retry_on_timeout = false
queue_key = "mine"
password_file = "mine.password"
tls_ca_file = "mine-ca.pem"
tls_certificate = "/etc/mine.pem"
tls_private_key = "/etc/mine.key"
insecure = true
durability = "normal"
[backend]
url = "memory://b"
ttl = 3600
max_connections = 8
socket_timeout = 0.5
retry_on_timeout = false
queue_key = "theirs"
password_file = "theirs.password"
tls_ca_file = "theirs-ca.pem"
tls_certificate = "/etc/theirs.pem"
tls_private_key = "/etc/theirs.key"
insecure = true
[executor]
io_workers = 10
io_hosts = 2
cpu_workers = 3
blocking_threads = 5
max_queue_size = 99
max_retries = 0
retry_delay = 2.5
backoff = "fixed"
timeout = 60
max_crashes = 2
memory = "512 MiB"
cpu_time = 90
open_files = 64
file_size = "1 GiB"
processes = 7
max_tasks_per_host = 1000
max_host_memory = "1 GiB"
io_max_tasks_per_host = 2000
io_max_host_memory = "2 GiB"
io_memory = "4 GiB"
io_open_files = 128
io_file_size = "2 GiB"
io_processes = 8
lease = 1
start_timeout = 0.5
drain_timeout = 0
kill_grace = 0.25
queues = ["a", "b"]
[plugins]
paths = ["plugins/*.so", "/opt/x.so"]
host = "bin/flowrra-host"
copies = "copies"
pin = { "x.so" = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
[queues]
default = 1
urgent = 10
[tasks."media.thumbnail"]
timeout = 30
memory = 1073741824
[log]
level = "debug"
)");
  const Config config = place.load();
  const std::string folder = place.folder.path().string();
  BOOST_TEST(config.broker.url == "memory://a");
  BOOST_TEST(!config.one_store());
  const StoreConfig mine{"memory://a",
                         7,
                         seconds(2),
                         false,
                         "mine",
                         folder + "/mine.password",
                         folder + "/mine-ca.pem",
                         "/etc/mine.pem",
                         "/etc/mine.key",
                         true};
  const StoreConfig theirs{"memory://b",
                           8,
                           milliseconds(500),
                           false,
                           "theirs",
                           folder + "/theirs.password",
                           folder + "/theirs-ca.pem",
                           "/etc/theirs.pem",
                           "/etc/theirs.key",
                           true};
  BOOST_TEST((config.broker == BrokerConfig{mine, Durability::normal}));
  BOOST_TEST((config.backend == BackendConfig{theirs, seconds(3600)}));
  const TaskOptions defaults{seconds(60), 0, milliseconds(2500), Backoff::fixed, 2, 512ULL << 20, seconds(90), 64,
                             1ULL << 30,  7};
  const ExecutorConfig executor{10,
                                2,
                                3,
                                5,
                                99,
                                seconds(1),
                                milliseconds(500),
                                seconds(0),
                                milliseconds(250),
                                {"a", "b"},
                                1000,
                                1ULL << 30,
                                2000,
                                2ULL << 30,
                                4ULL << 30,
                                128,
                                2ULL << 30,
                                8,
                                defaults};
  BOOST_TEST((config.executor == executor));
  BOOST_TEST(config.plugins.paths == (std::vector<std::string>{folder + "/plugins/*.so", "/opt/x.so"}),
             boost::test_tools::per_element());
  BOOST_TEST(config.plugins.host == folder + "/bin/flowrra-host");
  BOOST_TEST(config.plugins.copies == folder + "/copies");
  BOOST_TEST(config.plugins.pin.at("x.so").size() == 71U);
  BOOST_TEST(config.queues.size() == 2U);
  BOOST_TEST((config.queue_names() == std::vector<std::string>{"a", "b"}));
  BOOST_TEST((config.tasks.at("media.thumbnail").timeout == seconds(30)));
  BOOST_TEST((config.log_level == log::Level::debug));
}

BOOST_AUTO_TEST_CASE(weights_are_those_of_the_queues_that_are_taken_from_where_they_differ) {
  const ConfigPlace place;
  BOOST_TEST(place.load().queue_weights().empty());
  place.write("[queues]\nmail = 3\nbulk = 3\n");
  BOOST_TEST(place.load().queue_weights().empty());
  place.write("[queues]\nmail = 3\nbulk = 1\n");
  const Config both = place.load();
  BOOST_REQUIRE(both.queue_names().size() == 2U);
  BOOST_TEST(both.queue_weights()[both.queue_names()[0] == "mail" ? 0 : 1] == 3);
  place.write("[executor]\nqueues = [\"other\", \"mail\"]\n[queues]\nmail = 3\nbulk = 1\n");
  BOOST_TEST((place.load().queue_weights() == std::vector<int>{1, 3}));
}

BOOST_AUTO_TEST_CASE(a_pin_is_a_file_and_the_whole_of_its_digest) {
  ConfigPlace place;
  const std::string digits(64, 'a');
  for (const std::string& bad :
       {"\"sha256:" + digits + "\"", "{ \"x.so\" = \"" + digits + "\" }",
        "{ \"x.so\" = \"sha256:" + digits.substr(1) + "\" }", "{ \"x.so\" = \"sha256:" + std::string(64, 'A') + "\" }",
        std::string("{ \"x.so\" = 1 }")}) {
    place.write("[plugins]\npin = " + bad + "\n");
    const auto config = load_config(place.source);
    BOOST_REQUIRE_MESSAGE(!config.ok(), bad);
    BOOST_TEST(config.error().message.find("plugins.pin must be a table") != std::string::npos, config.error().message);
  }
  place.write("");
  place.source.environment["FLOWRRA_PLUGINS_PIN"] = "a=b.so=sha256:" + digits + ",/lib/c.so=sha256:" + digits;
  const Config config = place.load();
  BOOST_TEST(config.plugins.pin.size() == 2U);
  BOOST_TEST(config.plugins.pin.at("a=b.so") == "sha256:" + digits);
}

BOOST_AUTO_TEST_CASE(options_come_from_the_operator_then_the_plugin_then_the_executor) {
  const ConfigPlace place;
  place.write("[tasks.\"a\"]\ntimeout = 5\n[executor]\nmax_retries = 9\nretry_delay = 7\n");
  TaskOptions declared;
  declared.timeout = seconds(60);
  declared.max_retries = 2;
  const TaskOptions options = place.load().options_of("a", declared);
  BOOST_TEST((options.timeout == seconds(5)));
  BOOST_TEST((options.max_retries == 2));
  BOOST_TEST((options.retry_delay == seconds(7)));
  BOOST_TEST((place.load().options_of("b", declared).timeout == seconds(60)));
}

BOOST_AUTO_TEST_CASE(a_relative_store_is_relative_to_the_file) {
  ConfigPlace place;
  place.write("[broker]\nurl = \"sqlite://../data/f.db\"\n", "sub/flowrra.toml");
  place.source.folder = place.folder / "sub/deeper";
  fs::create_directories(place.source.folder);
  BOOST_TEST(place.load().broker.url == "sqlite://" + (place.folder / "data/f.db").string());
  place.source.environment["FLOWRRA_BROKER_URL"] = "sqlite://here.db";
  BOOST_TEST(place.load().broker.url == "sqlite://" + (place.folder / "sub/deeper/here.db").string());
}

BOOST_AUTO_TEST_CASE(the_file_is_searched_upward_and_a_named_one_wins) {
  ConfigPlace place;
  place.write("[executor]\nio_workers = 1\n");
  const fs::path named = place.write("[executor]\nio_workers = 2\n", "named.toml");
  const fs::path flag = place.write("[executor]\nio_workers = 3\n", "flag.toml");
  place.source.folder = place.folder / "a/b";
  fs::create_directories(place.source.folder);
  BOOST_TEST(place.load().executor.io_workers == 1);
  place.source.environment["FLOWRRA_CONFIG"] = named.string();
  BOOST_TEST(place.load().executor.io_workers == 2);
  place.source.file = "../../flag.toml";
  BOOST_TEST(place.load().executor.io_workers == 3);
  BOOST_TEST(place.load().file == flag.string());
  place.source.file = "missing.toml";
  BOOST_TEST((place.refusal().code == Code::not_found));
}

BOOST_AUTO_TEST_CASE(a_flag_wins_over_a_variable_over_the_file_and_each_origin_is_kept) {
  ConfigPlace place;
  const fs::path file = place.write("[executor]\nio_workers = 1\nio_hosts = 1\ncpu_workers = 1\n");
  place.source.environment["FLOWRRA_EXECUTOR_IO_HOSTS"] = "2";
  place.source.environment["FLOWRRA_EXECUTOR_CPU_WORKERS"] = "2";
  place.source.environment["FLOWRRA_EXECUTOR_TIMEOUT"] = "5m";
  place.source.environment["FLOWRRA_EXECUTOR_QUEUES"] = "a,b";
  place.source.environment["FLOWRRA_PLUGINS_PATHS"] = "x.so:/y";
  Config config = place.load();
  BOOST_REQUIRE(set_value(config, "executor.cpu_workers", "3", {Origin::Source::flag, "--cpu-workers"}).ok());
  BOOST_TEST(config.executor.io_workers == 1);
  BOOST_TEST(config.executor.io_hosts == 2);
  BOOST_TEST(config.executor.cpu_workers == 3);
  BOOST_TEST((config.executor.defaults.timeout == seconds(300)));
  BOOST_TEST(config.executor.queues.size() == 2U);
  BOOST_TEST(config.plugins.paths.front() == (place.folder / "x.so").string());
  BOOST_TEST(config.origins["executor.io_workers"].where == file.string() + ":2");
  BOOST_TEST(config.origins["executor.io_hosts"].where == "FLOWRRA_EXECUTOR_IO_HOSTS");
  BOOST_TEST((config.origins["executor.cpu_workers"].source == Origin::Source::flag));
  BOOST_TEST(!config.origins.contains("executor.lease"));
  BOOST_TEST(set_value(config, "executor.io_hosts", "x", {Origin::Source::flag, "--io-hosts"}).error().message ==
             "--io-hosts must be an integer from 1 to 256, not 'x'");
}
