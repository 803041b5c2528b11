#include "host/outcome.hpp"

#include <flowrra/plugin.h>

#include <boost/test/unit_test.hpp>

#include "host/json_text.hpp"
#include "host/options.hpp"

using namespace flowrra;

namespace {

FinishedFrame failed(std::uint32_t kind, const std::string& message, std::int64_t retry_after_ms = -1) {
  const flowrra_failure failure{sizeof(flowrra_failure), kind, {message.data(), message.size()}, retry_after_ms};
  return failure_outcome(1, &failure);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outcomes)

BOOST_AUTO_TEST_CASE(an_empty_result_is_null) { BOOST_TEST(success_outcome(1, "").text == "null"); }

BOOST_AUTO_TEST_CASE(a_result_that_is_no_json_or_too_deep_fails_for_good) {
  for (const std::string& text :
       {std::string("{"), std::string("1 2"), std::string("\"\xff\""), std::string("nul"), std::string(500, '[')}) {
    BOOST_TEST((success_outcome(1, text).end == CallEnd::permanent));
  }
}

BOOST_AUTO_TEST_CASE(a_failure_without_words_is_a_failure_all_the_same) {
  BOOST_TEST((failure_outcome(1, nullptr).end == CallEnd::failure));
  BOOST_TEST((failed(FLOWRRA_FAIL_RETRY, "").end == CallEnd::failure));
  BOOST_TEST((failed(77, "an unknown kind").end == CallEnd::failure));
}

BOOST_AUTO_TEST_CASE(a_delay_that_is_asked_for_is_bounded) {
  BOOST_TEST(failed(FLOWRRA_FAIL_RETRY, "x", 0).retry_after_us == 0);
  BOOST_TEST(failed(FLOWRRA_FAIL_RETRY, "x", 1500).retry_after_us == 1'500'000);
  BOOST_TEST(failed(FLOWRRA_FAIL_RETRY, "x", INT64_MAX).retry_after_us > 0);
}

BOOST_AUTO_TEST_CASE(messages_are_cut_between_characters_and_made_valid) {
  BOOST_TEST(shortened("short", 100) == "short");
  BOOST_TEST(shortened("ääää", 7) == "ää…");
  BOOST_TEST(shortened("a\xff", 100) == "a\xef\xbf\xbd");
  BOOST_TEST(failed(FLOWRRA_FAIL_RETRY, std::string(1 << 20, 'x')).text.size() <= 16U * 1024);
}

BOOST_AUTO_TEST_CASE(progress_says_what_is_known) {
  BOOST_TEST(progress_json(1, 4, "half") == R"({"done":1,"total":4,"note":"half"})");
  BOOST_TEST(progress_json(0.5, 0, "") == R"({"done":0.5})");
  BOOST_TEST(progress_json(std::numeric_limits<double>::quiet_NaN(), -1, "\xff") ==
             "{\"done\":0,\"note\":\"\xef\xbf\xbd\"}");
}

BOOST_AUTO_TEST_CASE(the_command_line_is_read_or_refused) {
  const auto run = parse_host_options({"run", "--kind", "io", "--socket-fd", "3", "--page-fd", "4", "--parent", "17",
                                       "--blocking-threads", "8", "a.so", "b.so"});
  BOOST_REQUIRE(run.ok());
  BOOST_TEST((run->kind == Kind::io));
  BOOST_TEST(run->socket_fd == 3);
  BOOST_TEST(run->page_fd == 4);
  BOOST_TEST(run->parent == 17);
  BOOST_TEST(run->blocking_threads == 8);
  BOOST_TEST(run->plugins.size() == 2U);
  const auto copies = parse_host_options(
      {"run", "--socket-fd", "3", "--page-fd", "4", "--parent", "17", "--copy", "copy-of-a.so", "a.so", "b.so"});
  BOOST_REQUIRE(copies.ok());
  BOOST_TEST(copies->plugins[0].path == "a.so");
  BOOST_TEST(copies->plugins[0].loaded() == "copy-of-a.so");
  BOOST_TEST(copies->plugins[1].loaded() == "b.so");
  const auto manifest = parse_host_options({"manifest", "--fd", "5", "a.so"});
  BOOST_REQUIRE(manifest.ok());
  BOOST_TEST(manifest->manifest_fd == 5);
  const std::vector<std::vector<std::string>> wrong = {{},
                                                       {"walk"},
                                                       {"manifest", "a.so"},
                                                       {"manifest", "--fd", "5"},
                                                       {"run", "--kind", "gpu"},
                                                       {"run", "--kind"},
                                                       {"run", "--kind", "io", "--socket-fd", "3"},
                                                       {"run", "--blocking-threads", "0"},
                                                       {"run", "--socket-fd", "3x"}};
  for (const auto& arguments : wrong) BOOST_TEST(!parse_host_options(arguments).ok());
}

BOOST_AUTO_TEST_SUITE_END()
