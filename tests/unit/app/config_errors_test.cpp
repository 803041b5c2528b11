// What is wrong with a configuration, as it is told; and what is not told: secrets.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "app/config.hpp"
#include "app/redact.hpp"
#include "unit/app/config_place.hpp"

using namespace flowrra;
using flowrra::test::ConfigPlace;

BOOST_AUTO_TEST_CASE(errors_name_file_line_key_what_is_allowed_and_the_nearest_key) {
  const ConfigPlace place;
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
      {"[broker]\nurl = \"flowrra.db\"\n",
       ":2:7: broker.url must be a store's URL, for example sqlite://flowrra.db or redis://localhost", ""},
      {"[broker]\nurl = \"rediz://u:secret@h\"\n",
       ":2:7: broker.url must be a store's URL, for example sqlite://flowrra.db or redis://localhost, and there are no "
       "stores of rediz://",
       "Did you mean 'redis'?"},
      {"[backend]\nurl = \"http://u:secret@h\"\n",
       ":2:7: backend.url must be a store's URL, for example sqlite://flowrra.db or redis://localhost, and there are "
       "no stores of http://",
       "There are sqlite, redis, rediss, unix, memory."},
      {"[broker]\nqueue_key = \"redis://u:secret@h\"\n",
       ":2:13: broker.queue_key must be a name of at most 128 letters, digits, '.', '_' or '-', not "
       "'redis://u:***@h'",
       ""},
      {"[broker]\ninsecure = 1\n", ":2:12: broker.insecure must be true or false, not 1", ""},
      {"[broker]\npassword_file = \"\"\n", ":2:17: broker.password_file must be a path, not ''", ""},
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
    const std::filesystem::path file = place.write(c.text);
    const Error error = place.refusal();
    BOOST_TEST((error.code == Code::config));
    if (c.message != nullptr) BOOST_TEST(error.message == file.string() + c.message);
    BOOST_TEST(error.message.starts_with(file.string() + ":"));
    BOOST_TEST(error.hint == c.hint);
  }
}

BOOST_AUTO_TEST_CASE(a_variable_is_checked_like_a_key_and_a_misspelt_one_is_an_error) {
  ConfigPlace place;
  place.source.environment["FLOWRRA_EXECUTOR_IO_WORKERS"] = "many";
  BOOST_TEST(place.refusal().message == "FLOWRRA_EXECUTOR_IO_WORKERS must be an integer from 0 to 1000000, not 'many'");
  place.source.environment = {{"FLOWRRA_EXECUTOR_IO_WORKER", "1"}};
  BOOST_TEST(place.refusal().hint == "Did you mean 'FLOWRRA_EXECUTOR_IO_WORKERS'?");
  place.source.environment = {{"FLOWRRA_TEST_BIN", "1"}, {"FLOWRRA_LOG_LEVEL", ""}};
  place.load();
}

BOOST_AUTO_TEST_CASE(a_password_in_a_file_that_everybody_may_read_is_refused) {
  const ConfigPlace place;
  const std::string text = "[broker]\nurl = \"redis://user:secret@host/0\"\n";
  place.write(text, "flowrra.toml", 0644);
  const Error error = place.refusal();
  BOOST_TEST((error.code == Code::denied));
  BOOST_TEST(error.message.find("secret") == std::string::npos);
  place.write(text, "flowrra.toml", 0640);
  BOOST_TEST(place.load().broker.url == "redis://user:secret@host/0");
  for (const std::string harmless :
       {"redis://user@host/0", "rediss://host:6380", "unix:///run/redis.sock?database=1"}) {
    place.write("[broker]\nurl = \"" + harmless + "\"\npassword_file = \"/p\"\n", "flowrra.toml", 0644);
    place.load();
  }
  for (const std::string key : {"[broker]\nurl", "[backend]\nurl"}) {
    for (const std::string login :
         {"rediss://:secret@host", "unix://:secret@/run/redis.sock", "unix://a:secret@r.sock"}) {
      place.write(key + " = \"" + login + "\"\n", "flowrra.toml", 0644);
      BOOST_TEST((place.refusal().code == Code::denied), login);
      BOOST_TEST(place.refusal().message.find("secret") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_mistake_around_a_password_prints_it) {
  const ConfigPlace place;
  for (const std::string text :
       {"[broker]\nurl = \"redis://u:secret@h", "[broker]\nurl = redis://u:secret@h\n",
        "[broker]\nurl = \"redis://u:secret@h\" x\n", "url = \"redis://u:secret@h\"\n",
        "[broker]\nulr = \"redis://u:secret@h\"\n", "[broker]\nurl = [\"redis://u:secret@h\"]\n",
        "[broker]\npassword = \"secret\"\n", "[executor]\nio_workers = \"redis://u:secret@h\"\n"}) {
    place.write(text);
    const Error error = place.refusal();
    BOOST_TEST(error.message.find("secret") == std::string::npos, error.message);
    BOOST_TEST(error.hint.find("secret") == std::string::npos, error.hint);
  }
}

BOOST_AUTO_TEST_CASE(secrets_in_urls_are_not_printed) {
  const std::pair<const char*, const char*> cases[] = {
      {"redis://user:pass@host:1/0", "redis://user:***@host:1/0"},
      {"redis://:pass@host", "redis://:***@host"},
      {"redis://:p@ss:w@host", "redis://:***@host"},
      {"redis://:a/b@host", "redis://:***@host"},
      {"rediss://u:p%40ss@host:1", "rediss://u:***@host:1"},
      {"unix://u:pass@/run/redis.sock?database=1", "unix://u:***@/run/redis.sock?database=1"},
      {"unix:///run/redis.sock?password=x", "unix:///run/redis.sock?password=***"},
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
