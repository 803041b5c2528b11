#include "app/arguments.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"
#include "task/schema.hpp"

using namespace flowrra;
using Words = std::vector<std::string>;

namespace {

TaskSpec task(std::string schema, std::vector<std::string> arguments) {
  TaskSpec spec;
  spec.name = "demo.task";
  spec.schema = std::move(schema);
  spec.arguments = std::move(arguments);
  return spec;
}

TaskSpec one(const std::string& schema) {
  return task(R"({"type":"object","properties":{"x":)" + schema + R"(},"required":["x"],"additionalProperties":false})",
              {"x"});
}

const TaskSpec kThumbnail = task(R"({"type":"object","properties":{"path":{"type":"string"},
    "width":{"type":"integer","minimum":1},"quality":{"type":["integer","null"]}},
    "required":["path"],"additionalProperties":false})",
                                 {"path", "width", "quality"});

std::string args(const TaskSpec& spec, const Words& words) {
  const auto result = words_to_args(spec, words);
  return result ? *result : "error: " + result.error().message;
}

std::string untyped(const Words& words) {
  const auto result = words_to_args(words);
  return result ? *result : "error: " + result.error().message;
}

Error refusal(const TaskSpec& spec, const Words& words) {
  const auto result = words_to_args(spec, words);
  BOOST_REQUIRE_MESSAGE(!result, "accepted as " + (result ? *result : ""));
  return result.error();
}

}  // namespace

BOOST_AUTO_TEST_CASE(where_a_string_is_wanted_the_word_is_the_string) {
  for (const char* schema :
       {R"({"type":"string"})", R"({"type":["string","null"]})", R"({"anyOf":[{"type":"string"},{"type":"null"}]})"}) {
    const TaskSpec spec = one(schema);
    for (const char* word :
         {"010", "yes",  "#x",   "@x",  "-2", "[1,2]", "[]", "",  "null", "~", "1e5", "a: b", "'q'",
          "{a}", "0x1f", "true", " x ", "*a", "&a",    "!t", "|", ">",    "%", "`",   "-x",   "--"}) {
      BOOST_TEST(args(spec, {word}) == "{\"x\":\"" + std::string(word) + "\"}");
    }
  }
}

BOOST_AUTO_TEST_CASE(elsewhere_the_core_schema_of_yaml_1_2_decides) {
  const TaskSpec spec = one("{}");
  const std::pair<const char*, const char*> cases[] = {
      {"010", "10"},
      {"-010", "-10"},
      {"0o17", "15"},
      {"0x1F", "31"},
      {"-2", "-2"},
      {"+3", "3"},
      {"1.50", "1.5"},
      {".5", "0.5"},
      {"5.", "5.0"},
      {"-1e3", "-1000.0"},
      {"1_000", "\"1_000\""},
      {"yes", "\"yes\""},
      {"no", "\"no\""},
      {"on", "\"on\""},
      {"true", "true"},
      {"True", "true"},
      {"FALSE", "false"},
      {"tRUE", "\"tRUE\""},
      {"null", "null"},
      {"~", "null"},
      {"Null", "null"},
      {"", "\"\""},
      {"#x", "\"#x\""},
      {"@x", "\"@x\""},
      {"[1,2]", "[1,2]"},
      {"[]", "[]"},
      {"'010'", "\"010\""},
      {"\"010\"", "\"010\""},
      {"0b1", "\"0b1\""},
      {"0o8", "\"0o8\""},
      {"0x", "\"0x\""},
      {"-0x1", "\"-0x1\""},
      {"1:30", "\"1:30\""},
      {"2026-01-31", "\"2026-01-31\""},
      {"a b", "\"a b\""},
      {"-", "\"-\""},
      {"1e", "\"1e\""},
      {"[010, yes, '5', ~, 0x1f, true]", "[10,\"yes\",\"5\",null,31,true]"},
      {"18446744073709551615", "18446744073709551615"},
      {"-9223372036854775808", "-9223372036854775808"},
  };
  for (const auto& [word, value] : cases) {
    BOOST_TEST(args(spec, {"x=" + std::string(word)}) == "{\"x\":" + std::string(value) + "}");
  }
}

BOOST_AUTO_TEST_CASE(what_json_cannot_carry_is_refused) {
  for (const char* word : {".inf", "-.INF", ".nan", "1e999", "18446744073709551616", "-9223372036854775809"}) {
    BOOST_TEST((refusal(one("{}"), {word}).code == Code::invalid));
  }
  BOOST_TEST(args(one(R"({"type":"number"})"), {"18446744073709551616"}) == R"({"x":1.8446744073709552e+19})");
  BOOST_TEST(args(one(R"({"type":["string","integer"]})"), {".inf"}) == R"({"x":".inf"})");
}

BOOST_AUTO_TEST_CASE(a_string_deep_in_a_value_is_taken_as_it_is_written) {
  const TaskSpec spec = one(R"({"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},
      "n":{"type":"integer"}}}})");
  BOOST_TEST(args(spec, {"[{id: 010, n: 010}, {\"id\": 7}]"}) == R"({"x":[{"id":"010","n":10},{"id":"7"}]})");
  BOOST_TEST(args(one(R"({"type":"array","items":{"type":"string"}})"), {"[yes,1.0,'2']"}) ==
             R"({"x":["yes","1.0","2"]})");
}

BOOST_AUTO_TEST_CASE(words_fill_arguments_by_position_and_by_name) {
  BOOST_TEST(args(kThumbnail, {"cat.jpg"}) == R"({"path":"cat.jpg"})");
  BOOST_TEST(args(kThumbnail, {"cat.jpg", "200"}) == R"({"path":"cat.jpg","width":200})");
  BOOST_TEST(args(kThumbnail, {"width=200", "path=cat.jpg"}) == R"({"path":"cat.jpg","width":200})");
  BOOST_TEST(args(kThumbnail, {"cat.jpg", "quality=~"}) == R"({"path":"cat.jpg","quality":null})");
  BOOST_TEST(args(kThumbnail, {"a=b"}) == R"({"path":"a=b"})");
  BOOST_TEST(args(kThumbnail, {"path=a=b"}) == R"({"path":"a=b"})");
  BOOST_TEST(args(kThumbnail, {"path="}) == R"({"path":""})");
}

BOOST_AUTO_TEST_CASE(one_word_in_braces_is_all_arguments_when_it_names_one) {
  BOOST_TEST(args(kThumbnail, {"{path: cat.jpg, width: 010}"}) == R"({"path":"cat.jpg","width":10})");
  BOOST_TEST(args(kThumbnail, {R"({"path":"\ud83d\ude00"})"}) == "{\"path\":\"\xF0\x9F\x98\x80\"}");
  BOOST_TEST(args(kThumbnail, {"{path}"}) == R"({"path":"{path}"})");
  BOOST_TEST(args(kThumbnail, {"{other: 1}"}) == R"({"path":"{other: 1}"})");
  BOOST_TEST(args(kThumbnail, {"path={path: x}"}) == R"({"path":"{path: x}"})");
  BOOST_TEST(refusal(kThumbnail, {"{path: cat.jpg, widht: 1}"}).message == "unknown argument 'widht'");
  const TaskSpec object = one(R"({"type":"object"})");
  BOOST_TEST(args(object, {"{a: 1}"}) == R"({"x":{"a":1}})");
  BOOST_TEST(args(object, {"{x: {a: 1}}"}) == R"({"x":{"a":1}})");
  const TaskSpec number = one(R"({"type":"integer"})");
  BOOST_TEST(args(number, {"{x: 3}"}) == R"({"x":3})");
  BOOST_TEST(refusal(number, {"{y: 3}"}).message == "unknown argument 'y'");
}

BOOST_AUTO_TEST_CASE(a_file_that_exists_gives_all_arguments) {
  const test::TempDir folder;
  const std::string path = (folder / "args.json").string();
  std::ofstream(path) << "{\"path\": \"cat.jpg\",\n \"width\": 3}\n";
  BOOST_TEST(args(kThumbnail, {"@" + path}) == R"({"path":"cat.jpg","width":3})");
  std::ofstream(path) << "path: 010\nwidth: 010\n";
  BOOST_TEST(args(kThumbnail, {"@" + path}) == R"({"path":"010","width":10})");
  std::ofstream(path) << "[cat.jpg, 5]";
  BOOST_TEST(untyped({"@" + path}) == R"(["cat.jpg",5])");
  BOOST_TEST(args(kThumbnail, {"@" + path + ".none"}) == "{\"path\":\"@" + path + ".none\"}");
  BOOST_TEST(args(kThumbnail, {"path=@" + path}) == "{\"path\":\"@" + path + "\"}");
  std::ofstream(path) << "[" << std::string(kMaxArgsBytes, ' ') << "]";
  BOOST_TEST((refusal(kThumbnail, {"@" + path}).code == Code::too_large));
}

