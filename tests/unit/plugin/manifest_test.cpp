#include "plugin/manifest.hpp"

#include <boost/test/unit_test.hpp>

using namespace flowrra;

BOOST_AUTO_TEST_SUITE(manifest)

BOOST_AUTO_TEST_CASE(a_manifest_reads_back_as_it_was_written) {
  Manifest manifest;
  manifest.path = "/plugins/media.so";
  manifest.plugin = "media";
  manifest.version = "1.2.0";
  TaskSpec spec;
  spec.name = "media.thumbnail";
  spec.kind = Kind::cpu;
  spec.schema = R"({"type":"object"})";
  spec.arguments = {"path", "width"};
  spec.doc = "Makes a \"small\" picture";
  spec.options.max_retries = 0;
  spec.options.timeout = Micros(0);
  spec.plugin = "media";
  spec.plugin_version = "1.2.0";
  manifest.tasks = {spec};
  const auto read = manifest_from_json(to_json(manifest));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->path == manifest.path);
  BOOST_TEST(read->plugin == "media");
  BOOST_TEST(read->version == "1.2.0");
  BOOST_TEST(read->refused.empty());
  BOOST_REQUIRE(read->tasks.size() == 1U);
  BOOST_TEST(read->tasks[0].name == spec.name);
  BOOST_TEST(read->tasks[0].arguments == spec.arguments, boost::test_tools::per_element());
  BOOST_TEST(read->tasks[0].schema == spec.schema);
  BOOST_TEST((read->tasks[0].options == spec.options));
}

BOOST_AUTO_TEST_CASE(a_refusal_keeps_its_reason_and_hint) {
  const auto read = manifest_from_json(to_json(refusal("/plugins/bad.so", {Code::invalid, "it crashed", "mend it"})));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->path == "/plugins/bad.so");
  BOOST_TEST(read->refused == "it crashed");
  BOOST_TEST(read->hint == "mend it");
}

BOOST_AUTO_TEST_CASE(what_is_no_manifest_is_damaged) {
  for (const char* text : {"", "{", "[]", "{}", R"({"plugin":"a","tasks":{}})", R"({"plugin":1,"tasks":[]})",
                           R"({"plugin":"a","tasks":[{"name":"no kind"}]})", R"({"plugin":"a","tasks":[5]})"}) {
    const auto read = manifest_from_json(text);
    BOOST_TEST(!read.ok(), text);
    if (!read) BOOST_TEST((read.error().code == Code::corrupt));
  }
}

BOOST_AUTO_TEST_SUITE_END()
