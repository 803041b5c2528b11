// Command-line words as arguments: what is accepted is JSON within bounds that fits the schema, and handed back as one
// word it means the same. The first byte chooses the task, the words are separated by zero bytes.

#include "app/arguments.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "fuzz/oracle.hpp"
#include "task/schema.hpp"

namespace {

using namespace flowrra;
using nlohmann::json;

const std::array<TaskSpec, 4>& tasks() {
  static const auto made = [] {
    std::array<TaskSpec, 4> out;
    out[0].name = "any";
    out[1].name = "numbers";
    out[1].schema = R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"number"},
      "c":{"type":["boolean","null"]}},"required":["a"],"additionalProperties":false})";
    out[1].arguments = {"a", "b", "c"};
    out[2].name = "nested";
    out[2].schema = R"({"type":"object","properties":{"sizes":{"type":"array","items":{"type":"object","properties":
      {"width":{"type":"integer","minimum":1}},"required":["width"]}},"mode":{"enum":["fast","good",1]},
      "wait":{"type":["number","string"],"format":"flowrra-duration"}},"required":["sizes"]})";
    out[2].arguments = {"sizes", "mode", "wait"};
    out[3].name = "text";
    out[3].schema = R"({"type":"object","properties":{"path":{"type":"string"},"note":{"type":["string","null"]}},
      "required":["path"],"additionalProperties":false})";
    out[3].arguments = {"path", "note"};
    return out;
  }();
  return made;
}

// False for words that mean files.
bool split(std::string_view text, std::vector<std::string>& words) {
  for (;;) {
    const std::size_t end = text.find('\0');
    words.emplace_back(text.substr(0, end));
    if (words.back() == "-" || words.back().starts_with('@')) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> words;
  if (size < 2 || !split(fuzz::text_of(data + 1, size - 1), words)) return 0;
  const TaskSpec& task = tasks()[data[0] % tasks().size()];
  const auto args = words_to_args(task, words);
  const auto loose = words_to_args(words);
  if (loose)
    fuzz::require(check_json(*loose, kMaxArgsBytes, "arguments").ok(), "loose arguments are JSON within bounds");
  if (!args) {
    fuzz::require(!args.error().message.empty(), "a refusal says why");
    return 0;
  }
  fuzz::require(check_args(task.schema, task.arguments, *args).ok(), "accepted arguments fit the schema");
  if (task.arguments.empty() || task.name == "text") return 0;
  const auto again = words_to_args(task, {*args});
  fuzz::require(again.ok(), "what was made of words is accepted as one word");
  fuzz::require(json::parse(*again) == json::parse(*args), "and means the same");
  return 0;
}
