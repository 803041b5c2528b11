// C++ values from JSON arguments and back.

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "sdk/support.hpp"

BOOST_AUTO_TEST_SUITE(values)

namespace {

using flowrra::test::Bench;

enum class Fit { inside, cover };
FLOWRRA_ENUM(Fit, inside, cover);

struct Size {
  int width = 0;
  std::int8_t height = 0;
};
FLOWRRA_FIELDS(Size, width, height);

struct Args {
  std::string path;
  int width = 256;
  std::optional<int> quality;
  std::vector<Size> sizes;
  int offset = 0;
};
FLOWRRA_FIELDS(Args, path, width, quality, sizes, offset);
FLOWRRA_OPTIONAL(Args, offset);

struct Tree {
  std::string name;
  std::vector<Tree> children;
};
FLOWRRA_FIELDS(Tree, name, children);

struct Own {
  int value = 0;
};
void to_json(nlohmann::json& json, const Own& own) { json = {{"own", own.value}}; }
void from_json(const nlohmann::json& json, Own& own) { own.value = json.at("own").get<int>(); }

// Runs a task that gives its one argument back.
template <class T>
std::string echo(const std::string& json) {
  Bench bench;
  return bench.run([](T value) { return value; }, "[" + json + "]", {.args = {"x"}});
}

Args same(Args args) { return args; }

}  // namespace

