#include "app/config.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "app/config_keys.hpp"
#include "app/redact.hpp"
#include "support/build_tree.hpp"
#include "support/temp_dir.hpp"

using namespace flowrra;
namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// A folder with a configuration, and what an otherwise empty process sees from there.
struct Place {
  test::TempDir folder;
  ConfigSource source{{}, folder.path(), {{"HOME", "/home/somebody"}}};

  fs::path write(const std::string& text, const std::string& name = "flowrra.toml", mode_t mode = 0600) const {
    const fs::path path = folder / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  Config load() const {
    auto config = load_config(source);
    BOOST_REQUIRE_MESSAGE(config, (config ? "" : config.error().message));
    return *config;
  }
  Error refusal() const {
    auto config = load_config(source);
    BOOST_REQUIRE(!config);
    return config.error();
  }
};

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
  Place place;
  BOOST_TEST(place.load().broker.url == "sqlite:///home/somebody/.local/share/flowrra/flowrra.db");
  BOOST_TEST(place.load().one_store());
  BOOST_TEST(place.load().file == "");
  place.source.environment["XDG_DATA_HOME"] = "/data";
  BOOST_TEST(place.load().broker.url == "sqlite:///data/flowrra/flowrra.db");
  place.source.environment["XDG_DATA_HOME"] = "relative";
  BOOST_TEST(place.load().broker.url == "sqlite:///home/somebody/.local/share/flowrra/flowrra.db");
}

