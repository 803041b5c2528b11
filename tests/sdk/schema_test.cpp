// The JSON Schema that a task's signature gives, and that the node's check agrees with the plugin's own.

#include "task/schema.hpp"

#include <map>

#include "sdk/support.hpp"

BOOST_AUTO_TEST_SUITE(schema)

namespace {

using flowrra::test::Bench;

enum class Fit { inside, cover };
FLOWRRA_ENUM(Fit, inside, cover);

struct Args {
  std::string path;
  std::uint8_t width = 255;
  std::optional<int> quality;
  std::vector<double> stops;
  Fit fit = Fit::cover;
  bool upscale = false;
  std::int16_t offset = 0;
};
FLOWRRA_FIELDS(Args, path, width, quality, stops, fit, upscale, offset);
FLOWRRA_OPTIONAL(Args, offset);

struct Tree {
  std::string name;
  std::vector<Tree> children;
};
FLOWRRA_FIELDS(Tree, name, children);

}  // namespace

BOOST_AUTO_TEST_CASE(a_struct_gives_its_fields_defaults_and_what_is_required) {
  Bench bench;
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "type": "object",
    "properties": {
      "path": {"type": "string"},
      "width": {"type": "integer", "minimum": 0, "maximum": 255, "default": 255},
      "quality": {"type": ["integer", "null"], "minimum": -2147483648, "maximum": 2147483647},
      "stops": {"type": "array", "items": {"type": "number"}},
      "fit": {"type": "string", "enum": ["inside", "cover"], "default": "cover"},
      "upscale": {"type": "boolean"},
      "offset": {"type": "integer", "minimum": -32768, "maximum": 32767, "default": 0}
    },
    "required": ["path", "upscale"],
    "additionalProperties": false
  })");
  const std::string schema = bench.schema([](const Args&) {});
  BOOST_TEST(nlohmann::json::parse(schema) == expected);
  BOOST_TEST(schema.find("\"path\"") < schema.find("\"width\""));  // the author's order
}

BOOST_AUTO_TEST_CASE(parameters_are_required_unless_optional) {
  Bench bench;
  const auto task = [](flowrra::CpuContext&, const std::string&, const std::map<std::string, bool>&,
                       const std::pair<int, std::string>&, const nlohmann::json&, std::optional<Fit>) {};
  const nlohmann::json expected = nlohmann::json::parse(R"({
    "type": "object",
    "properties": {
      "a": {"type": "string"},
      "b": {"type": "object", "additionalProperties": {"type": "boolean"}},
      "c": {"type": "array", "minItems": 2, "maxItems": 2, "prefixItems":
            [{"type": "integer", "minimum": -2147483648, "maximum": 2147483647}, {"type": "string"}]},
      "d": {},
      "e": {"anyOf": [{"type": "string", "enum": ["inside", "cover"]}, {"type": "null"}]}
    },
    "required": ["a", "b", "c", "d"],
    "additionalProperties": false
  })");
  BOOST_TEST(nlohmann::json::parse(bench.schema(task, {.args = {"a", "b", "c", "d", "e"}})) == expected);
}

BOOST_AUTO_TEST_CASE(a_task_without_arguments_takes_none) {
  Bench bench;
  BOOST_TEST(bench.schema([] {}) == R"({"type":"object","properties":{},"required":[],"additionalProperties":false})");
}

BOOST_AUTO_TEST_CASE(a_struct_that_holds_itself_is_described_once) {
  Bench bench;
  const auto schema = nlohmann::json::parse(bench.schema([](const Tree&) {}));
  BOOST_TEST(schema["properties"]["children"]["items"] == nlohmann::json::object());
}

BOOST_AUTO_TEST_CASE(the_node_accepts_what_the_task_accepts) {
  const std::vector<std::string> good = {
      R"({"path":"p","upscale":true})",
      R"({"path":"p","upscale":true,"width":0,"quality":null,"stops":[1,2.5],"fit":"inside","offset":-5})",
      R"(["p",1,null,[],"cover",false])",
  };
  const std::vector<std::string> bad = {
      R"({})",
      R"({"path":"p","upscale":1})",
      R"({"path":"p","upscale":true,"width":256})",
      R"({"path":"p","upscale":true,"width":1.5})",
      R"({"path":"p","upscale":true,"fit":"stretch"})",
      R"({"path":"p","upscale":true,"stops":["x"]})",
      R"({"path":"p","upscale":true,"more":1})",
  };
  Bench bench;
  bench.plugin.cpu("task", [](const Args&) {});
  const flowrra_task& task = bench.task("task");
  const std::vector<std::string> names(task.arguments, task.arguments + task.argument_count);
  for (const std::string& args : good) {
    BOOST_TEST(bool(flowrra::check_args(task.schema, names, args)), args);
    BOOST_TEST(bench.host.start(task, args).succeeded, args);
  }
  for (const std::string& args : bad) {
    BOOST_TEST(!flowrra::check_args(task.schema, names, args), args);
    BOOST_TEST(bench.host.start(task, args).failure == FLOWRRA_FAIL_PERMANENT, args);
  }
}

BOOST_AUTO_TEST_SUITE_END()