BOOST_AUTO_TEST_CASE(values_of_every_supported_type_come_back_as_they_went) {
  BOOST_TEST(echo<bool>("true") == "true");
  BOOST_TEST(echo<int>("-7") == "-7");
  BOOST_TEST(echo<std::uint64_t>("18446744073709551615") == "18446744073709551615");
  BOOST_TEST(echo<std::int64_t>("-9223372036854775808") == "-9223372036854775808");
  BOOST_TEST(echo<double>("2.5") == "2.5");
  BOOST_TEST(echo<float>("0.5") == "0.5");
  BOOST_TEST(echo<std::string>(R"("a\"\\\n\u0001é€")") == R"("a\"\\\n\u0001é€")");
  BOOST_TEST(echo<std::optional<int>>("null") == "null");
  BOOST_TEST(echo<std::optional<int>>("4") == "4");
  BOOST_TEST(echo<std::vector<bool>>("[true,false]") == "[true,false]");
  BOOST_TEST(echo<std::vector<std::string>>("[]") == "[]");
  BOOST_TEST((echo<std::map<std::string, int>>(R"({"b":2,"a":1})")) == R"({"a":1,"b":2})");
  BOOST_TEST((echo<std::map<std::string, std::map<std::string, int>>>(R"({"a":{}})")) == R"({"a":{}})");
  BOOST_TEST(echo<std::set<int>>("[3,1,3]") == "[1,3]");
  BOOST_TEST((echo<std::array<int, 2>>("[1,2]")) == "[1,2]");
  BOOST_TEST((echo<std::pair<int, std::string>>(R"([1,"x"])")) == R"([1,"x"])");
  BOOST_TEST((echo<std::tuple<int, bool, std::string>>(R"([1,true,"x"])")) == R"([1,true,"x"])");
  BOOST_TEST(echo<std::tuple<nlohmann::json>>(R"([{"k":1}])") == R"([{"k":1}])");
  BOOST_TEST(echo<nlohmann::json>(R"({"k":[1,2.5,null]})") == R"({"k":[1,2.5,null]})");
  BOOST_TEST(echo<std::vector<nlohmann::json>>("[[1],2]") == "[[1],2]");
  BOOST_TEST(echo<Fit>(R"("cover")") == R"("cover")");
  BOOST_TEST(echo<std::vector<Size>>(R"([{"height":2,"width":1}])") != "");
  BOOST_TEST(echo<Own>(R"({"own":5})") == R"({"own":5})");
}

BOOST_AUTO_TEST_CASE(fields_come_in_the_order_of_the_struct) {
  BOOST_TEST(echo<std::vector<Size>>(R"([{"height":2,"width":1}])") == R"([{"width":1,"height":2}])");
}

BOOST_AUTO_TEST_CASE(fields_left_out_keep_their_defaults) {
  Bench bench;
  BOOST_TEST(bench.run(same, R"({"path":"p"})") == R"({"path":"p","width":256,"quality":null,"sizes":[],"offset":0})");
}

BOOST_AUTO_TEST_CASE(the_fields_of_one_struct_can_be_given_by_position) {
  Bench bench;
  BOOST_TEST(bench.run(same, R"(["p",7,90])") == R"({"path":"p","width":7,"quality":90,"sizes":[],"offset":0})");
}

BOOST_AUTO_TEST_CASE(a_required_field_left_out_is_named) {
  Bench bench;
  BOOST_TEST(bench.run(same, "{}") == "permanent: path: is required");
  BOOST_TEST(bench.run(same, "") == "permanent: path: is required");
  BOOST_TEST(bench.run(same, R"({"path":"p","sizes":[{"width":1,"height":1},{"width":1}]})") ==
             "permanent: sizes[1].height: is required");
}

BOOST_AUTO_TEST_CASE(an_unknown_field_is_refused_with_the_known_ones) {
  Bench bench;
  BOOST_TEST(bench.run(same, R"({"path":"p","widht":1})") ==
             "permanent: widht: unknown name; known are path, width, quality, sizes, offset");
  BOOST_TEST(bench.run([] {}, R"({"a":1})") == "permanent: a: no arguments are taken");
}

BOOST_AUTO_TEST_CASE(integers_out_of_range_or_with_a_fraction_are_refused_by_name) {
  BOOST_TEST(echo<std::int8_t>("300") == "permanent: x: must be between -128 and 127, not 300");
  BOOST_TEST(echo<std::uint32_t>("-1") == "permanent: x: must be between 0 and 4294967295, not -1");
  BOOST_TEST(echo<std::int64_t>("9223372036854775808") ==
             "permanent: x: must be between -9223372036854775808 and 9223372036854775807, not 9223372036854775808");
  BOOST_TEST(echo<std::int64_t>("1e19").starts_with("permanent: x: must be between"));
  BOOST_TEST(echo<std::uint64_t>("18446744073709551616").starts_with("permanent: x: must be between"));
  BOOST_TEST(echo<int>("2.5") == "permanent: x: must be a whole number, not 2.5");
  BOOST_TEST(echo<int>("\"2\"") == "permanent: x: must be a whole number, not \"2\"");
  BOOST_TEST(echo<int>("2.0") == "2");
  BOOST_TEST(echo<float>("1e300") == "permanent: x: must be a smaller number, not 1e+300");
  Bench bench;
  BOOST_TEST(bench.run(same, R"({"path":"p","sizes":[{"width":1,"height":1000}]})") ==
             "permanent: sizes[0].height: must be between -128 and 127, not 1000");
}

BOOST_AUTO_TEST_CASE(values_of_the_wrong_type_are_refused_by_name) {
  BOOST_TEST(echo<bool>("1") == "permanent: x: must be true or false, not 1");
  BOOST_TEST(echo<std::string>("null") == "permanent: x: must be a string, not null");
  BOOST_TEST(echo<double>("\"1\"") == "permanent: x: must be a number, not \"1\"");
  BOOST_TEST(echo<std::vector<int>>("{}") == "permanent: x: must be a list, not {}");
  BOOST_TEST(echo<std::vector<int>>(R"([1,"2"])") == "permanent: x[1]: must be a whole number, not \"2\"");
  BOOST_TEST((echo<std::map<std::string, int>>(R"({"k":true})")) == "permanent: x.k: must be a whole number, not true");
  BOOST_TEST((echo<std::array<int, 2>>("[1]")) == "permanent: x: must be a list of 2 values, not [1]");
  BOOST_TEST(echo<Fit>("\"stretch\"") == "permanent: x: must be one of inside, cover, not \"stretch\"");
  BOOST_TEST(echo<std::vector<Size>>("[3]") == "permanent: x[0]: must be an object, not 3");
  BOOST_TEST(echo<Own>("{}").starts_with("permanent: x: "));
}

BOOST_AUTO_TEST_CASE(long_values_are_shortened_in_messages) {
  BOOST_TEST(echo<int>('"' + std::string(1000, 'a') + '"') ==
             "permanent: x: must be a whole number, not \"" + std::string(36, 'a') + "...");
}

BOOST_AUTO_TEST_CASE(a_struct_can_hold_itself) {
  BOOST_TEST(echo<std::vector<Tree>>(R"([{"name":"a","children":[{"name":"b"}]}])") ==
             R"([{"name":"a","children":[{"name":"b","children":[]}]}])");
}

BOOST_AUTO_TEST_CASE(parameters_can_be_given_by_name_or_position) {
  const auto text = [](const std::string& a, int b, std::optional<int> c, std::optional<bool> d) {
    return a + std::to_string(b) + (c ? std::to_string(*c) : "-") + (d ? "+" : "-");
  };
  const flowrra::Options names{.args = {"a", "b", "c", "d"}};
  Bench bench;
  BOOST_TEST(bench.run(text, R"(["x",1])", names) == "\"x1--\"");
  BOOST_TEST(bench.run(text, R"(["x",1,null,true])", names) == "\"x1-+\"");
  BOOST_TEST(bench.run(text, R"({"b":1,"a":"x","d":false})", names) == "\"x1-+\"");
  BOOST_TEST(bench.run(text, R"(["x"])", names) == "permanent: b: is required");
  BOOST_TEST(bench.run(text, R"(["x",1,2,true,5])", names) == "permanent: arguments: at most 4 are taken, not 5");
  BOOST_TEST(bench.run(text, R"({"b":1,"a":"x","e":1})", names) == "permanent: e: unknown name; known are a, b, c, d");
  BOOST_TEST(bench.run(text, R"({"arg1":"x","arg2":1})") == "\"x1--\"");
  BOOST_TEST(bench.run(text, "7", names) == "permanent: arguments: must be a JSON object or list");
  BOOST_TEST(bench.run(text, "{", names) == "permanent: arguments: must be a JSON object or list");
}

BOOST_AUTO_TEST_CASE(a_struct_among_other_parameters_is_one_argument) {
  const auto area = [](Size size, int factor) { return size.width * size.height * factor; };
  Bench bench;
  BOOST_TEST(bench.run(area, R"([{"width":2,"height":3},10])", {.args = {"size", "factor"}}) == "60");
}

BOOST_AUTO_TEST_CASE(a_result_that_is_not_utf8_fails_for_good) {
  Bench bench;
  BOOST_TEST(bench.run([] { return std::string("\xff"); }, "").starts_with("permanent: the result cannot be written"));
  BOOST_TEST(bench.run(
                      [] {
                        return std::vector{0.5, std::nan("")};
                      },
                      "")
                 .starts_with("permanent: the result cannot be"));
  BOOST_TEST(
      bench.run([] { return -std::numeric_limits<float>::infinity(); }, "").starts_with("permanent: the result"));
}

BOOST_AUTO_TEST_CASE(a_task_without_result_gives_none) {
  Bench bench;
  BOOST_TEST(bench.run([](int) {}, "[1]") == "");
  BOOST_TEST(bench.run([] { return "text"; }, "[]") == "\"text\"");
}

BOOST_AUTO_TEST_SUITE_END()
