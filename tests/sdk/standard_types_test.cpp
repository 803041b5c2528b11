// Paths, durations, variants, enums and types that read themselves: as arguments, as results, in the schema.

#include <chrono>
#include <filesystem>
#include <variant>

#include "sdk/support.hpp"
#include "task/schema.hpp"

namespace standard_types {

struct Colour {
  explicit Colour(int v) : value(v) {}
  int value;
};

enum class Level { low, high };
NLOHMANN_JSON_SERIALIZE_ENUM(Level, {{Level::low, "LOW"}, {Level::high, "HIGH"}})

struct Point {
  int x = 0;
};
void from_json(const nlohmann::json& json, Point& point) {
  if (!json.is_number()) throw std::invalid_argument("a point is one number");
  point.x = json.get<int>();
}
void to_json(nlohmann::json& json, const Point& point) { json = point.x; }

}  // namespace standard_types

// A type without a default, read through nlohmann's own extension point.
template <>
struct nlohmann::adl_serializer<standard_types::Colour> {
  static standard_types::Colour from_json(const json& j) { return standard_types::Colour(j.get<int>()); }
  static void to_json(json& j, const standard_types::Colour& colour) { j = colour.value; }
};

BOOST_AUTO_TEST_SUITE(standard_types_of_cxx)

