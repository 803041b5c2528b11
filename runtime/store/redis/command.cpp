#include "store/redis/command.hpp"

#include <charconv>
#include <cstring>

namespace flowrra::redis {
namespace {

constexpr std::size_t kMostPerWord = 26;  // "$", 20 digits, twice "\r\n", and one to spare

char* put_number(char* at, char mark, std::size_t value) {
  *at++ = mark;
  at = std::to_chars(at, at + 20, value).ptr;
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

char* put_words(char* at, std::span<const std::string_view> words) {
  for (const std::string_view word : words) {
    at = put_number(at, '$', word.size());
    if (!word.empty()) std::memcpy(at, word.data(), word.size());
    at += word.size();
    *at++ = '\r';
    *at++ = '\n';
  }
  return at;
}

}  // namespace

void append_command(std::string& out, std::span<const std::string_view> head, std::span<const std::string_view> rest) {
  const std::size_t before = out.size();
  std::size_t most = before + kMostPerWord * (1 + head.size() + rest.size());
  for (const std::string_view word : head) most += word.size();
  for (const std::string_view word : rest) most += word.size();
  out.resize(most);
  char* at = put_number(out.data() + before, '*', head.size() + rest.size());
  at = put_words(put_words(at, head), rest);
  out.resize(static_cast<std::size_t>(at - out.data()));
}

}  // namespace flowrra::redis
