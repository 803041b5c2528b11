#include "usage.hpp"

#include <algorithm>

namespace flowrra::cli {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + separator.size()) {
    end = text.find(separator, begin);
    out.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return out;
}

bool literal(const std::string& name) { return !name.empty() && name[0] >= 'a' && name[0] <= 'z'; }

// One place of a usage: "[QUEUE...]", "ls|pause".
struct Place {
  std::vector<std::string> choices;
  bool repeated = false;
};

Place read_place(std::string token) {
  std::erase_if(token, [](char c) { return c == '[' || c == ']'; });
  Place place;
  if (token.ends_with("...")) {
    place.repeated = true;
    token.resize(token.size() - 3);
  }
  place.choices = split(token, "|");
  return place;
}

bool fits(const Place& place, const std::string& word) {
  return std::ranges::any_of(place.choices,
                             [&](const std::string& choice) { return !literal(choice) || choice == word; });
}

// What may follow by one of a usage's forms; nothing when the words are not of this form.
std::vector<std::string> next_in_form(const std::string& form, const std::vector<std::string>& words) {
  const auto tokens = split(form, " ");
  std::size_t at = 0;
  for (const std::string& word : words) {
    if (at == tokens.size()) return {};
    const Place place = read_place(tokens[at]);
    if (!fits(place, word)) return {};
    if (!place.repeated) ++at;
  }
  return at == tokens.size() ? std::vector<std::string>{} : read_place(tokens[at]).choices;
}

}  // namespace

std::vector<std::string> next_in_usage(const std::string& usage, const std::vector<std::string>& words) {
  std::vector<std::string> out;
  for (const std::string& form : split(usage, " | ")) {
    for (std::string& choice : next_in_form(form, words)) {
      if (std::ranges::find(out, choice) == out.end()) out.push_back(std::move(choice));
    }
  }
  return out;
}

}  // namespace flowrra::cli