namespace {

using flowrra::test::Bench;
using namespace std::chrono_literals;
using standard_types::Colour;
using standard_types::Level;
using standard_types::Point;

enum class Fit { inside, cover, stretch };
FLOWRRA_ENUM(Fit, inside, cover, stretch);

struct Size {
  int width = 0;
};
FLOWRRA_FIELDS(Size, width);

struct Args {
  std::filesystem::path path;
  std::filesystem::path folder = "/tmp";
  std::chrono::milliseconds wait = 1500ms;
  std::chrono::seconds none{};
  std::variant<int, std::string> size = 1;
  std::variant<std::monostate, int> maybe;
};
FLOWRRA_FIELDS(Args, path, folder, wait, none, size, maybe);

template <class T>
std::string echo(const std::string& json) {
  Bench bench;
  return bench.run([](T value) { return value; }, "[" + json + "]", {.args = {"x"}});
}

template <class T>
nlohmann::json schema_of() {
  Bench bench;
  return nlohmann::json::parse(bench.schema([](const T&) {}, {.args = {"x"}}))["properties"]["x"];
}

// What the node says to one argument x of that type.
template <class T>
std::string submitted(const std::string& json) {
  Bench bench;
  const auto said = flowrra::check_args(bench.schema([](const T&) {}, {.args = {"x"}}), {"x"}, "[" + json + "]");
  return said ? "" : said.error().message + said.error().hint;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_unknown_name_of_an_enum_is_refused_with_the_known_and_the_nearest) {
  BOOST_TEST(echo<Fit>(R"("cover")") == R"("cover")");
  BOOST_TEST(echo<Fit>(R"("covr")") ==
             "permanent: x: must be one of inside, cover, stretch, not \"covr\"; did you mean cover?");
  BOOST_TEST(echo<Fit>(R"("elephant")") == "permanent: x: must be one of inside, cover, stretch, not \"elephant\"");
  BOOST_TEST(echo<Fit>("1") == "permanent: x: must be one of inside, cover, stretch, not 1");
  BOOST_TEST(submitted<Fit>(R"("covr")").find("cover") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_path_travels_as_a_string) {
  BOOST_TEST(echo<std::filesystem::path>(R"("/a b/é")") == R"("/a b/é")");
  BOOST_TEST(echo<std::vector<std::filesystem::path>>(R"(["a","b"])") == R"(["a","b"])");
  BOOST_TEST(echo<std::filesystem::path>("1") == "permanent: x: must be a string, not 1");
  BOOST_TEST(schema_of<std::filesystem::path>() == nlohmann::json({{"type", "string"}}));
}

BOOST_AUTO_TEST_CASE(a_duration_is_a_number_of_seconds_or_text_with_a_unit) {
  using std::chrono::milliseconds;
  BOOST_TEST(echo<milliseconds>("2") == "2.0");
  BOOST_TEST(echo<milliseconds>("0.1") == "0.1");
  BOOST_TEST(echo<milliseconds>(R"("250ms")") == "0.25");
  BOOST_TEST(echo<milliseconds>(R"("1.5h")") == "5400.0");
  BOOST_TEST(echo<milliseconds>(R"("90")") == "90.0");
  BOOST_TEST(echo<milliseconds>(R"("2 min")") == "120.0");
  BOOST_TEST(echo<std::chrono::hours>(R"("1d")") == "86400.0");
  BOOST_TEST(echo<std::chrono::duration<double>>("0.0001") == "0.0001");
  BOOST_TEST(echo<std::chrono::nanoseconds>("0.000000001") == "1e-09");
}

BOOST_AUTO_TEST_CASE(a_duration_is_never_rounded) {
  BOOST_TEST(echo<std::chrono::seconds>("1.5").starts_with("permanent: x: must be a multiple of 1 seconds"));
  BOOST_TEST(echo<std::chrono::hours>(R"("90m")").starts_with("permanent: x: must be a multiple of 3600"));
  BOOST_TEST((echo<std::chrono::duration<std::int8_t>>("200").starts_with("permanent: x: must be a shorter time")));
}

BOOST_AUTO_TEST_CASE(what_is_no_duration_is_refused_by_the_task_and_by_the_node) {
  for (const char* bad : {"-1", "true", "null", R"("soon")", R"("1 parsec")", R"("-1s")", R"("101000d")", "1e300"}) {
    BOOST_TEST(echo<std::chrono::seconds>(bad).starts_with("permanent: x: must be seconds, or text"), bad);
  }
  for (const char* bad : {"-1", "true", "null", R"("soon")", R"("1 parsec")", R"("-1s")"}) {
    BOOST_TEST(submitted<std::chrono::seconds>(bad) != "", bad);
  }
  BOOST_TEST(submitted<std::chrono::seconds>(R"("1.5h")") == "");
  BOOST_TEST(submitted<std::chrono::minutes>("90") == "x: wanted a multiple of 60, given 90");
  BOOST_TEST(submitted<std::chrono::minutes>(R"("90s")") == "x: wanted a multiple of 60, given the string \"90s\"");
  BOOST_TEST(submitted<std::chrono::minutes>("120") == "");
  BOOST_TEST(submitted<std::chrono::milliseconds>("0.3") == "");
  BOOST_TEST(submitted<std::chrono::milliseconds>("0.0003").starts_with("x: wanted a multiple of 0.001"));
  BOOST_TEST((submitted<std::chrono::duration<std::int8_t>>("200") == "x: wanted at most 127.0, given 200"));
  BOOST_TEST(submitted<std::chrono::duration<double>>("0.0003") == "");
  BOOST_TEST(submitted<std::chrono::seconds>("3") == "");
  BOOST_TEST(submitted<std::optional<std::chrono::seconds>>("null") == "");
}

BOOST_AUTO_TEST_CASE(a_variant_takes_the_first_alternative_that_fits) {
  using V = std::variant<int, double, std::string, std::vector<int>, Size>;
  BOOST_TEST(echo<V>("3") == "3");
  BOOST_TEST(echo<V>("3.5") == "3.5");
  BOOST_TEST(echo<V>(R"("3")") == R"("3")");
  BOOST_TEST(echo<V>("[1,2]") == "[1,2]");
  BOOST_TEST(echo<V>(R"({"width":4})") == R"({"width":4})");
  BOOST_TEST((echo<std::variant<std::monostate, int>>("null")) == "null");
  BOOST_TEST((echo<std::variant<std::filesystem::path, Fit>>(R"("cover")")) == R"("cover")");
}

BOOST_AUTO_TEST_CASE(a_value_that_fits_no_alternative_is_refused_with_every_reason) {
  BOOST_TEST((echo<std::variant<int, std::string>>("true")) ==
             "permanent: x: must be a whole number, not true; or must be a string, not true");
  BOOST_TEST((echo<std::variant<int, Size>>(R"({"width":"w"})")) ==
             "permanent: x: must be a whole number, not {\"width\":\"w\"}; or x.width: must be a whole number, not "
             "\"w\"");
  BOOST_TEST((submitted<std::variant<int, std::string>>("true")).find("an integer or a string") != std::string::npos);
  BOOST_TEST((submitted<std::variant<int, std::string>>("1")) == "");
}

BOOST_AUTO_TEST_CASE(a_struct_of_them_says_its_defaults_and_what_is_required) {
  Bench bench;
  const auto schema = nlohmann::json::parse(bench.schema([](const Args&) {}));
  BOOST_TEST(schema["required"] == nlohmann::json::parse(R"(["path","none"])"));
  BOOST_TEST(schema["properties"]["folder"]["default"] == "/tmp");
  BOOST_TEST(
      schema["properties"]["wait"] ==
      nlohmann::json::parse(
          R"({"type":["number","string"],"minimum":0,"maximum":3155760000.0,"multipleOf":0.001,"format":"flowrra-duration","default":1.5})"));
  BOOST_TEST(schema["properties"]["size"]["anyOf"][1]["type"] == "string");
  BOOST_TEST(schema["properties"]["maybe"]["anyOf"][0]["type"] == "null");
  BOOST_TEST(bench.run([](Args args) { return args; }, R"({"path":"p","none":0})") ==
             R"({"path":"p","folder":"/tmp","wait":1.5,"none":0.0,"size":1,"maybe":null})");
}

BOOST_AUTO_TEST_CASE(types_that_read_themselves_are_taken_and_may_be_anything_in_the_schema) {
  BOOST_TEST(echo<Point>("5") == "5");
  BOOST_TEST(echo<Point>("\"5\"") == "permanent: x: a point is one number");
  BOOST_TEST(echo<Colour>("7") == "7");
  BOOST_TEST(echo<Level>(R"("HIGH")") == R"("HIGH")");
  BOOST_TEST(echo<std::vector<Level>>(R"(["HIGH","LOW"])") == R"(["HIGH","LOW"])");
  BOOST_TEST(schema_of<Point>() == nlohmann::json::object());
  BOOST_TEST(schema_of<Level>() == nlohmann::json::object());
  BOOST_TEST(submitted<Point>("[1]") == "");
}

BOOST_AUTO_TEST_SUITE_END()
