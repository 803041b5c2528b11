#include "app/record_json.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace flowrra;
using nlohmann::ordered_json;

namespace {

TaskRecord record() {
  TaskRecord out;
  out.id = "id-1";
  out.name = "demo.task";
  out.queue = "default";
  out.submitted_at = *parse_rfc3339("2026-01-31T08:15:00.25Z");
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_waiting_task_has_every_key_and_null_where_nothing_is_known) {
  BOOST_TEST(
      record_json(record()) ==
      R"({"id":"id-1","task":"demo.task","kind":null,"queue":"default","state":"pending","priority":0,)"
      R"("attempt":0,"crashes":0,"submitted_at":"2026-01-31T08:15:00.250000Z","started_at":null,)"
      R"("finished_at":null,"result":null,"error":null,"progress":null,"node":null,"resources":null,"tags":[],"due_at":null,"expires_at":null,"cancel_requested":false})");
}

BOOST_AUTO_TEST_CASE(a_finished_task_carries_its_result_byte_by_byte) {
  TaskRecord done = record();
  done.kind = Kind::cpu;
  done.state = State::success;
  done.attempt = 2;
  done.priority = -5;
  done.started_at = *parse_rfc3339("2026-01-31T08:15:01Z");
  done.finished_at = *parse_rfc3339("2026-01-31T08:15:02.000001Z");
  done.result = R"({"n": 123456789012345678901234567890, "f":1.10})";
  done.progress = R"({"done":1,"total":2,"note":null})";
  done.node = "host-1";
  done.resources = Resources{0.5, 4096};
  done.tags = {"a", "b\"c"};
  BOOST_TEST(
      record_json(done) ==
      R"({"id":"id-1","task":"demo.task","kind":"cpu","queue":"default","state":"success","priority":-5,)"
      R"("attempt":2,"crashes":0,"submitted_at":"2026-01-31T08:15:00.250000Z",)"
      R"("started_at":"2026-01-31T08:15:01.000000Z","finished_at":"2026-01-31T08:15:02.000001Z",)"
      R"("result":{"n": 123456789012345678901234567890, "f":1.10},"error":null,)"
      R"("progress":{"done":1,"total":2,"note":null},"node":"host-1",)"
      R"("resources":{"cpu_s":0.5,"max_rss":4096},"tags":["a","b\"c"],"due_at":null,"expires_at":null,"cancel_requested":false})");
}

BOOST_AUTO_TEST_CASE(an_error_has_code_message_and_crash) {
  TaskRecord failed = record();
  failed.state = State::failed;
  failed.error = TaskError{"crash", "died\nby \xff", R"({"signal":11})"};
  failed.resources = Resources{1, 0};
  const auto json = ordered_json::parse(record_json(failed));
  BOOST_TEST(json["error"]["code"] == "crash");
  BOOST_TEST(json["error"]["message"] == "died\nby \xEF\xBF\xBD");
  BOOST_TEST(json["error"]["crash"]["signal"] == 11);
  BOOST_TEST(json["resources"]["max_rss"].is_null());
  failed.error->crash.clear();
  BOOST_TEST(ordered_json::parse(record_json(failed))["error"]["crash"].is_null());
}

BOOST_AUTO_TEST_CASE(what_a_damaged_store_gave_makes_no_broken_json) {
  TaskRecord damaged = record();
  damaged.state = State::success;
  damaged.result = R"(["a]]])";
  damaged.progress = "{";
  BOOST_TEST((check_result(damaged).error().code == Code::corrupt));
  const auto json = ordered_json::parse(record_json(damaged));
  BOOST_TEST(json["result"].is_null());
  BOOST_TEST(json["progress"].is_null());
  BOOST_TEST(json["error"]["code"] == "corrupt");
  damaged.result = "[1]";
  BOOST_TEST(check_result(damaged).ok());
}

BOOST_AUTO_TEST_CASE(what_went_wrong_is_an_object_with_a_stable_code) {
  BOOST_TEST(error_json({Code::queue_full, "full", ""}) ==
             R"({"error":{"code":"queue_full","message":"full","hint":null}})");
}

BOOST_AUTO_TEST_CASE(a_definition_shows_its_schema_and_options_in_seconds) {
  TaskSpec spec;
  spec.name = "demo.task";
  spec.kind = Kind::io;
  spec.arguments = {"path"};
  spec.schema = R"({"type":"object"})";
  spec.options.timeout = std::chrono::milliseconds(1500);
  BOOST_TEST(spec_json(spec) ==
             R"({"name":"demo.task","kind":"io","blocking":false,"doc":null,"arguments":["path"],)"
             R"("schema":{"type":"object"},"options":{"timeout":1.5},"plugin":"","plugin_version":""})");
}
