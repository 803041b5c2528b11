#include "task/schema.hpp"

#include <nlohmann/json.hpp>

#include "task/json_depth.hpp"
#include "task/plain_json.hpp"
#include "task/schema_check.hpp"

namespace flowrra {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSchemaBytes = std::size_t{1024} * 1024;
constexpr int kMaxSchemaDepth = 4 * kMaxDepth;  // a level of arguments takes several levels of schema

// Follows a text without keeping anything of it.
class DepthMeter final : public nlohmann::json_sax<json> {
 public:
  explicit DepthMeter(int limit) : limit_(limit) {}
  [[nodiscard]] bool too_deep() const { return depth_ > limit_; }
  [[nodiscard]] std::size_t error_at() const { return error_at_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= limit_; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return --depth_ >= 0; }
  bool start_array(std::size_t) override { return ++depth_ <= limit_; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    error_at_ = position;
    return false;
  }

 private:
  int limit_;
  int depth_ = 0;
  std::size_t error_at_ = 0;
};

Status check_form(std::string_view text, std::size_t max_bytes, int max_depth, std::string_view what) {
  if (text.size() > max_bytes) {
    return Error{
        Code::too_large,
        std::string(what) + " of " + std::to_string(text.size()) + " bytes, the limit is " + std::to_string(max_bytes),
        "Pass large data by a path or a URL."};
  }
  if (plainly_json(text, max_depth)) return {};
  DepthMeter meter(max_depth);
  if (json::sax_parse(text, &meter)) return {};
  if (meter.too_deep()) {
    return Error{
        Code::too_large, std::string(what) + " nested deeper than " + std::to_string(max_depth) + " levels", {}};
  }
  return Error{Code::invalid,
               std::string(what) + ": not well-formed UTF-8 JSON (at byte " + std::to_string(meter.error_at()) + ")",
               {}};
}

// Arguments given by position, as the object that they mean.
Result<json> by_name(const std::vector<std::string>& arguments, json&& list) {
  if (list.size() > arguments.size()) {
    return Error{Code::invalid,
                 std::to_string(list.size()) + " arguments given, the task takes " +
                     (arguments.empty() ? "none by position" : "at most " + std::to_string(arguments.size())),
                 {}};
  }
  json object = json::object();
  for (std::size_t i = 0; i < list.size(); ++i) object[arguments[i]] = std::move(list[i]);
  return object;
}

}  // namespace

Status check_json(std::string_view json, std::size_t max_bytes, std::string_view what) {
  return check_form(json, max_bytes, kMaxDepth, what);
}

bool same_args(std::string_view one, std::string_view other, const std::vector<std::string>& arguments) {
  const auto read = [&arguments](std::string_view text) {
    json args = check_json(text, kMaxArgsBytes, "arguments") ? json::parse(text, nullptr, false) : json();
    auto named = args.is_array() ? by_name(arguments, json(args)) : Result<json>(args);
    return named ? *std::move(named) : args;
  };
  const json first = read(one);
  return !first.is_null() && first == read(other);
}

struct ArgsCheck::State {
  std::vector<std::string> arguments;
  Status readable;  // whether the schema is
  json schema;      // null: anything goes
};

ArgsCheck::ArgsCheck(std::string_view schema, std::vector<std::string> arguments)
    : state_(std::make_unique<State>(State{std::move(arguments), {}, {}})) {
  if (schema.empty()) return;
  state_->readable = check_form(schema, kMaxSchemaBytes, kMaxSchemaDepth, "the task's schema");
  if (state_->readable) state_->schema = json::parse(schema);
}

ArgsCheck::ArgsCheck(ArgsCheck&&) noexcept = default;
ArgsCheck& ArgsCheck::operator=(ArgsCheck&&) noexcept = default;
ArgsCheck::~ArgsCheck() = default;

Status ArgsCheck::check(std::string_view args) const {
  const bool anything_goes = state_->readable && state_->schema.is_null();
  const bool structured = args.starts_with('{') || args.starts_with('[');
  if (anything_goes && structured && args.size() <= kMaxArgsBytes && plainly_json(args, kMaxDepth)) return {};
  json given = args.size() > kMaxArgsBytes ? json(json::value_t::discarded) : json::parse(args, nullptr, false);
  if (given.is_discarded() || deeper_than(kMaxDepth, given)) return check_json(args, kMaxArgsBytes, "arguments");
  if (!given.is_object() && !given.is_array()) {
    return Error{Code::invalid, "arguments must be an object or a list, given " + shown(given), {}};
  }
  if (!state_->readable) return state_->readable;
  if (state_->schema.is_null()) return {};
  if (given.is_array()) {
    auto object = by_name(state_->arguments, std::move(given));
    if (!object) return object.error();
    given = std::move(*object);
  }
  if (auto error = SchemaCheck::value(state_->schema, given, {})) return *error;
  return {};
}

Status check_args(std::string_view schema, const std::vector<std::string>& arguments, std::string_view args) {
  return ArgsCheck(schema, arguments).check(args);
}

}  // namespace flowrra
