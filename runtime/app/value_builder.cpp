#include <nlohmann/json.hpp>

#include "app/schema_view.hpp"
#include "app/typed_text.hpp"
#include "base/log.hpp"
#include "task/schema.hpp"

namespace flowrra {

using nlohmann::json;

namespace {

// yaml-cpp takes a list without its end for a key.
constexpr const char* kNoKey = "a key must be text, or a bracket is missing";

}  // namespace

struct ValueBuilder::Frame {
  json value;
  const json* schema;
  std::string key;
  bool has_key = false;
};

ValueBuilder::ValueBuilder(const json& schema, json& out) : schema_(schema), out_(out) {}
ValueBuilder::~ValueBuilder() = default;

bool ValueBuilder::refuse(Code code, std::string message, std::string hint) {
  if (status_) status_ = Error{code, std::move(message), std::move(hint)};
  return false;
}

bool ValueBuilder::expects_key() const {
  return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().has_key;
}

const json& ValueBuilder::schema_here() const {
  if (frames_.empty()) return schema_;
  const Frame& frame = frames_.back();
  return frame.value.is_object() ? member_schema(*frame.schema, frame.key)
                                 : item_schema(*frame.schema, frame.value.size());
}

bool ValueBuilder::put(json&& value) {
  if (frames_.empty()) {
    out_ = std::move(value);
    return true;
  }
  Frame& frame = frames_.back();
  if (frame.value.is_object()) {
    frame.value[frame.key] = std::move(value);
    frame.has_key = false;
  } else {
    frame.value.push_back(std::move(value));
  }
  return true;
}

bool ValueBuilder::open_object() {
  if (expects_key()) return refuse(Code::invalid, kNoKey);
  if (frames_.size() >= kMaxDepth) {
    return refuse(Code::too_large, "arguments nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  frames_.push_back({json::object(), &schema_here(), {}, false});
  return true;
}

bool ValueBuilder::open_list() {
  if (!open_object()) return false;
  frames_.back().value = json::array();
  return true;
}

bool ValueBuilder::close() {
  json value = std::move(frames_.back().value);
  frames_.pop_back();
  return put(std::move(value));
}

bool ValueBuilder::key(const std::string& text) {
  Frame& frame = frames_.back();
  if (frame.value.contains(text)) {
    return refuse(Code::invalid, "the key '" + log::escaped(text.substr(0, 60)) + "' is given twice");
  }
  frame.key = text;
  frame.has_key = true;
  return true;
}

bool ValueBuilder::plain(const std::string& text) {
  if (expects_key()) return key(text);
  json value;
  if (auto read = plain_value(text, schema_here(), value); !read) {
    status_ = read;
    return false;
  }
  return put(std::move(value));
}

bool ValueBuilder::text(const std::string& text) { return expects_key() ? key(text) : put(json(text)); }

bool ValueBuilder::null() { return expects_key() ? refuse(Code::invalid, kNoKey) : put(json(nullptr)); }

}  // namespace flowrra
