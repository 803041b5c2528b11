#include "library/json_arguments.hpp"

#include <flowrra/library/errors.hpp>

namespace flowrra::library {
namespace {

[[noreturn]] void refuse(const TaskSpec& spec, const std::string& what) {
  throw ArgumentsError("invalid", "task " + spec.name + ": " + what);
}

std::string dump(const TaskSpec& spec, const Json& json) {
  try {
    return json.dump();
  } catch (const Json::exception& e) {
    refuse(spec, std::string("the arguments cannot be written as JSON: ") + e.what());
  }
}

}  // namespace

std::string join_arguments(const TaskSpec& spec, const Json& args, const Json& kwargs) {
  if (!kwargs.is_null() && !kwargs.is_object()) refuse(spec, "kwargs must be a JSON object");
  if (kwargs.empty() && args.is_object()) return dump(spec, args);
  if (!args.is_null() && !args.is_array()) refuse(spec, "args must be a JSON array");
  if (kwargs.empty()) return args.is_null() ? "[]" : dump(spec, args);
  if (args.size() > spec.arguments.size()) {
    refuse(spec, "takes " + std::to_string(spec.arguments.size()) + " arguments, not " + std::to_string(args.size()));
  }
  Json joined = kwargs;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto [place, added] = joined.emplace(spec.arguments[i], args[i]);
    if (!added) refuse(spec, "argument " + spec.arguments[i] + " is given by position and by name");
  }
  return dump(spec, joined);
}

}  // namespace flowrra::library
