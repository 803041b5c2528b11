#include "task/submission.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.hpp"
#include "base/utf8.hpp"

namespace flowrra {
namespace {

Status check_names(const NewTask& task) {
  const std::array<std::pair<const char*, const std::string*>, 3> names{
      {{"task name", &task.name}, {"queue", &task.queue}, {"id", &task.id}}};
  for (const auto& [what, name] : names) {
    if (valid_name(*name) || (name == &task.id && name->empty())) continue;
    return Error{Code::invalid,
                 std::string("the ") + what + " '" + log::escaped(name->substr(0, 200)) + "' cannot be used",
                 "Use 1 to 128 letters, digits, '.', '_' or '-'."};
  }
  return {};
}

Status check_times(const NewTask& task) {
  const std::array<std::pair<const char*, const std::optional<Micros>*>, 4> times{
      {{"delay", &task.delay},
       {"expiry", &task.expires},
       {"timeout", &task.options.timeout},
       {"retry delay", &task.options.retry_delay}}};
  for (const auto& [what, time] : times) {
    if (*time && **time < Micros(0)) return Error{Code::invalid, std::string("the ") + what + " is negative", {}};
  }
  const int retries = task.options.max_retries.value_or(0);
  if (retries >= 0 && retries <= kMostRetries) return {};
  return Error{Code::invalid, "max_retries must be from 0 to " + std::to_string(kMostRetries), {}};
}

Status check_tags(const NewTask& task) {
  if (task.tags.size() > kMostTags) {
    return Error{Code::too_large, "a task has at most " + std::to_string(kMostTags) + " tags", {}};
  }
  const auto fits = [](const std::string& tag) { return !tag.empty() && tag.size() <= kLongestTag && valid_utf8(tag); };
  const auto odd = std::ranges::find_if_not(task.tags, fits);
  if (odd == task.tags.end()) return {};
  return Error{Code::invalid, "the tag '" + log::escaped(odd->substr(0, 200)) + "' cannot be used",
               "A tag is 1 to " + std::to_string(kLongestTag) + " bytes of UTF-8."};
}

}  // namespace

Status check_submission(const NewTask& task) {
  if (auto fits = check_names(task); !fits) return fits;
  if (auto fits = check_times(task); !fits) return fits;
  return check_tags(task);
}

}  // namespace flowrra
