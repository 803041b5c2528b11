#include "task/task.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "task/spec.hpp"

namespace flowrra {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(task)

BOOST_AUTO_TEST_CASE(names_are_1_to_128_characters_of_the_alphabet) {
  for (const std::string& good :
       {std::string("a"), std::string("media.thumbnail_2-x"), std::string("A.Z_0-9"), std::string(128, 'x')}) {
    BOOST_TEST(valid_name(good));
  }
  for (const std::string& bad :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a/b"), std::string("a:b"),
        std::string("ä"), std::string("a\n"), std::string("a\0b", 3), std::string("*"), std::string("'")}) {
    BOOST_TEST(!valid_name(bad));
  }
}

BOOST_AUTO_TEST_CASE(kinds_are_read_by_name) {
  BOOST_TEST((parse_kind("io") == Kind::io));
  BOOST_TEST((parse_kind("cpu") == Kind::cpu));
  BOOST_TEST(!parse_kind("gpu").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(options_are_read_back_as_they_were_written) {
  TaskOptions all;
  all.timeout = 1500ms;
  all.max_retries = 0;
  all.retry_delay = 2s;
  all.backoff = Backoff::fixed;
  all.max_crashes = 5;
  all.memory = std::uint64_t{1} << 40;
  all.cpu_time = 30s;
  all.open_files = 64;
  all.file_size = std::uint64_t{1} << 33;
  all.processes = 7;
  for (const TaskOptions& given : {TaskOptions{}, all}) {
    const auto read = options_from_json(to_json(given));
    BOOST_REQUIRE(read.ok());
    BOOST_TEST((*read == given));
  }
  BOOST_TEST(to_json(TaskOptions{}).empty());
}

BOOST_AUTO_TEST_CASE(a_newer_programs_keys_are_passed_over) {
  const auto read = options_from_json(R"({"max_retries":2,"colour":"red","backoff":"cubic","timeout_us":"soon"})");
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(*read->max_retries == 2);
  BOOST_TEST(!read->backoff.has_value());
  BOOST_TEST(!read->timeout.has_value());
}

BOOST_AUTO_TEST_CASE(what_is_not_an_object_is_corrupt) {
  for (const char* bad : {"{", "[]", "1", "null", "\"x\"", "\xff"}) {
    const auto read = options_from_json(bad);
    BOOST_REQUIRE(!read.ok());
    BOOST_TEST((read.error().code == Code::corrupt));
  }
}

BOOST_AUTO_TEST_CASE(the_first_source_that_says_something_wins) {
  TaskOptions submitter;
  submitter.max_retries = 1;
  TaskOptions plugin;
  plugin.max_retries = 9;
  plugin.timeout = 3s;
  const TaskOptions out = merged(submitter, plugin);
  BOOST_TEST(*out.max_retries == 1);
  BOOST_TEST((out.timeout == Micros(3s)));
  BOOST_TEST(!out.memory.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(spec)

BOOST_AUTO_TEST_CASE(a_spec_is_read_back_as_it_was_written) {
  TaskSpec given;
  given.name = "media.thumbnail";
  given.kind = Kind::io;
  given.blocking = true;
  given.schema = R"({"type":"object","properties":{"path":{"type":"string"}}})";
  given.arguments = {"path", "width"};
  given.doc = "Makes \"small\" pictures: grüße";
  given.options.timeout = 30s;
  given.plugin = "media";
  given.plugin_version = "1.2.0";
  const auto read = spec_from_json(to_json(given));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->name == given.name);
  BOOST_TEST((read->kind == given.kind));
  BOOST_TEST(read->blocking);
  BOOST_TEST(read->schema == given.schema);
  BOOST_TEST(read->arguments == given.arguments);
  BOOST_TEST(read->doc == given.doc);
  BOOST_TEST((read->options == given.options));
  BOOST_TEST(read->plugin == given.plugin);
  BOOST_TEST(read->plugin_version == given.plugin_version);
}

BOOST_AUTO_TEST_CASE(a_version_stands_for_the_arguments_and_their_schema) {
  TaskSpec spec;
  spec.name = "text.add";
  spec.schema = R"({"type":"object"})";
  spec.arguments = {"a", "b"};
  const std::string version = version_of(spec);
  BOOST_TEST(version.starts_with("text.add@"));
  BOOST_TEST(version.size() == std::string("text.add@").size() + 8);
  BOOST_TEST(is_version(version));
  BOOST_TEST(!is_version("text.add"));
  BOOST_TEST(without_version(version) == "text.add");
  BOOST_TEST(without_version("text.add") == "text.add");

  TaskSpec other = spec;
  other.doc = "another text";
  other.options.max_retries = 7;
  other.plugin_version = "2.0.0";
  BOOST_TEST(version_of(other) == version);
  other.arguments = {"b", "a"};
  BOOST_TEST(version_of(other) != version);
  other = spec;
  other.schema = R"({"type":"array"})";
  BOOST_TEST(version_of(other) != version);

  spec.name = version;
  BOOST_TEST(spec_from_json(to_json(spec)).ok());
  for (const char* bad :
       {"text.add@", "@0a1b2c3d", "text.add@0a1b2c3", "text.add@0a1b2c3g", "text.add@0a1b2c3d@0a1b2c3d"}) {
    spec.name = bad;
    BOOST_TEST(!spec_from_json(to_json(spec)).ok(), bad);
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_spec_is_corrupt) {
  for (const char* bad : {"", "{", "[]", "{}", R"({"name":"a"})", R"({"name":"a","kind":"gpu"})",
                          R"({"name":"a b","kind":"io"})", R"({"name":1,"kind":"io"})",
                          R"({"name":"a","kind":"io","arguments":7})", R"({"name":"a","kind":"io","options":[]})"}) {
    BOOST_TEST_CONTEXT(bad) {
      const auto read = spec_from_json(bad);
      BOOST_REQUIRE(!read.ok());
      BOOST_TEST((read.error().code == Code::corrupt));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra
