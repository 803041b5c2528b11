#include "task/schema.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace flowrra;

namespace {

const std::vector<std::string> kArguments{"path", "width", "quality", "sizes", "mode"};
constexpr std::string_view kSchema = R"({
  "type": "object",
  "properties": {
    "path": {"type": "string", "minLength": 1, "maxLength": 8},
    "width": {"type": "integer", "minimum": 1, "maximum": 4000},
    "quality": {"type": ["number", "null"]},
    "sizes": {"type": "array", "maxItems": 3,
              "items": {"type": "object", "properties": {"width": {"type": "integer"}}, "required": ["width"],
                        "additionalProperties": false}},
    "mode": {"enum": ["fit", "fill"]},
    "point": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
    "limit": {"type": "integer", "maximum": 18446744073709551615},
    "either": {"anyOf": [{"type": "integer", "minimum": 5}, {"type": "null"}]}
  },
  "required": ["path"],
  "additionalProperties": false
})";

std::string refusal(std::string_view args, std::string_view schema = kSchema) {
  const Status status = check_args(schema, kArguments, args);
  return status ? "" : status.error().message;
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

}  // namespace

BOOST_AUTO_TEST_CASE(arguments_that_fit_are_accepted) {
  for (const char* args :
       {R"({"path":"a"})", R"({"path":"a","width":4000,"quality":0.5,"mode":"fit"})",
        R"({"path":"a","quality":null,"sizes":[{"width":1},{"width":2}]})", R"(["a",3,null])", R"({"path":"äöüäöüäö"})",
        R"({"path":"a","width":3.0})", R"({"path":"a","point":[1,"x"],"limit":-3,"either":null})",
        R"({"path":"a","limit":18446744073709551615,"either":5})"}) {
    BOOST_TEST(refusal(args) == "");
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_path_and_what_was_wanted_and_given) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"path":"a","width":"b"})", "width: wanted an integer, given the string \"b\""},
      {R"({"path":"a","width":1.5})", "width: wanted an integer, given the number 1.5"},
      {R"({"path":"a","width":0})", "width: wanted at least 1, given 0"},
      {R"({"path":"a","width":4001})", "width: wanted at most 4000, given 4001"},
      {R"({"path":""})", "path: wanted at least 1 characters, given 0"},
      {R"({"path":"123456789"})", "path: wanted at most 8 characters, given 9"},
      {R"({"path":"a","quality":"x"})", "quality: wanted a number or null, given the string \"x\""},
      {R"({"path":"a","sizes":[{"width":1},{"width":"w"}]})",
       "sizes[1].width: wanted an integer, given the string \"w\""},
      {R"({"path":"a","sizes":[{}]})", "sizes[0]: missing field 'width'"},
      {R"({"path":"a","sizes":[{"width":1,"x":2}]})", "sizes[0]: unknown field 'x'"},
      {R"({"path":"a","sizes":[1,2,3,4]})", "sizes: wanted at most 3 items, given 4"},
      {R"({"path":"a","mode":"fil"})", "mode: wanted one of \"fit\", \"fill\", given the string \"fil\""},
      {R"({"path":"a","point":[1,2]})", "point[1]: wanted a string, given the number 2"},
      {R"({"path":"a","either":4})", "either: wanted at least 5, given 4"},
      {R"({"path":"a","either":"x"})", "either: wanted an integer or null, given the string \"x\""},
      {R"({"width":1})", "missing argument 'path'"},
      {R"({"path":"a","widht":1})", "unknown argument 'widht'"},
      {R"(["a",1,2,[],"fit",6])", "6 arguments given, the task takes at most 5"},
      {R"(["a","b"])", "width: wanted an integer, given the string \"b\""},
      {R"("a")", "arguments must be an object or a list, given the string \"a\""},
  };
  for (const auto& [args, message] : cases) BOOST_TEST(refusal(args) == message);
}

BOOST_AUTO_TEST_CASE(an_unknown_argument_suggests_the_nearest) {
  BOOST_TEST(check_args(kSchema, kArguments, R"({"path":"a","widht":1})").error().hint == "Did you mean 'width'?");
  BOOST_TEST(check_args(kSchema, kArguments, R"({"path":"a","mode":"fitt"})").error().hint == "Did you mean 'fit'?");
}

BOOST_AUTO_TEST_CASE(large_integers_are_compared_exactly) {
  constexpr std::string_view kBig =
      R"({"properties":{"path":{"type":"integer","minimum":0,"maximum":9007199254740993}}})";
  BOOST_TEST(refusal(R"({"path":9007199254740993})", kBig) == "");
  BOOST_TEST(refusal(R"({"path":9007199254740994})", kBig) ==
             "path: wanted at most 9007199254740993, given 9007199254740994");
  BOOST_TEST(refusal(R"({"path":-1})", kBig) == "path: wanted at least 0, given -1");
  BOOST_TEST(refusal(R"({"path":1e300})", kBig) == "path: wanted an integer, given the number 1e+300");
}

BOOST_AUTO_TEST_CASE(without_a_schema_any_object_or_list_fits) {
  BOOST_TEST(refusal(R"({"x":[1,{"y":2}]})", "") == "");
  BOOST_TEST(refusal("[1,2,3,4,5,6,7]", "") == "");
}

BOOST_AUTO_TEST_CASE(a_damaged_schema_is_an_error_and_not_a_pass) {
  BOOST_TEST(refusal("{}", "{\"type\":") != "");
  BOOST_TEST(refusal("{}", nested(300)) != "");
}

BOOST_AUTO_TEST_CASE(json_that_is_not_well_formed_is_refused) {
  for (const char* text : {"", "{", "[1,]", "{\"a\":1,}", "nan", "[1] x", "\"\xff\"", "1e999", "'a'", "{a:1}"}) {
    const Status status = check_json(text, 100, "arguments");
    BOOST_TEST_REQUIRE(!status.ok(), text);
    BOOST_TEST((status.error().code == Code::invalid));
  }
  BOOST_TEST(check_json(" [1, {\"a\": \"\\u00e4\"}] ", 100, "arguments").ok());
}

BOOST_AUTO_TEST_CASE(bytes_and_depth_are_bounded) {
  BOOST_TEST(check_json(nested(kMaxDepth), 1000, "result").ok());
  const Status deep = check_json(nested(kMaxDepth + 1), 1000, "result");
  BOOST_TEST((deep.error().code == Code::too_large));
  BOOST_TEST(deep.error().message == "result nested deeper than 64 levels");
  const Status bomb = check_json(std::string(200'000, '['), kMaxArgsBytes, "arguments");
  BOOST_TEST((bomb.error().code == Code::too_large));
  const std::string fits = "\"" + std::string(kMaxArgsBytes - 2, 'a') + "\"";
  BOOST_TEST(check_json(fits, kMaxArgsBytes, "arguments").ok());
  BOOST_TEST((check_json(fits + " ", kMaxArgsBytes, "arguments").error().code == Code::too_large));
}

BOOST_AUTO_TEST_CASE(arguments_are_the_same_by_name_by_position_and_however_they_are_written) {
  const std::vector<std::string> names{"a", "b"};
  BOOST_TEST(same_args("[1, 2]", R"({"b":2,"a":1})", names));
  BOOST_TEST(same_args(R"({ "a": "\u0041" })", R"({"a":"A"})", names));
  BOOST_TEST(same_args("[1]", " [1] ", {}));
  BOOST_TEST(!same_args("[1, 2]", "[2, 1]", names));
  BOOST_TEST(!same_args("[1, 2]", R"({"a":1})", names));
  BOOST_TEST(!same_args("[1, 2, 3]", R"({"a":1,"b":2})", names));
  BOOST_TEST(!same_args("{", "{", names));
  BOOST_TEST(!same_args("", "", names));
}