BOOST_AUTO_TEST_CASE(errors_say_what_is_wrong_and_how_the_task_is_called) {
  const std::string usage = "Usage: demo.task path [width] [quality]";
  const std::pair<Words, std::pair<const char*, std::string>> cases[] = {
      {{}, {"missing argument 'path'", usage}},
      {{"a", "1", "2", "3"}, {"too many arguments: '3' has no place", usage}},
      {{"a", "path=b"}, {"argument 'path' is given twice", usage}},
      {{"a", "b"}, {"width: wanted an integer, given the string \"b\"", usage}},
      {{"a", "0"}, {"width: wanted at least 1, given 0", usage}},
      {{"a", "widht=3"}, {"width: wanted an integer, given the string \"widht=3\"", "Did you mean 'width='? " + usage}},
      {{"{path: a, widht: 3}"}, {"unknown argument 'widht'", "Did you mean 'width'? " + usage}},
  };
  for (const auto& [words, expected] : cases) {
    const Error error = refusal(kThumbnail, words);
    BOOST_TEST((error.code == Code::invalid));
    BOOST_TEST(error.message == expected.first);
    BOOST_TEST(error.hint == expected.second);
  }
}

BOOST_AUTO_TEST_CASE(yaml_that_expands_or_contradicts_itself_is_refused) {
  const TaskSpec spec = one(R"({"type":["array","object","integer"]})");
  for (const char* word : {"[&a [1,1], *a]", "[*a]", "[&a 1]", "[!!int 1]", "[!x 1]", "{a: 1, a: 2}",
                           "{\"a\":1,\"a\":2}", "{[1]: 2}", "[1,2", "[1] x", "[1]\n---\n[2]", "{~: 1}"}) {
    BOOST_TEST((refusal(spec, {"x=" + std::string(word)}).code == Code::invalid), word);
  }
  BOOST_TEST(args(spec, {"x=[!!str 1]"}) == R"({"x":["1"]})");
  BOOST_TEST((refusal(spec, {std::string(100, '[') + std::string(100, ']')}).code == Code::too_large));
  BOOST_TEST((refusal(spec, {std::string(200'000, '[')}).code == Code::too_large));
  BOOST_TEST(
      (refusal(spec, {"[yes, " + std::string(99'999, '[') + std::string(100'000, ']')}).code == Code::too_large));
  BOOST_TEST((refusal(spec, {"[" + std::string(kMaxArgsBytes, ' ') + "]"}).code == Code::too_large));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_refused) {
  for (const char* bytes : {"\xff", "a\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "[\"\xe4\"]"}) {
    BOOST_TEST((refusal(one("{}"), {bytes}).code == Code::invalid));
    BOOST_TEST((refusal(one(R"({"type":"string"})"), {bytes}).code == Code::invalid));
  }
}

BOOST_AUTO_TEST_CASE(without_a_definition_words_are_a_list_or_all_of_them_named) {
  BOOST_TEST(untyped({}) == "[]");
  BOOST_TEST(untyped({"1", "yes", "[2]"}) == R"([1,"yes",[2]])");
  BOOST_TEST(untyped({"a=1", "b=x"}) == R"({"a":1,"b":"x"})");
  BOOST_TEST(untyped({"a=1", "x"}) == R"(["a=1","x"])");
  BOOST_TEST(untyped({"http://h/?q=1"}) == R"(["http://h/?q=1"])");
  BOOST_TEST(untyped({"{a: 1}"}) == R"({"a":1})");
  BOOST_TEST(untyped({"a=1", "a=2"}) == "error: argument 'a' is given twice");
  BOOST_TEST(args(task("", {"a", "b"}), {"1", "b=2"}) == R"({"a":1,"b":2})");
}

BOOST_AUTO_TEST_CASE(a_number_is_text_where_only_text_or_a_list_is_taken) {
  const TaskSpec spec = one(R"({"type":["string","array"]})");
  BOOST_TEST(args(spec, {"5"}) == R"({"x":"5"})");
  BOOST_TEST(args(spec, {"[5]"}) == R"({"x":[5]})");
  BOOST_TEST(args(one(R"({"enum":["fit","fill"]})"), {"fit"}) == R"({"x":"fit"})");
  BOOST_TEST(args(one(R"({"type":"object"})"), {"x=a: 1"}) == R"({"x":{"a":1}})");
}
