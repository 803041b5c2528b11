#pragma once

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/workplace.hpp"

// What commands tell as JSON.
namespace flowrra::test {

inline nlohmann::json look(const Workplace& workplace, std::vector<std::string> words) {
  words.insert(words.end(), {"-o", "json"});
  const Outcome outcome = workplace.flowrra(std::move(words));
  auto found = nlohmann::json::parse(outcome.out, nullptr, false);
  if (found.is_discarded()) throw std::runtime_error("no JSON: " + outcome.out + outcome.err);
  return found;
}

// Looks until it is as wanted.
inline nlohmann::json look_until(const Workplace& workplace, const std::vector<std::string>& words,
                                 const std::function<bool(const nlohmann::json&)>& wanted) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  for (;;) {
    nlohmann::json found = look(workplace, words);
    if (wanted(found)) return found;
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("never came: " + found.dump());
  }
}

// Waits for the state of a task.
inline void wait_for_state(const Workplace& workplace, const std::string& id, const std::string& state) {
  look_until(workplace, {"ps", "--all"}, [&](const nlohmann::json& tasks) {
    for (const auto& task : tasks) {
      if (task["id"] == id) return task["state"] == state;
    }
    return false;
  });
}

}  // namespace flowrra::test
