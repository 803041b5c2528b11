#include "store/redis/endpoint.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/must.hpp"
#include "support/temp_dir.hpp"
#include "support/text.hpp"

using namespace flowrra;
using namespace flowrra::redis;
using namespace flowrra::test;

namespace {

StoreOptions options_of(const std::string& url, bool insecure = true) {
  StoreOptions options;
  options.url = url;
  options.network.insecure = insecure;
  return options;
}

Endpoint read(const std::string& url) { return must(read_endpoint(options_of(url))); }

std::string write_file(const TempDir& folder, const std::string& text, mode_t mode) {
  const std::string path = folder / "password";
  std::ofstream(path) << text;
  chmod(path.c_str(), mode);
  return path;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(redis_endpoint)

BOOST_AUTO_TEST_CASE(a_url_is_taken_apart) {
  struct Row {
    std::string url;
    bool tls;
    std::string host;
    int port;
    std::string path;
    std::string user;
    std::string password;
    int database;
    std::string name;
  };
  const Row rows[] = {
      {"redis://localhost", false, "localhost", 6379, "", "", "", 0, "redis://localhost:6379"},
      {"redis://localhost/", false, "localhost", 6379, "", "", "", 0, "redis://localhost:6379"},
      {"redis://h:1/15", false, "h", 1, "", "", "", 15, "redis://h:1/15"},
      {"rediss://a-b.c_d.example:65535", true, "a-b.c_d.example", 65535, "", "", "", 0,
       "rediss://a-b.c_d.example:65535"},
      {"redis://:pw@h", false, "h", 6379, "", "", "pw", 0, "redis://h:6379"},
      {"redis://u:pw@h:7/2", false, "h", 7, "", "u", "pw", 2, "redis://u@h:7/2"},
      {"redis://u:@h", false, "h", 6379, "", "u", "", 0, "redis://u@h:6379"},
      {"redis://u%40x:%2F%3a%25@h", false, "h", 6379, "", "u@x", "/:%", 0, "redis://u@x@h:6379"},
      {"redis://u:a:b@h", false, "h", 6379, "", "u", "a:b", 0, "redis://u@h:6379"},
      {"redis://[::1]", false, "::1", 6379, "", "", "", 0, "redis://[::1]:6379"},
      {"redis://u:p@[2001:db8::7]:99/3", false, "2001:db8::7", 99, "", "u", "p", 3, "redis://u@[2001:db8::7]:99/3"},
      {"unix:///run/redis.sock", false, "", 6379, "/run/redis.sock", "", "", 0, "unix:///run/redis.sock"},
      {"unix:///a@b:c?database=4", false, "", 6379, "/a@b:c", "", "", 4, "unix:///a@b:c?database=4"},
      {"unix://u:p%20w@/s", false, "", 6379, "/s", "u", "p w", 0, "unix://u@/s"},
  };
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.url) {
      const Endpoint endpoint = read(row.url);
      BOOST_TEST(endpoint.tls == row.tls);
      BOOST_TEST(endpoint.host == row.host);
      BOOST_TEST(endpoint.port == row.port);
      BOOST_TEST(endpoint.path == row.path);
      BOOST_TEST(endpoint.user == row.user);
      BOOST_TEST(endpoint.password == row.password);
      BOOST_TEST(endpoint.database == row.database);
      BOOST_TEST(endpoint.name() == row.name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_url_is_refused_with_what_is_wrong_and_never_quoted) {
  const std::pair<std::string, std::string> rows[] = {
      {"", "begins with none of"},
      {"redis:", "begins with none of"},
      {"http://sesame", "begins with none of"},
      {"redis://", "no host"},
      {"redis:///3", "no host"},
      {"redis://:1", "no host"},
      {"redis://u:sesame@", "no host"},
      {"redis://h:", "port"},
      {"redis://h:0", "port"},
      {"redis://h:65536", "port"},
      {"redis://h:+1", "port"},
      {"redis://h:-1", "port"},
      {"redis://h:6379x", "port"},
      {"redis://h:99999999999999999999", "port"},
      {"redis://u:ses/ame@h", "port"},
      {"redis://h/x", "database"},
      {"redis://h/-1", "database"},
      {"redis://h/1/2", "database"},
      {"redis://h/99999999999", "database"},
      {"redis://h?database=1", "query"},
      {"redis://h/1?x", "query"},
      {"redis://h#1", "fragment"},
      {"redis://sesame@x@h", "more than one @"},
      {"redis://u:sesame%@h", "two hex digits"},
      {"redis://u:sesame%2@h", "two hex digits"},
      {"redis://u:sesame%zz@h", "two hex digits"},
      {"redis://u:sesame%-1@h", "two hex digits"},
      {"redis://h o", "neither a name nor an address"},
      {"redis://h%41", "neither a name nor an address"},
      {"redis://h\nx", "neither a name nor an address"},
      {"redis://::1", "brackets"},
      {"redis://[::1", "brackets"},
      {"redis://[h]", "brackets"},
      {"redis://[]", "brackets"},
      {"redis://[::1]x", "follows the address"},
      {"redis://[::1]:", "port"},
      {"redis://u@h", "without a password"},
      {"unix://", "no absolute path"},
      {"unix://run/redis.sock", "not absolute"},
      {"unix://u:sesame/s", "not absolute"},
      {"unix:///s?db=1", "database=N"},
      {"unix:///s?database=", "database"},
      {"unix:///s?database=1&x=2", "database"},
      {"unix:///" + std::string(108, 'x'), "longer than"},
  };
  for (const auto& [url, part] : rows) {
    BOOST_TEST_CONTEXT(url) {
      const auto endpoint = read_endpoint(options_of(url));
      BOOST_REQUIRE(!endpoint);
      BOOST_TEST((endpoint.error().code == Code::config));
      BOOST_TEST(has(endpoint.error().message, part), endpoint.error().message);
      BOOST_TEST(!has(endpoint.error().message + endpoint.error().hint, "ses"));
    }
  }
}

BOOST_AUTO_TEST_CASE(only_this_machine_is_spoken_to_without_encryption) {
  for (const std::string url : {"redis://localhost", "redis://127.0.0.1", "redis://127.9.8.7", "redis://[::1]",
                                "unix:///s", "rediss://h", "rediss://10.0.0.1"}) {
    BOOST_TEST(read_endpoint(options_of(url, false)).ok(), url);
  }
  for (const std::string url : {"redis://h", "redis://10.0.0.1", "redis://[2001:db8::1]", "redis://localhost.example",
                                "redis://127.1", "redis://127.0.0.1.example", "redis://0.0.0.0"}) {
    const auto endpoint = read_endpoint(options_of(url, false));
    BOOST_REQUIRE_MESSAGE(!endpoint, url);
    BOOST_TEST((endpoint.error().code == Code::config));
    BOOST_TEST(has(endpoint.error().hint, "insecure = true"));
  }
}

BOOST_AUTO_TEST_CASE(the_password_can_come_from_a_file_of_this_user_alone) {
  const TempDir folder;
  StoreOptions options = options_of("redis://worker@localhost");
  options.network.password_file = write_file(folder, "open sesame\n", 0600);
  const Endpoint endpoint = must(read_endpoint(options));
  BOOST_TEST(endpoint.user == "worker");
  BOOST_TEST(endpoint.password == "open sesame");

  for (const mode_t mode : {0640U, 0604U, 0620U, 0666U}) {
    write_file(folder, "open sesame\n", mode);
    const auto refused = read_endpoint(options);
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.error().code == Code::denied));
    BOOST_TEST(has(refused.error().hint, "chmod 600"));
  }
}

BOOST_AUTO_TEST_CASE(a_password_file_that_cannot_be_used_is_named) {
  const TempDir folder;
  StoreOptions options = options_of("redis://localhost");
  const auto code = [&] { return read_endpoint(options).error().code; };
  options.network.password_file = folder / "none";
  BOOST_TEST((code() == Code::not_found));
  BOOST_TEST(has(read_endpoint(options).error().message, "none"));
  options.network.password_file = folder.path();
  BOOST_TEST((code() == Code::config));
  options.network.password_file = write_file(folder, "\n", 0600);
  BOOST_TEST((code() == Code::config));
  options.network.password_file = write_file(folder, "file", 0600);
  options.url = "redis://:sesame@localhost";
  BOOST_TEST((code() == Code::config));
  BOOST_TEST(!has(read_endpoint(options).error().message, "sesame"));
}

BOOST_AUTO_TEST_CASE(options_beside_the_url_are_checked) {
  const auto code = [](auto change) {
    StoreOptions options = options_of("rediss://h");
    change(options);
    const auto endpoint = read_endpoint(options);
    return endpoint ? Code::internal : endpoint.error().code;
  };
  BOOST_TEST((code([](StoreOptions& o) { o.network.certificate = "c"; }) == Code::config));
  BOOST_TEST((code([](StoreOptions& o) { o.network.private_key = "k"; }) == Code::config));
  BOOST_TEST((code([](StoreOptions& o) { o.network.max_connections = 0; }) == Code::config));
  BOOST_TEST((code([](StoreOptions& o) { o.busy_timeout = Micros(0); }) == Code::config));
  BOOST_TEST((code([](StoreOptions&) {}) == Code::internal));
}

BOOST_AUTO_TEST_SUITE_END()
