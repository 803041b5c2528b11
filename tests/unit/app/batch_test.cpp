// Lines of batch files.

#include "app/batch.hpp"

#include <boost/test/unit_test.hpp>

namespace flowrra::test {

namespace {

NewTask defaults() {
  NewTask task;
  task.name = "a.task";
  task.queue = "mail";
  task.delay = std::chrono::seconds(1);
  return task;
}

std::string refusal(const std::string& line) {
  const auto read = read_batch_line(line, defaults());
  return read ? "read" : read.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(batch)

BOOST_AUTO_TEST_CASE(a_line_says_everything_that_flags_can) {
  const auto read = read_batch_line(
      R"({"task":"t","args":{"z":1,"a":1.0},"id":"i","queue":"q","priority":-5,"delay":"5m","expires":90,"timeout":1.5,)"
      R"("max_retries":0,"retry_delay":"250ms","backoff":"fixed","tags":["x","y"]})",
      defaults());
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->name == "t");
  BOOST_TEST(read->args == R"({"z":1,"a":1.0})");
  BOOST_TEST(read->id == "i");
  BOOST_TEST(read->queue == "q");
  BOOST_TEST(read->priority == -5);
  BOOST_TEST(read->delay.value().count() == 300'000'000);
  BOOST_TEST(read->expires.value().count() == 90'000'000);
  BOOST_TEST(read->options.timeout.value().count() == 1'500'000);
  BOOST_TEST(read->options.max_retries.value() == 0);
  BOOST_TEST(read->options.retry_delay.value().count() == 250'000);
  BOOST_TEST((read->options.backoff == Backoff::fixed));
  BOOST_TEST(read->tags.size() == 2);
}

BOOST_AUTO_TEST_CASE(what_a_line_leaves_out_is_as_the_defaults_say) {
  const auto read = read_batch_line("{}", defaults());
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->name == "a.task");
  BOOST_TEST(read->queue == "mail");
  BOOST_TEST(read->args == "{}");
  const auto timed = read_batch_line(R"({"at":"2026-01-31T08:15:00Z"})", defaults());
  BOOST_REQUIRE(timed.ok());
  BOOST_TEST(timed->at.has_value());
  BOOST_TEST(!timed->delay.has_value());
}

BOOST_AUTO_TEST_CASE(arguments_of_any_depth_are_refused_without_harm) {
  const std::string deep(400'000, '[');
  BOOST_TEST(refusal(R"({"args":)" + deep + std::string(deep.size(), ']') + "}") ==
             "'args' nested deeper than 64 levels");
  BOOST_TEST(refusal(R"({"tags":)" + deep + std::string(deep.size(), ']') + "}") == "'tags' must be a list of texts");
}

BOOST_AUTO_TEST_CASE(a_line_that_makes_no_sense_is_refused_by_name) {
  for (const char* line : {"", "{", "{\"task\":", "\xff", "{}}"}) BOOST_TEST(refusal(line) == "not well-formed JSON");
  for (const char* line : {"[]", "1", "null", "\"x\""}) BOOST_TEST(refusal(line) == "not an object");
  BOOST_TEST(refusal(R"({"args":1})").starts_with("'args' must be"));
  BOOST_TEST(refusal(R"({"id":1})") == "'id' must be text");
  BOOST_TEST(refusal(R"({"priority":1.5})").starts_with("'priority' must be an integer"));
  BOOST_TEST(refusal(R"({"priority":1e300})").starts_with("'priority' must be an integer"));
  BOOST_TEST(refusal(R"({"priority":18446744073709551615})").starts_with("'priority' must be an integer"));
  BOOST_TEST(refusal(R"({"max_retries":-1})").starts_with("'max_retries' must be an integer from 0"));
  BOOST_TEST(refusal(R"({"delay":-1})").starts_with("'delay' must be seconds"));
  BOOST_TEST(refusal(R"({"timeout":"soon"})").starts_with("'timeout' must be seconds"));
  BOOST_TEST(refusal(R"({"at":"tomorrow"})").starts_with("'at' must be a time"));
  BOOST_TEST(refusal(R"({"backoff":"slow"})").starts_with("'backoff' must be"));
  BOOST_TEST(refusal(R"({"tags":["a",1]})").starts_with("'tags' must be"));
  BOOST_TEST(refusal(R"({"delay":1,"at":"2026-01-31T08:15:00Z"})") == "'delay' and 'at' exclude each other");
  BOOST_TEST(refusal(R"({"nmae":1})") == "unknown key 'nmae'");
  BOOST_TEST(!read_batch_line("{}", NewTask()).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flowrra::test
