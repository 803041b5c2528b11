// What a configuration says about stores: how to get to them, and whether they are one.
#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

#include "app/config.hpp"
#include "unit/app/config_place.hpp"

using namespace flowrra;
using flowrra::test::ConfigPlace;
using std::chrono::milliseconds;
using std::chrono::seconds;

BOOST_AUTO_TEST_CASE(a_unix_socket_is_relative_to_the_file_and_what_stands_around_its_path_stays) {
  const ConfigPlace place;
  const std::string folder = place.folder.path().string();
  const std::pair<std::string, std::string> cases[] = {
      {"unix:///run/a@b.sock", "unix:///run/a@b.sock"},
      {"unix://redis.sock?database=2", "unix://" + folder + "/redis.sock?database=2"},
      {"unix://me:p%2Fw@run/redis.sock", "unix://me:p%2Fw@" + folder + "/run/redis.sock"},
      {"unix://:pw@/run/redis.sock?database=1", "unix://:pw@/run/redis.sock?database=1"},
      {"redis://host/0", "redis://host/0"},
      {"rediss://me@host:6380", "rediss://me@host:6380"},
  };
  for (const auto& [written, read] : cases) {
    place.write("[broker]\nurl = \"" + written + "\"\n");
    BOOST_TEST(place.load().broker.url == read);
  }
}

BOOST_AUTO_TEST_CASE(how_to_get_to_a_store_reaches_its_driver) {
  const ConfigPlace place;
  place.write(R"(
[broker]
url = "rediss://host"
max_connections = 3
socket_timeout = 0.5
retry_on_timeout = false
queue_key = "shop"
password_file = "/a"
tls_ca_file = "/b"
tls_certificate = "/c"
tls_private_key = "/d"
insecure = true
)");
  const NetworkOptions wanted{3, false, "shop", "/a", "/b", "/c", "/d", true};
  const Config config = place.load();
  for (const StoreOptions& options : {config.broker_options(), config.backend_options()}) {
    BOOST_TEST(options.url == "rediss://host");
    BOOST_TEST((options.busy_timeout == milliseconds(500)));
    BOOST_TEST((options.network == wanted));
  }
}

BOOST_AUTO_TEST_CASE(what_the_backend_does_not_set_is_the_brokers_unless_it_is_another_store) {
  const ConfigPlace place;
  const std::string broker = "[broker]\nurl = \"redis://a\"\nqueue_key = \"shop\"\npassword_file = \"/a\"\n";
  place.write(broker + "[backend]\nsocket_timeout = 1\n");
  BOOST_TEST(place.load().one_store());
  BOOST_TEST(place.load().backend.password_file == "/a");
  BOOST_TEST((place.load().backend.socket_timeout == seconds(1)));
  place.write(broker + "[backend]\nurl = \"redis://a\"\n");
  BOOST_TEST(place.load().one_store());
  BOOST_TEST(place.load().backend.queue_key == "shop");
  place.write(broker + "[backend]\nqueue_key = \"results\"\n");
  BOOST_TEST(!place.load().one_store());
  BOOST_TEST(place.load().backend.url == "redis://a");
  BOOST_TEST(place.load().backend.password_file == "/a");
  place.write(broker + "[backend]\nurl = \"redis://b\"\n");
  BOOST_TEST(!place.load().one_store());
  BackendConfig another;
  another.url = "redis://b";
  BOOST_TEST((place.load().backend == another));
}

BOOST_AUTO_TEST_CASE(a_key_prefix_tells_stores_apart_on_the_network_alone) {
  const ConfigPlace place;
  for (const std::string url : {"sqlite:///a.db", "memory://a", "redis://a", "rediss://a", "unix:///a.sock"}) {
    place.write("[broker]\nurl = \"" + url + "\"\n[backend]\nqueue_key = \"results\"\n");
    BOOST_TEST(place.load().one_store() == (url.starts_with("sqlite") || url.starts_with("memory")), url);
  }
}

BOOST_AUTO_TEST_CASE(the_order_in_which_values_are_set_does_not_matter) {
  const ConfigPlace place;
  Config config = place.load();
  const auto set = [&](const char* key, const char* value) {
    BOOST_REQUIRE(set_value(config, key, value, {Origin::Source::flag, key}).ok());
  };
  set("broker.queue_key", "shop");
  set("broker.insecure", "true");
  BOOST_TEST(config.backend.queue_key == "shop");
  set("backend.url", "redis://b");
  BOOST_TEST(config.backend.queue_key == "flowrra");
  BOOST_TEST(!config.backend.insecure);
  set("broker.url", "redis://b");
  BOOST_TEST(config.backend.queue_key == "shop");
  BOOST_TEST(config.one_store());
}

BOOST_AUTO_TEST_CASE(a_broker_given_by_a_flag_takes_the_backend_along_unless_that_is_set) {
  ConfigPlace place;
  Config config = place.load();
  BOOST_REQUIRE(set_value(config, "broker.url", "memory://x", {Origin::Source::flag, "--broker"}).ok());
  BOOST_TEST(config.backend.url == "memory://x");
}