BOOST_AUTO_TEST_CASE(the_shipped_file_says_the_built_in_defaults) {
  const Place place;
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
  const Place place;
  place.write(R"(
[broker]
url = "memory://a"
max_connections = 7
socket_timeout = 2
retry_on_timeout = false
queue_key = "mine"
durability = "normal"
[backend]
url = "memory://b"
ttl = 3600
max_connections = 8
socket_timeout = 0.5
retry_on_timeout = false
queue_key = "theirs"
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
  BOOST_TEST((config.broker == BrokerConfig{"memory://a", 7, seconds(2), false, "mine", Durability::normal}));
  BOOST_TEST((config.backend == BackendConfig{"memory://b", seconds(3600), 8, milliseconds(500), false, "theirs"}));
  const TaskOptions defaults{seconds(60), 0, milliseconds(2500), Backoff::fixed, 2, 512ULL << 20, seconds(90), 64,
                             1ULL << 30,  7};
  const ExecutorConfig executor{
      10,         2,    3,          5,          99,  seconds(1), seconds(0), milliseconds(250), {"a", "b"}, 1000,
      1ULL << 30, 2000, 2ULL << 30, 4ULL << 30, 128, 2ULL << 30, 8,          defaults};
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
  const Place place;
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
  Place place;
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
  const Place place;
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
  Place place;
  place.write("[broker]\nurl = \"sqlite://../data/f.db\"\n", "sub/flowrra.toml");
  place.source.folder = place.folder / "sub/deeper";
  fs::create_directories(place.source.folder);
  BOOST_TEST(place.load().broker.url == "sqlite://" + (place.folder / "data/f.db").string());
  place.source.environment["FLOWRRA_BROKER_URL"] = "sqlite://here.db";
  BOOST_TEST(place.load().broker.url == "sqlite://" + (place.folder / "sub/deeper/here.db").string());
}

BOOST_AUTO_TEST_CASE(the_file_is_searched_upward_and_a_named_one_wins) {
  Place place;
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
  Place place;
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

BOOST_AUTO_TEST_CASE(a_broker_given_by_a_flag_takes_the_backend_along_unless_that_is_set) {
  Place place;
  Config config = place.load();
  BOOST_REQUIRE(set_value(config, "broker.url", "memory://x", {Origin::Source::flag, "--broker"}).ok());
  BOOST_TEST(config.backend.url == "memory://x");
}

BOOST_AUTO_TEST_CASE(errors_name_file_line_key_what_is_allowed_and_the_nearest_key) {
  const Place place;
  struct Case {
    const char* text;
    const char* message;
    const char* hint;
  };
  const Case cases[] = {
      {"[executor]\nio_worker = 1\n", ":2:1: unknown key executor.io_worker", "Did you mean 'io_workers'?"},
      {"[executer]\n", ":1:2: unknown section [executer]", "Did you mean 'executor'?"},
      {"io_workers = 1\n", ":1:1: unknown key io_workers", "Keys stand in sections: [executor] io_workers = 100."},
      {"executor = 1\n", ":1:1: [executor] must be a table", "Keys stand in sections: [executor] io_workers = 100."},
      {"[executor]\nio_workers = \"many\"\n",
       ":2:14: executor.io_workers must be an integer from 0 to 1000000, not 'many'", ""},
      {"[executor]\nio_workers = 1.5\n", ":2:14: executor.io_workers must be an integer from 0 to 1000000, not 1.5",
       ""},
      {"[executor]\nio_hosts = 0\n", ":2:12: executor.io_hosts must be an integer from 1 to 256, not 0", ""},
      {"[executor]\nlease = \"30s\"\n", ":2:9: executor.lease must be a number of seconds from 0.5 to 86400, not '30s'",
       ""},
      {"[executor]\nlease = -1\n", ":2:9: executor.lease must be a number of seconds from 0.5 to 86400, not -1", ""},
      {"[executor]\nbackoff = \"fix\"\n", ":2:11: executor.backoff must be one of exponential, fixed, not 'fix'", ""},
      {"[executor]\nbackoff = \"fixd\"\n", ":2:11: executor.backoff must be one of exponential, fixed, not 'fixd'",
       "Did you mean 'fixed'?"},
      {"[executor]\nqueues = [\"a\", 1]\n",
       ":2:10: executor.queues must be a list of names of letters, digits, '.', '_' or '-', not something else", ""},
      {"[executor]\nqueues = \"a\"\n",
       ":2:10: executor.queues must be a list of names of letters, digits, '.', '_' or '-', not 'a'", ""},
      {"[broker]\nretry_on_timeout = 1\n", ":2:20: broker.retry_on_timeout must be true or false, not 1", ""},
      {"[broker]\nurl = \"flowrra.db\"\n", ":2:7: broker.url must be a store's URL, for example sqlite://flowrra.db",
       ""},
      {"[queues]\n\"a b\" = 1\n", ":2:1: 'a b' is no name of a queue",
       "A name is 1 to 128 letters, digits, '.', '_' or '-'."},
      {"[queues]\na = 0\n", ":2:5: queues.a must be an integer from 1 to 1000, not 0", ""},
      {"[tasks.\"a\"]\nlease = 1\n", ":2:1: unknown key tasks.\"a\".lease",
       "The keys of [tasks] are max_retries, retry_delay, backoff, timeout, max_crashes, memory, cpu_time, open_files, "
       "file_size, processes."},
      {"[tasks.media.thumbnail]\ntimeout = 1\n", ":1:14: unknown key tasks.\"media\".thumbnail",
       "Quote a task's name that has a dot: [tasks.\"media.thumbnail\"]."},
      {"[tasks]\na = 1\n", ":2:5: tasks.a must be a table", "Write [tasks.\"a\"] and its keys below."},
      {"[executor]\nmemory = \"1 PB\"\n", nullptr, ""},
      {"[executor\n", nullptr, "The file must be TOML 1.0."},
      {"[executor]\nlease = 1\nlease = 2\n", nullptr, "The file must be TOML 1.0."},
  };
  for (const Case& c : cases) {
    const fs::path file = place.write(c.text);
    const Error error = place.refusal();
    BOOST_TEST((error.code == Code::config));
    if (c.message != nullptr) BOOST_TEST(error.message == file.string() + c.message);
    BOOST_TEST(error.message.starts_with(file.string() + ":"));
    BOOST_TEST(error.hint == c.hint);
  }
}

BOOST_AUTO_TEST_CASE(a_variable_is_checked_like_a_key_and_a_misspelt_one_is_an_error) {
  Place place;
  place.source.environment["FLOWRRA_EXECUTOR_IO_WORKERS"] = "many";
  BOOST_TEST(place.refusal().message == "FLOWRRA_EXECUTOR_IO_WORKERS must be an integer from 0 to 1000000, not 'many'");
  place.source.environment = {{"FLOWRRA_EXECUTOR_IO_WORKER", "1"}};
  BOOST_TEST(place.refusal().hint == "Did you mean 'FLOWRRA_EXECUTOR_IO_WORKERS'?");
  place.source.environment = {{"FLOWRRA_TEST_BIN", "1"}, {"FLOWRRA_LOG_LEVEL", ""}};
  place.load();
}

BOOST_AUTO_TEST_CASE(a_password_in_a_file_that_everybody_may_read_is_refused) {
  const Place place;
  const std::string text = "[broker]\nurl = \"redis://user:secret@host/0\"\n";
  place.write(text, "flowrra.toml", 0644);
  const Error error = place.refusal();
  BOOST_TEST((error.code == Code::denied));
  BOOST_TEST(error.message.find("secret") == std::string::npos);
  place.write(text, "flowrra.toml", 0640);
  BOOST_TEST(place.load().broker.url == "redis://user:secret@host/0");
  place.write("[broker]\nurl = \"redis://user@host/0\"\n", "flowrra.toml", 0644);
  place.load();
}

BOOST_AUTO_TEST_CASE(secrets_in_urls_are_not_printed) {
  const std::pair<const char*, const char*> cases[] = {
      {"redis://user:pass@host:1/0", "redis://user:***@host:1/0"},
      {"redis://:pass@host", "redis://:***@host"},
      {"redis://:p@ss:w@host", "redis://:***@host"},
      {"redis://:a/b@host", "redis://:***@host"},
      {"redis://host/0?password=x&db=1", "redis://host/0?password=***&db=1"},
      {"redis://user@host:6379", "redis://user@host:6379"},
      {"sqlite:///a/b.db", "sqlite:///a/b.db"},
      {"memory://", "memory://"},
  };
  for (const auto& [url, redacted] : cases) {
    BOOST_TEST(redact_url(url) == redacted);
    BOOST_TEST(has_secret(url) == (std::string(url) != redacted));
  }
}
